"""``jaxprune extract hf:FOLDER``: texts through a language model."""

from __future__ import annotations

import argparse

from ...report import screen
from .. import options

# Before the name of a folder of transformers.
PREFIX = "hf:"


def extract_texts_to_file(args: argparse.Namespace) -> int:
    """Write hidden states or modules of a language model, and say what is there."""
    from jaxprune_ports.modules.texts import extract_texts, open_text_model

    from ...io import read_lines

    images = [name for name in options.NETWORK if name != "layers"]
    if stray := options.given(args, [*images, "moments", "whole"]):
        raise ValueError(
            f"{stray[0]} was given with {args.network}, which reads texts and has its "
            "own weights; leave it out"
        )
    if args.texts is None:
        raise ValueError("texts: none given; expected --texts FILE, one text a line")
    if args.layers is None:
        raise ValueError(
            "layers: none given; expected --layers all (the hidden states), or names "
            "and patterns such as block.*"
        )
    texts = read_lines(args.texts, "texts")
    layers = [name.strip() for name in args.layers.split(",") if name.strip()]
    source = open_text_model(args.network.removeprefix(PREFIX))
    shapes = extract_texts(
        source,
        texts,
        "all" if layers == ["all"] else layers,
        args.out,
        token=args.token,
        batch_size=args.batch_size,
        progress=options.progress(args),
    )
    if not args.quiet:
        rows = [["layer", "units"]]
        rows += [[layer, f"{shape[1]:,}"] for layer, shape in shapes.items()]
        facts = [
            screen.fact("network", screen.shortened(args.network)),
            screen.fact("texts", screen.source(args.texts, f"{len(texts):,} texts")),
            screen.fact("token", args.token),
        ]
        print("\n".join([*facts, "", screen.table(rows), ""]))
        print(screen.fact("file", args.out))
    return 0

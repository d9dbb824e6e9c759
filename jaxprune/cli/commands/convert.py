"""``jaxprune convert``: a PyTorch checkpoint becomes a folder for JAX."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from typing import Any

from ...report import screen
from .. import network_options, options

ABOUT = """\
Turn a PyTorch checkpoint into a folder that the other commands read without
PyTorch. Every entry of WEIGHTS has to fit the network, and every weight of the
network has to be there; one error lists all that is wrong."""

END = """\
files in DIR:
  weights/        the weights (orbax)
  manifest.json   network, layers, source and its sha256, versions

examples:
  jaxprune convert vgg16 vgg16.pth --out vgg16
  jaxprune convert cornet_z --pretrained --out cornet_z"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "a PyTorch checkpoint becomes a folder for JAX"
    add = options.command(commands, "convert", run, text, ABOUT, END)
    add.add_argument(
        "network", metavar="NETWORK", help="name; `jaxprune networks` lists them"
    )
    add.add_argument(
        "checkpoint",
        metavar="WEIGHTS",
        nargs="?",
        help=f"state dict, nested or not: {network_options.WEIGHTS_FILES}",
    )
    options.add_out(add, "folder for the network")
    add.add_argument(
        "--pretrained",
        action="store_true",
        help="download the official checkpoint in place of WEIGHTS",
    )
    add.add_argument(
        "--partial",
        action="store_true",
        help="allow missing weights, of a trunk without classifier for example; only "
        "the layers that the rest can feed remain",
    )
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Convert a checkpoint, save it, and say what it was."""
    import jaxprune_ports as jpp
    from jaxprune_ports.weights.checkpoints import checked
    from jaxprune_ports.weights.download import download

    from ...io.folders import results_folder

    if (args.checkpoint is None) != args.pretrained:
        given = "neither" if args.checkpoint is None else "both"
        raise ValueError(
            f"weights: {given} of WEIGHTS and --pretrained given; expected a file, as "
            f"in `jaxprune convert {args.network} FILE --out DIR`, or --pretrained"
        )
    source = nullcontext(args.checkpoint)
    if args.pretrained:
        source = download(args.network, options.progress(args))
    checked(args.out)
    with results_folder(args.out, ()), source as path:
        net = jpp.from_torch(args.network, path, partial=args.partial)
        jpp.save(net, args.out)
    if not args.quiet:
        print("\n".join(_summary(net)))
        print(screen.files_line(args.out, ["manifest.json", "weights/"], False))
    return 0


def _summary(net: Any) -> list[str]:
    lines = [
        screen.fact("network", net.name),
        screen.fact("source", screen.shortened(net.source.file)),
        screen.fact("sha256", net.source.sha256),
        screen.wrapped("layers", " ".join(net.layers)),
    ]
    if net.missing:
        lines.append(screen.wrapped("missing", " ".join(net.missing)))
    return lines

"""What is extracted from a network of PyTorch: the options, checked."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from .. import network_options, options
from ._request import Request
from ._steps import steps_of


def prepare_torch(args: argparse.Namespace, network: str) -> Request:
    """Open the network, and what it is shown; one pass says what its layers put out.

    Raises
    ------
    ValueError, FileNotFoundError, ImportError
        If an option is missing or has no effect, or what it names cannot be used.
    """
    import jaxprune_ports as jpp
    from jaxprune_ports.modules.language import LanguageModel

    kind, texts = network.partition(":")[0], args.texts is not None
    for name, why in _without_effect(kind, texts).items():
        if stray := options.given(args, [name]):
            raise ValueError(
                f"{stray[0]} was given with {network}, which {why}; leave it out"
            )
    if not texts and args.images is None:
        raise ValueError(
            "texts: none given; expected --texts FILE, one text a line, or --images "
            "of a network of images"
            if kind == "hf"
            else "images: none given; expected --images with a folder, or a .npz, "
            ".npy or .h5 file"
        )
    if not (args.layers or "").strip(", "):
        raise ValueError(
            "layers: none given; expected names and patterns such as 'blocks.*', which "
            f"`jaxprune networks {network}` lists, or --layers all"
        )
    chosen = kind in ("torchvision", "timm")
    net = jpp.open_network(
        network,
        args.weights,
        seed=network_options.seed_of(args) if chosen else args.seed,
        token=args.token,
        device=args.torch_device,
        dtype=args.torch_dtype,
        texts=texts,
    )
    if texts != isinstance(net, LanguageModel):
        given, reads, wanted = (
            "--texts",
            "images",
            "--images with a folder, or a file",
        )
        if not texts:
            given, reads, wanted = "--images", "texts", "--texts FILE, one text a line"
        raise ValueError(
            f"{given} was given with {network}, which reads {reads}; expected {wanted}"
        )
    if texts:
        steps, images = net.preprocessing, net.open(args.texts)
    else:
        steps, images = (
            steps_of(args, net),
            jpp.open_images(args.images, args.images_key),
        )
    conditions = jpp.conditions_of(images, args.conditions)
    names = [name.strip() for name in args.layers.split(",") if name.strip()]
    first = _first(images, steps)
    return Request(net, images, conditions, _layers(net, names, first, args), steps)


def _without_effect(kind: str, texts: bool) -> dict[str, str]:
    """Options that a network does not take, and why."""
    reasons = {"partial": "needs all of its weights"}
    if kind == "hf":
        own = ("weights", "untrained", "seed")
        reasons |= dict.fromkeys(own, "has its own weights")
    if kind == "module":
        reasons["untrained"] = "has the weights of its function, or those of --weights"
    if texts:
        of_images = ("images", "images_key", "on_error", *network_options.PREPROCESSING)
        reasons |= dict.fromkeys(of_images, "reads texts")
    return reasons


def _first(images: Any, steps: Any) -> np.ndarray:
    """First image that can be read, preprocessed; or the first text."""
    from jaxprune_ports.images.images import UnreadableImage

    if images.kind == "text":
        return np.stack([images.read(0)])
    for i in range(len(images) - 1):
        with suppress(UnreadableImage):
            return steps([images.read(i)])
    return steps([images.read(len(images) - 1)])


def _layers(
    net: Any, names: Sequence[str], first: np.ndarray, args: argparse.Namespace
) -> tuple[str, ...]:
    """Names of everything that the layers asked for put out."""
    everything = names == ["all"] and not net.states
    found = names if everything else net.find("all" if names == ["all"] else names)
    taps = net.taps(first)
    if everything:
        found = list(taps)
    with net.reading(found, args.relu, 1) as read:
        layers = tuple(read(first))
    if args.token and not any(len(taps[layer]) == 2 for layer in layers):
        raise ValueError(
            f"--token {args.token} was given, and no layer asked for has tokens; leave "
            "it out"
        )
    return layers

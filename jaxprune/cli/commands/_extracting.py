"""From the options of `extract` and `prune --network` to what is extracted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from ...base.paths import expanded
from .. import network_options, options
from ._request import Request
from ._steps import steps_of
from ._torch import prepare_torch


def prepare(args: argparse.Namespace, network: str) -> Request:
    """Read what the options of `network_options.add_network` name, and check it.

    Parameters
    ----------
    args : Namespace
    network : str

    Raises
    ------
    ValueError, FileNotFoundError
        If an option is missing, or what it names cannot be used.
    """
    import jaxprune_ports as jpp
    from jaxprune_ports.networks.registry import find

    if ":" in network:
        return prepare_torch(args, network)
    spec = find(network)
    if stray := options.given(args, network_options.TORCH):
        raise ValueError(
            f"{stray[0]} was given with {network}, which is no network of PyTorch; "
            "leave it out, or name one: torchvision:NAME, timm:NAME, hf:FOLDER"
        )
    if args.images is None:
        raise ValueError(
            "images: none given; expected --images with a folder, or a .npz, .npy or "
            ".h5 file"
        )
    steps = steps_of(args, spec)
    images = jpp.open_images(args.images, args.images_key)
    conditions = jpp.conditions_of(images, args.conditions)
    net, layers = network_of(args, network)
    return Request(net, images, conditions, layers, steps)


def network_of(args: argparse.Namespace, name: str) -> tuple[Any, tuple[str, ...]]:
    """Network with the weights asked for, and the names of the layers."""
    net = _network(args, name)
    return net, net.find(_names(args.layers, net.layers))


def _names(given: str | None, known: Sequence[str]) -> str | list[str]:
    """Names of layers, those of patterns included, each once."""
    from jaxprune_ports.modules.hooks import find_layers

    if not (given or "").strip(", "):
        raise ValueError(
            f"layers: none given; expected --layers all, or some of {','.join(known)}"
        )
    if given == "all":
        return given
    names: list[str] = []
    for name in filter(None, map(str.strip, (given or "").split(","))):
        # Brackets are in names of ours.
        pattern = "*" in name or "?" in name
        names += find_layers(known, [name]) if pattern else [name]
    return list(dict.fromkeys(names))


def _network(args: argparse.Namespace, name: str) -> Any:
    """Network with the weights asked for."""
    import jaxprune_ports as jpp

    if (seed := network_options.seed_of(args)) is not None:
        return jpp.create(name, seed)
    path = expanded(args.weights)
    if not path.exists():
        raise FileNotFoundError(
            f"weights: {path} does not exist; expected a folder that `jaxprune "
            f"convert` wrote, or a {network_options.WEIGHTS_FILES} file"
        )
    if not path.is_dir():
        return jpp.from_torch(name, args.weights, partial=args.partial)
    net = jpp.load(args.weights)
    if net.name != name:
        raise ValueError(
            f"weights: {args.weights} holds {net.name}, expected {name}; give the "
            f"folder of {name}, or name the network {net.name}"
        )
    return net

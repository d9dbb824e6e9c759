"""What `extract` and `prune --network` share: weights, images, conditions, layers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...base.paths import expanded
from ...report import screen
from .. import options
from ._steps import described, steps_of


@dataclass(frozen=True)
class Request:
    """What is extracted from what, checked, before anything is computed.

    Attributes
    ----------
    net : jaxprune_ports.Network
    images : jaxprune_ports.Images
    conditions : jaxprune_ports.Conditions
    layers : tuple of str
    steps : jaxprune_ports.Preprocessing
    """

    net: Any
    images: Any
    conditions: Any
    layers: tuple[str, ...]
    steps: Any

    def extract(self, args: argparse.Namespace, **further: Any) -> Any:
        """Show the images to the network."""
        import jaxprune_ports as jpp

        return jpp.extract(
            self.net,
            self.images,
            self.conditions,
            self.layers,
            preprocessing=self.steps,
            relu=args.relu,
            on_error=args.on_error or "stop",
            progress=options.progress(args),
            **further,
        )

    def facts(self, extraction: Any) -> list[str]:
        """Return lines about network, images and preprocessing."""
        lines = [
            screen.fact("network", f"{self.net.name}, {_weights_said(self.net)}"),
            screen.fact("images", self._images_said(extraction)),
            screen.wrapped("preprocessing", described(self.steps)),
        ]
        if extraction.relu:
            lines.append(screen.fact("relu", "applied where one follows a layer"))
        return lines

    def conditions_said(self, count: np.ndarray) -> str:
        """Say how many conditions there are, where they are from, and of how many."""
        low, high = int(np.min(count)), int(np.max(count))
        each = f"{low}" if low == high else f"{low} to {high}"
        images = "image" if high == 1 else "images"
        return f"{len(count):,} ({self.conditions.origin}), {each} {images} each"

    def _images_said(self, extraction: Any) -> str:
        source = f"{len(self.images):,} images"
        if skipped := len(extraction.skipped):
            source += f", {skipped:,} skipped"
        if others := len(self.images.left_out):
            source += f", {others:,} other file{'s' * (others > 1)} left out"
        if extraction.resumed:
            source += f", {extraction.resumed:,} done before"
        return screen.source(self.images.source, source)

    def inputs(self, extraction: Any) -> dict[str, Any]:
        """Return the same for ``summary.json``."""
        source = self.net.source
        return {
            "network": self.net.name,
            "weights": str(source),
            "weights_sha256": source.sha256,
            "images": self.images.source,
            "n_images": len(self.images),
            "skipped": [name for name, _ in extraction.skipped],
            "left_out": list(self.images.left_out),
            "conditions": self.conditions.origin,
            "images_per_condition": extraction.count,
            "preprocessing": described(self.steps),
            "relu": extraction.relu,
        }


def prepare(args: argparse.Namespace, network: str) -> Request:
    """Read what the options of `options.add_network` name, and check it.

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

    spec = find(network)
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
    """Names of layers, each once."""
    if not (given or "").strip(", "):
        raise ValueError(
            f"layers: none given; expected --layers all, or some of {','.join(known)}"
        )
    if given == "all":
        return given
    names = (name.strip() for name in (given or "").split(","))
    return list(dict.fromkeys(filter(None, names)))


def _network(args: argparse.Namespace, name: str) -> Any:
    """Network with the weights asked for."""
    import jaxprune_ports as jpp

    if (args.weights is None) != args.untrained:
        found = "neither" if args.weights is None else "both"
        raise ValueError(
            f"weights: {found} of --weights and --untrained given; expected --weights "
            "PATH, or --untrained for random ones"
        )
    if args.untrained:
        return jpp.create(name, args.seed or 0)
    if args.seed is not None:
        raise ValueError(
            "--seed was given with --weights; it is of random weights: leave it out, "
            "or give --untrained"
        )
    path = expanded(args.weights)
    if not path.exists():
        raise FileNotFoundError(
            f"weights: {path} does not exist; expected a folder that `jaxprune "
            f"convert` wrote, or a {options.WEIGHTS_FILES} file"
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


def _weights_said(net: Any) -> str:
    """Name the weights, and begin their hash."""
    sha256 = net.source.sha256
    return f"{net.source}" + (f", sha256 {sha256[:12]}..." if sha256 else "")

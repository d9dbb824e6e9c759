"""What is extracted from what, which `extract` and `prune --network` share."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...report import screen
from .. import options
from ._steps import described


@dataclass(frozen=True)
class Request:
    """What is extracted from what, checked, before anything is computed.

    Attributes
    ----------
    net : jaxprune_ports.Network or TorchNetwork
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
            screen.fact("computed", self.net.computed),
            screen.fact(f"{self.images.kind}s", self._images_said(extraction)),
            screen.wrapped("preprocessing", self._prepared()),
        ]
        if self.net.token is not None:
            lines.append(screen.fact("token", self.net.token))
        if extraction.relu:
            lines.append(screen.fact("relu", "applied where one follows a layer"))
        return lines

    def conditions_said(self, count: np.ndarray) -> str:
        """Say how many conditions there are, where they are from, and of how many."""
        low, high = int(np.min(count)), int(np.max(count))
        each = f"{low}" if low == high else f"{low} to {high}"
        images = self.images.kind + "s" * (high > 1)
        return f"{len(count):,} ({self.conditions.origin}), {each} {images} each"

    def _prepared(self) -> str:
        if self.images.kind == "image":
            return described(self.steps)
        return f"{self.steps.tokenizer}, at most {self.steps.longest:,} tokens"

    def _images_said(self, extraction: Any) -> str:
        source = f"{len(self.images):,} {self.images.kind}s"
        if skipped := len(extraction.skipped):
            source += f", {skipped:,} skipped"
        if others := len(self.images.left_out):
            source += f", {others:,} other file{'s' * (others > 1)} left out"
        if extraction.resumed:
            source += f", {extraction.resumed:,} done before"
        return screen.source(self.images.source, source)

    def inputs(self, extraction: Any) -> dict[str, Any]:
        """Return the same for ``summary.json``."""
        source, kind = self.net.source, self.images.kind
        return {
            "network": self.net.name,
            "weights": str(source),
            "weights_sha256": source.sha256,
            "computed": self.net.computed,
            "token": self.net.token,
            f"{kind}s": self.images.source,
            f"n_{kind}s": len(self.images),
            "skipped": [name for name, _ in extraction.skipped],
            "left_out": list(self.images.left_out),
            "conditions": self.conditions.origin,
            f"{kind}s_per_condition": extraction.count,
            "preprocessing": self._prepared(),
            "relu": extraction.relu,
        }


def _weights_said(net: Any) -> str:
    """Name the weights, and begin their hash."""
    sha256 = net.source.sha256
    return f"{net.source}" + (f", sha256 {sha256[:12]}..." if sha256 else "")

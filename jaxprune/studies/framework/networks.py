"""What a study looks at: a network with its weights, and the seed of its stimuli."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ...base.paths import expanded


@dataclass(frozen=True)
class WeightedNetwork:
    """One network, with one set of weights, that sees the stimuli of one seed.

    Attributes
    ----------
    network, version : str
    seed : int
        Of the stimuli, and of the weights if these are random.
    folder : Path or None
        Of trained weights.
    weights : str
        Hash of them; empty for random ones, which the seed decides on.
    source : str
        Where they come from, and what they learned, in words.
    """

    network: str
    version: str
    seed: int
    folder: Path | None = None
    weights: str = ""
    source: str = ""

    @classmethod
    def trained(cls, net: Any, version: str, seed: int, path: str) -> Self:
        """One whose weights are in a folder, from which it was loaded."""
        from jaxprune_ports.weights.fingerprint import weights_hash

        hashed = weights_hash(net)
        return cls(net.name, version, seed, expanded(path), hashed, str(net.source))

    def make(self) -> Any:
        """Make or load the network."""
        # Imported late: networks need flax.
        import jaxprune_ports as jpp

        if self.folder is None:
            return jpp.create(self.network, self.seed)
        return jpp.load(self.folder)

    def as_dict(self) -> dict[str, Any]:
        """What ``summary.json`` says of it."""
        return {
            "network": self.network,
            "version": self.version,
            "seed": self.seed,
            "folder": None if self.folder is None else str(self.folder),
            "weights": self.source or None,
            "weights_sha256": self.weights or None,
        }


def at_least_one(
    networks: tuple[str, ...], weights: tuple[str, ...], known: tuple[str, ...]
) -> None:
    """Refuse a study without any network, untrained or from a folder of weights."""
    if not (networks or weights):
        raise ValueError(
            "networks and weights are both empty; expected at least one network, "
            f"of {', '.join(known)}, or the folder of a trained one."
        )

"""What a run does, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..inference.methods import METHODS


@dataclass(frozen=True)
class Options:
    """Settings of a run.

    Attributes
    ----------
    n_permutations : int
        Of the condition labels of the target; the pruning is redone for each.
    n_samples : int
        Bootstrap samples.
    n_folds, repeats : int
        Folds of held-out conditions, and how often they are drawn.
    sessions : int
        RDMs of each subject, one after the other: they are left out together.
    n_random : int
        Random sets of units, for all conditions and for every fold.
    seed : int
    methods : tuple of str
        Of :func:`jaxprune.inference.compare_methods`.
    prune : mapping
        Options of :func:`jaxprune.prune`.

    Raises
    ------
    ValueError
        A number out of range.
    """

    n_permutations: int = 1000
    n_samples: int = 1000
    n_folds: int = 5
    repeats: int = 1
    sessions: int = 1
    n_random: int = 100
    seed: int = 0
    methods: tuple[str, ...] = METHODS
    prune: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        least = {
            "n_permutations": 1,
            "n_samples": 2,
            "n_folds": 2,
            "repeats": 1,
            "sessions": 1,
            "n_random": 1,
            "seed": 0,
        }
        for name, smallest in least.items():
            if getattr(self, name) < smallest:
                raise ValueError(
                    f"{name}={getattr(self, name)}: expected at least {smallest}."
                )

    @property
    def compare(self) -> str:
        """How RDMs are compared."""
        return self.prune.get("compare", "pearson")

    @property
    def objective(self) -> str:
        """Score, or squared score."""
        return self.prune.get("objective", "r")

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name, but for the noise, which may be large."""
        prune = {name: v for name, v in self.prune.items() if name != "noise"}
        return asdict(replace(self, prune=prune))

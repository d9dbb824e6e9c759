"""What a run does, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...base import checks
from ...inference.methods import DEFAULT, FULL, METHODS, PRUNED


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
        Of :func:`jaxprune.inference.compare_methods`; ``"full"`` and ``"pruned"``,
        which the other tests are of, have to be among them.
    prune : mapping
        Options of :func:`jaxprune.prune`.

    Raises
    ------
    ValueError
        A number out of range, or methods without those two.
    """

    n_permutations: int = 1000
    n_samples: int = 1000
    n_folds: int = 5
    repeats: int = 1
    sessions: int = 1
    n_random: int = 100
    seed: int = 0
    methods: tuple[str, ...] = DEFAULT
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
            checks.whole(name, getattr(self, name), smallest)
        for name in self.methods:
            checks.choice("methods", name, METHODS)
        if not {FULL, PRUNED} <= {*self.methods}:
            raise ValueError(
                f"methods={','.join(self.methods)}: expected {FULL} and {PRUNED} among "
                "them, which the other tests are of."
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

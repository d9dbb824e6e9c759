"""What a run does, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...base import checks
from ...inference.methods import DEFAULT, FULL, METHODS, NONNEGATIVE, PRUNED
from .. import framework
from ..framework import option
from ..framework.options import listed


@dataclass(frozen=True)
class Options(framework.Options):
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

    n_permutations: int = option(
        1000, "permutations of the condition labels", least=1, flag="--permutations"
    )
    n_samples: int = option(1000, "bootstrap samples", least=2, flag="--bootstrap")
    n_folds: int = option(5, "folds of held-out conditions", least=2, flag="--folds")
    repeats: int = option(1, "times that folds are drawn", least=1)
    sessions: int = option(1, "RDMs of each subject, one after the other", least=1)
    n_random: int = option(
        100, "random sets of units, for every fold", least=1, flag="--random"
    )
    seed: int = option(0, "of everything drawn at random", least=0)
    methods: tuple[str, ...] = option(
        DEFAULT,
        f"with commas: {','.join(DEFAULT)}, which is the default, and {NONNEGATIVE} "
        "(weights of at least 0; minutes)",
        metavar="NAMES",
        read=listed,
    )
    prune: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
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
        """Return the settings by name, but for noise and groups, which may be large."""
        large = "noise", "groups"
        prune = {name: v for name, v in self.prune.items() if name not in large}
        return asdict(replace(self, prune=prune))

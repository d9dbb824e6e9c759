"""The run: one comparison, and what it was made of."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...inference import TargetComparison, compare_targets
from ...plots.record import Record
from .. import framework
from ..framework import option

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of a run.

    Attributes
    ----------
    n_permutations : int
        Swaps of subjects between two targets; both prunings are redone for each.
    n_folds, repeats : int
        Folds of held-out conditions, and how often they are drawn.
    seed : int
    prune : mapping
        Options of :func:`jaxprune.prune`.
    """

    n_permutations: int = option(
        1000, "swaps of subjects between targets", least=0, flag="--permutations"
    )
    n_folds: int = option(4, "folds of held-out conditions", least=2, flag="--folds")
    repeats: int = option(1, "times that folds are drawn", least=1)
    seed: int = option(0, "of everything drawn at random", least=0)
    prune: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name, but for the noise, which may be large."""
        prune = {name: v for name, v in self.prune.items() if name != "noise"}
        return asdict(replace(self, prune=prune))


@dataclass(frozen=True, eq=False, repr=False)
class Compared(Record):
    """What was found.

    Attributes
    ----------
    options : Options
    targets : TargetComparison
    inputs : mapping
        Where the data came from.
    seconds : float
    """

    options: Options
    targets: TargetComparison
    inputs: Mapping[str, Any]
    seconds: float

    def _headline(self) -> str:
        return self.targets._headline()

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [*self.targets._facts(), ("time", f"{self.seconds:.1f} s")]

    def _draw(self, axes: Axes) -> None:
        self.targets._draw(axes)


def run(
    features: Any,
    targets: Mapping[str, Any],
    options: Options | None = None,
    *,
    target_kind: str = "dissimilarity",
    inputs: Mapping[str, Any] | None = None,
    progress: bool = False,
) -> Compared:
    """Compare the units that several targets retain.

    Parameters
    ----------
    features : array_like (n, N)
    targets : mapping of str to array_like
        By name, each one RDM or those of its subjects.
    options : Options, optional
    target_kind, progress
        As in :func:`jaxprune.inference.compare_targets`.
    inputs : mapping, optional
        Where the data came from, shown among the settings.

    Returns
    -------
    Compared
    """
    start, options = time.perf_counter(), options or Options()
    found = compare_targets(
        features,
        *targets.values(),
        names=list(targets),
        n_folds=options.n_folds,
        repeats=options.repeats,
        seed=options.seed,
        n_permutations=options.n_permutations,
        target_kind=target_kind,
        progress=progress,
        **options.prune,
    )
    return Compared(options, found, dict(inputs or {}), time.perf_counter() - start)

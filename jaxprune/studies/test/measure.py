"""The run: one question after the other, the long ones resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.arrays import squareform
from ...base.facts import number, p_text
from ...base.paths import expanded
from ...engine.layer import as_features
from ...engine.targets import as_targets
from ...engine.unit_groups import UnitGroups
from ...inference import (
    Bootstrap,
    CrossValidation,
    MethodScores,
    NoiseCeiling,
    PermutationTest,
    bootstrap,
    compare_methods,
    cross_validate,
    noise_ceiling,
    permutation_test,
    pool,
)
from ...metrics import METRICS
from ...plots.record import Record
from ..framework.running import PARTS
from .options import Options

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Subjects(Record):
    """The same layer against the RDM of every subject.

    Attributes
    ----------
    ceiling : NoiseCeiling
        What the subjects' agreement allows.
    bootstrap : Bootstrap
        Mean scores over subjects of the methods' RDMs, in-sample; conditions and
        subjects resampled.
    folds : CrossValidation
        Units chosen on all subjects but one, scored on that one.
    """

    ceiling: NoiseCeiling
    bootstrap: Bootstrap
    folds: CrossValidation


@dataclass(frozen=True, eq=False, repr=False)
class Tested(Record):
    """What was found.

    Attributes
    ----------
    options : Options
    methods : MethodScores
        Pruning and its rivals, in-sample and on held-out conditions.
    permutation : PermutationTest
        What shuffled conditions give, the whole pruning redone.
    bootstrap : Bootstrap
        In-sample scores of the methods' RDMs; conditions resampled.
    subjects : Subjects or None
    inputs : mapping
        Where the data came from.
    seconds : float
        Time that this run took, what was kept from an earlier one not counted.
    """

    options: Options
    methods: MethodScores
    permutation: PermutationTest
    bootstrap: Bootstrap
    subjects: Subjects | None
    inputs: Mapping[str, Any]
    seconds: float

    def _headline(self) -> str:
        return self.methods.pruning._headline()

    def _facts(self) -> Sequence[tuple[str, str]]:
        test, gain = self.permutation, self.methods.folds.estimate()
        interval = f"{gain.low:.3f} to {gain.high:.3f}"
        facts = [
            ("pruned", f"{number(test.best_score)}, p {p_text(test.p_value)}"),
            ("all units", f"{number(test.full_score)}, p {p_text(test.p_full)}"),
            ("permutations", f"{test.n_permutations:,}"),
            ("held-out gain", f"{gain.mean:+.3f} ({interval})"),
        ]
        if self.subjects is not None:
            low, high = self.subjects.ceiling.lower, self.subjects.ceiling.upper
            facts.append(("noise ceiling", f"{number(low)} to {number(high)}"))
        return [
            *facts,
            *test.settings.facts,
            ("time", f"{self.seconds:.1f} s"),
            ("next", ".methods, .permutation, .bootstrap; TEST.save(tested, folder)"),
        ]

    def _draw(self, axes: Axes) -> None:
        self.permutation._draw(axes)

    @property
    def grouped(self) -> bool:
        """Whether units were ranked in groups."""
        return self.permutation.settings.groups is not None

    @property
    def n_ranked(self) -> int:
        """Number of units, or of groups of them, that were ranked."""
        return self.permutation.settings.groups or self.methods.folds.n_units

    @property
    def fold_sizes(self) -> np.ndarray:
        """How many of these every fold retains."""
        folds = self.methods.folds
        if not self.grouped:
            return folds.sizes
        groups = UnitGroups.of(self.options.prune["groups"], folds.n_units)
        return np.array([len(groups.among(units)) for units in folds.retained])


def run(
    features: Any,
    target: Any,
    subjects: Any = None,
    options: Options | None = None,
    folder: str | Path | None = None,
    *,
    target_kind: str = "dissimilarity",
    inputs: Mapping[str, Any] | None = None,
    progress: bool = False,
    report: Callable[[str], None] | None = None,
) -> Tested:
    """Test a pruned layer from every side.

    Parameters
    ----------
    features : array_like (n, N)
    target : array_like or RDMs
        One target RDM; or several, those of subjects, whose pooled RDM is the target.
    subjects : array_like or RDMs, optional
        RDMs of the subjects, where `target` is one RDM.
    options : Options, optional
    folder : str or Path, optional
        Permutations are kept in its folder ``parts`` as they are done.
    target_kind : {"dissimilarity", "similarity"}
        What both hold.
    inputs : mapping, optional
        Where the data came from, shown among the settings.
    progress : bool
        Show progress bars on stderr.
    report : callable, optional
        Called with a line of text before each step.

    Returns
    -------
    Tested

    Raises
    ------
    ValueError
        Bad input; several targets and subjects.
    """
    start = time.perf_counter()
    options = options or Options()
    say = report or (lambda text: None)
    folded = METRICS[options.prune.get("metric", "correlation")].folded
    x = as_features(features, folded=folded)
    goal, stack = _targets(target, subjects, x.shape[-2], target_kind, options.compare)
    owners = None if stack is None else _owners(len(stack), options.sessions)
    shown: dict[str, Any] = {"progress": progress, **options.prune}

    say(f"pruning and its rivals, {options.n_folds} folds of held-out conditions")
    methods = compare_methods(
        x,
        goal,
        options.n_folds,
        repeats=options.repeats,
        seed=options.seed,
        methods=options.methods,
        n_random=options.n_random,
        **shown,
    )
    resampling = {
        "compare": options.compare,
        "objective": options.objective,
        "seed": options.seed,
        "progress": progress,
    }
    say(f"{options.n_samples:,} bootstrap samples")
    spread = bootstrap(methods.rdms, goal, options.n_samples, **resampling)
    found = None
    if stack is not None:
        say("subjects, each left out once")
        found = _subjects(x, stack, owners, methods, options, resampling, shown)
    say(f"{options.n_permutations:,} permutations of the whole pruning")
    shuffled = permutation_test(
        x,
        goal,
        options.n_permutations,
        seed=options.seed,
        checkpoint=None if folder is None else expanded(folder) / PARTS,
        **shown,
    )
    seconds = time.perf_counter() - start
    return Tested(
        options, methods, shuffled, spread, found, dict(inputs or {}), seconds
    )


def _subjects(
    x: Any,
    stack: np.ndarray,
    owners: Any,
    methods: MethodScores,
    options: Options,
    resampling: Mapping[str, Any],
    shown: Mapping[str, Any],
) -> Subjects:
    """The layer against the RDMs of subjects, whose `owners` they are."""
    squares = squareform(stack)
    return Subjects(
        noise_ceiling(
            squares, options.compare, objective=options.objective, subjects=owners
        ),
        bootstrap(
            methods.rdms,
            squares,
            options.n_samples,
            over="both",
            subjects=owners,
            **resampling,
        ),
        cross_validate(x, squares, over="subjects", subjects=owners, **shown),
    )


def _owners(n_rdms: int, sessions: int) -> np.ndarray:
    """The subject that each RDM is of: so many in a row are of one."""
    if n_rdms % sessions or n_rdms // sessions < 2:
        raise ValueError(
            f"sessions={sessions} and {n_rdms} RDMs of subjects; expected as many "
            "RDMs of each subject, and at least 2 subjects."
        )
    return np.arange(n_rdms) // sessions


def _targets(
    target: Any, subjects: Any, n: int, kind: str, compare: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """The target ``(P,)``, and the RDMs of the subjects ``(k, P)`` if there are any."""
    given, _ = as_targets(target, n, kind)
    if subjects is None:
        if len(given) == 1:
            return given[0], None
        return pool(given, compare), given
    if len(given) > 1:
        raise ValueError(
            f"target holds {len(given)} RDMs, and subjects were given too; expected "
            "one target RDM beside subjects. Leave out subjects to take these RDMs "
            "for subjects, and their pooled RDM for the target."
        )
    stack, _ = as_targets(subjects, n, kind)
    return given[0], stack

"""Do two targets call for the same units? Overlap, transfer, and swapped subjects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.arrays import squareform
from ..base.facts import LABEL, LISTED, count, number, p_text
from ..engine.controls import among_controls, check_controls
from ..engine.layer import as_features
from ..engine.problem import scoring_options
from ..engine.targets import as_targets
from ..execution.run import run
from ..io.objects import matched
from ..metrics import METRICS
from ..plots import matrix
from ..plots.record import Record
from ..pruning import prune
from ..scoring import score_masks
from .corrected_t import Estimate, corrected_t
from .cross_validation.folds import Fold, among, held_out_ratio, random_folds
from .grid import grid
from .null import round_off
from .overlap import Overlap, overlap
from .swaps import Swaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class TargetComparison(Record):
    """Units retained for each of k targets, and what they are worth for the others.

    Attributes
    ----------
    names : tuple of str
        Of the targets.
    n_subjects : tuple of int
        RDMs of each.
    n_units : int
    full, pruned : ndarray (k,)
        Score of all units, and of those retained for this target; in-sample.
    retained : tuple of ndarray of int
        Sorted indices of the latter.
    transfer : ndarray (F, k + 1, k)
        Scores on the held-out conditions of F folds: element ``[f, i, j]`` is that of
        units chosen for target i with target j; ``[f, k, j]`` that of all units. NaN
        where undefined.
    ratio : float
        Conditions held out of a fold, over those kept.
    null : dict of ndarray (m,)
        Jaccard index of the sets retained when subjects are swapped, by pair of
        targets ``(i, j)``, i < j; without pairs that have two RDMs in all.
    exhaustive : dict of bool
        Whether these are all ways to swap them, the observed one among them.
    """

    names: tuple[str, ...]
    n_subjects: tuple[int, ...]
    n_units: int
    full: np.ndarray
    pruned: np.ndarray
    retained: tuple[np.ndarray, ...]
    transfer: np.ndarray
    ratio: float
    null: dict[tuple[int, int], np.ndarray]
    exhaustive: dict[tuple[int, int], bool]

    def _headline(self) -> str:
        return f"units retained for {', '.join(self.names)}"

    def _facts(self) -> Sequence[tuple[str, str]]:
        facts = [
            (
                name[: LABEL - 2],
                f"{len(units):,} of {count(self.n_units, 'unit')}, score "
                f"{number(pruned)} (all units {number(full)}), {count(k, 'RDM')}",
            )
            for name, units, pruned, full, k in zip(
                self.names,
                self.retained,
                self.pruned,
                self.full,
                self.n_subjects,
                strict=True,
            )
        ]
        for i, j in self.pairs[:LISTED]:
            common, right = self.overlap(i, j), self.specificity(i, j)
            text = (
                f"{self.names[i]} and {self.names[j]}: overlap "
                f"{common.coefficient:.2f} (chance {common.chance:.2f}), subjects "
                f"swapped p {p_text(self.p_value(i, j))}, specificity "
                f"{number(right.mean)} on held-out conditions"
            )
            facts.append(("pair", text))
        if len(self.pairs) > LISTED:
            facts.append(("pairs", f"{len(self.pairs)} in all"))
        return [*facts, ("next", ".overlap(i, j), .specificity(i, j), .p_value(i, j)")]

    def _draw(self, axes: Axes) -> None:
        k = len(self.names)
        means = [[self.estimate(i, j).mean for j in range(k)] for i in range(k + 1)]
        matrix(axes, np.array(means), (*self.names, "all units"), self.names)
        axes.set_ylabel("units chosen for")
        axes.set_xlabel("scored on, held-out conditions")

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs of targets."""
        return tuple(combinations(range(len(self.names)), 2))

    def overlap(self, i: int, j: int) -> Overlap:
        """Overlap of the sets retained for two targets, beside chance."""
        return overlap(self.retained[i], self.retained[j], self.n_units)

    def p_value(self, i: int, j: int) -> float:
        """Chance that swapped subjects give sets that differ as much, or more.

        Of all swaps, the share whose Jaccard index is no larger; of m random ones,
        ``(b + 1) / (m + 1)``. NaN without subjects to swap.
        """
        pair = min(i, j), max(i, j)
        if pair not in self.null:
            return np.nan
        null, observed = self.null[pair], self.overlap(i, j).jaccard
        more = int((null <= observed + round_off("float64")).sum())
        if self.exhaustive[pair]:
            return more / len(null)
        return (more + 1) / (len(null) + 1)

    def estimate(self, chosen_for: int, scored_on: int) -> Estimate:
        """Mean transfer over folds, with an error that knows of overlapping ones.

        As :meth:`CrossValidation.estimate`; target k stands for all units.
        """
        return corrected_t(self.transfer[:, chosen_for, scored_on], self.ratio)

    def specificity(self, i: int, j: int) -> Estimate:
        r"""What the right target is worth, on held-out conditions.

        .. math:: \tfrac12 [(s_{ii} - s_{ji}) + (s_{jj} - s_{ij})]

        with :math:`s_{ij}` the score of units chosen for i with target j: how much
        better each set fits its own target than the other set does.
        """
        s = self.transfer
        gain = (s[:, i, i] - s[:, j, i] + s[:, j, j] - s[:, i, j]) / 2
        return corrected_t(gain, self.ratio)


def compare_targets(
    features: Any,
    *targets: Any,
    names: Sequence[str] | None = None,
    n_folds: int | None = None,
    repeats: int = 1,
    seed: int = 0,
    n_permutations: int = 1000,
    target_kind: str = "dissimilarity",
    progress: bool = False,
    **options: Any,
) -> TargetComparison:
    r"""Compare the units that two or more targets retain: groups of people, areas.

    A layer is pruned for each target, by the mean score over its subjects. Retained
    sets differ even for two halves of one group, so overlap alone says little. Three
    answers stand beside it: its chance level; the scores of each set with every
    target, on conditions that took no part in the choice; and a permutation test, in
    which subjects are swapped between two targets and both prunings are done again.
    With

    .. math:: J(A, B) = \frac{|A \cap B|}{|A \cup B|}, \qquad
              p = \frac{1 + \#\{J^* \le J\}}{1 + m}

    a small p says that sets of the observed groups differ more than those of groups
    drawn from all subjects.

    Parameters
    ----------
    features : array_like (n, N)
    *targets : array_like or RDMs
        Two or more, each one RDM or a stack of those of its subjects; see
        :func:`jaxprune.prune`.
    names : sequence of str, optional
        Of the targets; by default "1", "2", ...
    n_folds, repeats, seed
        Folds of conditions, as in :func:`cross_validate`; the seed is that of the
        swaps, too.
    n_permutations : int
        Swaps; all there are, each once, if these are no more. 0 for no test.
    target_kind, progress, **options
        As in :func:`jaxprune.prune`; ``sizes`` as in :func:`permutation_test`.

    Returns
    -------
    TargetComparison

    Raises
    ------
    ValueError
        Fewer than two targets, names that do not fit, or bad input.

    Notes
    -----
    Importances are means over subjects, so they are computed once for all swaps; only
    the curves are made anew.

    References
    ----------
    .. [1] Bao & Hasson (2024), arXiv:2403.06204: retained sets for sighted and for
       congenitally blind people.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.normal(size=(2, 12))
    >>> features = rng.normal(size=(12, 40))
    >>> features[:, :5] += 3 * a[:, None]
    >>> features[:, 5:10] += 3 * b[:, None]
    >>> noise = rng.random((2, 4, 12, 12))
    >>> noise += noise.swapaxes(2, 3)
    >>> first, second = (
    ...     np.abs(x[:, None] - x) + some * (1 - np.eye(12))
    ...     for x, some in zip((a, b), noise)
    ... )
    >>> found = compare_targets(features, first, second, names=["size", "colour"])
    >>> found.exhaustive[0, 1], len(found.null[0, 1])
    (True, 70)
    >>> round(found.p_value(0, 1), 3), bool(found.specificity(0, 1).mean > 0.3)
    (0.029, True)
    """
    if len(targets) < 2:
        raise ValueError(
            f"targets: {len(targets)} given; expected at least two to compare."
        )
    for name in ("search", "importance"):
        if name in options:
            raise ValueError(
                f"{name}={options[name]!r}: compare_targets ranks units by their "
                "leave-one-out importance, which swapped subjects share. Leave it out."
            )
    named = _names(names, len(targets))
    n_permutations = checks.whole("n_permutations", n_permutations, 0)
    folded = METRICS[options.get("metric", "correlation")].folded
    x, stacks = features, []
    for name, target in zip(named, targets, strict=True):
        values, aligned = matched(features, target)
        x = as_features(values, folded=folded)
        try:
            stacks.append(as_targets(aligned, x.shape[-2], target_kind)[0])
        except ValueError as error:
            raise ValueError(f"{error} (target {name!r})") from error
    check_controls(options, features, x.shape[-2])
    squares = [squareform(stack) for stack in stacks]
    folds = random_folds(x.shape[-2], n_folds, repeats, seed)
    options |= {"pool": "mean", "sizes": grid(options.get("sizes"), x.shape[-1])}

    chosen = [prune(x, square, **options) for square in squares]
    transfer = np.empty((len(folds), len(squares) + 1, len(squares)))

    def fold(index: int) -> Iterator[int]:
        transfer[index] = _transfer(x, squares, folds[index], options)
        yield 1

    run(
        fold,
        range(len(folds)),
        progress=progress,
        title="held-out conditions",
        total=len(folds),
        unit="folds",
    )
    swaps = Swaps(x, squares, options, seed)
    null, exhaustive = {}, {}
    for pair in combinations(range(len(squares)), 2):
        ways = swaps.ways(pair, n_permutations)
        if len(ways):
            title = " and ".join(named[i] for i in pair)
            null[pair] = swaps.jaccard(ways, title, progress)
            exhaustive[pair] = swaps.n_ways(pair) <= n_permutations
    return TargetComparison(
        names=named,
        n_subjects=tuple(len(stack) for stack in stacks),
        n_units=x.shape[-1],
        full=np.array([float(one.full_score) for one in chosen]),
        pruned=np.array([float(one.best_score) for one in chosen]),
        retained=tuple(one.retained for one in chosen),
        transfer=transfer,
        ratio=held_out_ratio([one.held_out for one in folds], x.shape[-2]),
        null=null,
        exhaustive=exhaustive,
    )


def _names(names: Sequence[str] | None, k: int) -> tuple[str, ...]:
    if names is None:
        return tuple(str(i + 1) for i in range(k))
    if len(names) != k or len(set(names)) < k:
        raise ValueError(
            f"names={list(names)}: expected {k} different names, one for each target."
        )
    return tuple(map(str, names))


def _transfer(
    x: Any, squares: Sequence[np.ndarray], fold: Fold, options: dict[str, Any]
) -> np.ndarray:
    """Scores ``(k + 1, k)`` of one fold: units chosen for each, and all units."""
    kept = np.setdiff1d(np.arange(x.shape[-2]), fold.held_out)
    scoring = scoring_options(among_controls(options, fold.held_out))
    options = among_controls(options, kept)
    try:
        sets = [
            prune(x[..., kept, :], among(square, kept), **options).mask
            for square in squares
        ]
        masks = np.vstack([*sets, np.ones(x.shape[-1], bool)])
        held_out = x[..., fold.held_out, :]
        scores = [
            score_masks(held_out, among(square, fold.held_out), masks, **scoring)
            for square in squares
        ]
    except ValueError as error:
        raise ValueError(f"{error} ({fold})") from error
    return np.stack(scores, 1)

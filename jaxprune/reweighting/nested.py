"""Reweighting scored on conditions that took no part in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.arrays import double_precision
from ..base.checks import FEWEST
from ..base.facts import described, number
from ..base.means import mean_of_defined
from ..comparisons import ALIASES, COMPARISONS, compare_all
from ..execution.run import bar
from ..plots.inline import draw_rows
from ..plots.record import Record
from .choosing import choose_and_fit
from .pairs import make_pairs
from .penalties import make_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class NestedScores(Record):
    """Scores of reweighted RDMs, one for each fold.

    Attributes
    ----------
    held_out : ndarray (k,)
        On the pairs among held-out conditions; NaN where undefined.
    train : ndarray (k,)
        On the pairs among the other conditions, which weights were fitted to: biased
        upwards.
    penalties : ndarray (k,)
        Chosen among the other conditions.
    """

    held_out: np.ndarray
    train: np.ndarray
    penalties: np.ndarray

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [
            ("held out", f"{number(mean_of_defined(self.held_out))}, mean over folds"),
            ("train", f"{number(mean_of_defined(self.train))}, biased upwards"),
            ("folds", f"{len(self.held_out)}"),
            ("penalties", described(self.penalties)),
        ]

    def _draw(self, axes: Axes) -> None:
        rows = [self.held_out, self.train]
        draw_rows(axes, ("held out", "train"), rows, "score, every fold a dot")


def nested_scores(
    features: Any,
    target: Any,
    held_out: Sequence[Any],
    form: str = "dot",
    *,
    compare: str = "pearson",
    penalties: Any = None,
    nonnegative: bool = False,
    n_folds: int = 5,
    seed: int = 0,
    target_kind: str = "dissimilarity",
    progress: bool = False,
) -> NestedScores:
    """Reweight on some conditions and score on the others, fold by fold.

    For every fold, weights and penalty come from the pairs among the conditions that
    it does not hold out, the penalty by cross-validation among these, as in
    :func:`reweight`. Pairs of one condition of either kind are not used.

    Parameters
    ----------
    features, target, form
        As in :func:`reweight`.
    held_out : sequence of array_like of int
        The conditions that each fold holds out, counted from 0, 3 at least: such as
        ``held_out`` of :class:`jaxprune.inference.CrossValidation`, so that pruning
        and reweighting are scored on the same pairs.
    compare : str
        How predictions are compared with the target; see :func:`jaxprune.prune`. The
        penalty is always chosen by Pearson correlation.
    penalties, nonnegative, n_folds, seed, target_kind, progress
        As in :func:`reweight`; `n_folds` are those within the other conditions.

    Returns
    -------
    NestedScores

    Raises
    ------
    ValueError
        As :func:`reweight`, and folds that are not made of at least 3 conditions.

    Examples
    --------
    >>> import numpy as np
    >>> from jaxprune.reweighting import nested_scores
    >>> rng = np.random.default_rng(0)
    >>> features = rng.random((12, 20))
    >>> target = (features[:, None, 3] - features[:, 3]) ** 2
    >>> folds = np.arange(12).reshape(2, 6)
    >>> found = nested_scores(features, target, folds, "sqeuclidean", n_folds=2)
    >>> found.held_out.round(2)
    array([0.88, 0.86])
    """
    checks.choice("compare", compare, [*COMPARISONS, *ALIASES])
    comparison = COMPARISONS[ALIASES.get(compare, compare)]()
    grid = make_grid(penalties, nonnegative)
    with double_precision():
        pairs = make_pairs(features, target, form, target_kind).with_gram(progress)
        folds = _checked(held_out, pairs.n)
        out, total = np.empty((3, len(folds))), len(folds) * grid.n_fits(n_folds)
        with bar("reweighting", total, "folds", progress) as advance:
            for fold, left_out in enumerate(folds):
                kept = np.setdiff1d(np.arange(pairs.n), left_out)
                fit = choose_and_fit(pairs, kept, grid, n_folds, seed, advance)
                for row, some in enumerate((left_out, kept)):
                    index = pairs.among(some)
                    rdm = fit.intercept + pairs.weighted(index, fit.weights)
                    _, i, j = pairs.local(index)
                    score = compare_all(comparison, rdm, pairs.d[index][None], (i, j))
                    out[row, fold] = score[0, 0]
                out[2, fold] = fit.penalty
    return NestedScores(*out)


def _checked(held_out: Sequence[Any], n: int) -> list[np.ndarray]:
    """Sorted conditions of each fold."""
    folds = [np.unique(np.asarray(fold)) for fold in held_out]
    for place, fold in enumerate(folds):
        whole = fold.dtype.kind in "iu" and len(fold) == np.size(held_out[place])
        if not whole or len(fold) < FEWEST or fold[0] < 0 or fold[-1] >= n:
            raise ValueError(
                f"held_out[{place}] is {held_out[place]!r}; expected at least "
                f"{FEWEST} different conditions of 0 to {n - 1}, as indices."
            )
    if not folds:
        raise ValueError("held_out is empty; expected the conditions of each fold.")
    return folds

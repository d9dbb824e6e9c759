"""Units chosen on some conditions and scored on the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _checks
from .._arrays import squareform
from .._problem import as_features, as_targets
from ..pruning import prune
from ..scoring import score_masks

# Three conditions have three pairs, the fewest that a correlation is made of.
FEWEST = 3
N_FOLDS = 4


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Scores on the conditions that a choice of units was made on, and on others.

    Attributes
    ----------
    full, pruned : ndarray (k,)
        Score of all units, and of the retained ones, on the pairs of held-out
        conditions of every fold. NaN where undefined.
    train_full, train_pruned : ndarray (k,)
        The same on the conditions that units were chosen on: biased upwards.
    sizes : ndarray of int (k,)
        Number of units retained.
    retained : tuple of ndarray of int
        Sorted indices of these units.
    held_out : tuple of ndarray of int
        Sorted indices of the conditions held out.
    names : tuple of str
        Of the folds: their numbers, or the groups that were held out.
    """

    full: np.ndarray
    pruned: np.ndarray
    train_full: np.ndarray
    train_pruned: np.ndarray
    sizes: np.ndarray
    retained: tuple[np.ndarray, ...]
    held_out: tuple[np.ndarray, ...]
    names: tuple[str, ...]

    @property
    def gain(self) -> np.ndarray:
        """What pruning adds on held-out conditions, ``pruned - full``."""
        return self.pruned - self.full


def cross_validate(
    features: Any,
    target: Any,
    n_folds: int | None = None,
    *,
    seed: int = 0,
    groups: Any = None,
    target_kind: str = "dissimilarity",
    **options: Any,
) -> CrossValidation:
    """Score pruned units on conditions that took no part in the pruning.

    Conditions are split, not pairs: a fold's ranking and number of units come from the
    pairs among the training conditions, its scores from the pairs among the held-out
    ones. Pairs of one condition of either kind are not used.

    Parameters
    ----------
    features : array_like (n, N)
    target : array_like or RDMs
        One target RDM; see :func:`jaxprune.prune`.
    n_folds : int, optional
        Random folds of equal size, 4 by default.
    seed : int
        Of the random folds.
    groups : array_like (n,), optional
        A label for each condition, in place of random folds: every group is held out
        once. With the levels of a factor this asks whether units chosen at some levels
        serve at another.
    target_kind, **options
        As in :func:`jaxprune.prune`.

    Returns
    -------
    CrossValidation

    Raises
    ------
    ValueError
        Bad input; fewer than 3 conditions in a fold, or left outside of it; several
        targets.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> number = np.repeat(np.log([6, 10, 17, 29]), 4)
    >>> features = rng.random((16, 30))
    >>> features[:, :6] += number[:, None]
    >>> target = np.abs(number[:, None] - number)
    >>> found = cross_validate(features, target)
    >>> found.pruned.shape, bool(found.pruned.mean() < found.train_pruned.mean())
    ((4,), True)
    """
    x = as_features(features)
    square = _one_square(target, len(x), target_kind)
    names, folds = _folds(len(x), n_folds, seed, groups)
    # Scores of masks know no way of computing importances.
    scoring = {name: value for name, value in options.items() if name != "method"}
    rows = []
    for name, held_out in zip(names, folds, strict=True):
        kept = np.setdiff1d(np.arange(len(x)), held_out)
        try:
            chosen = prune(x[kept], square[np.ix_(kept, kept)], **options)
            everything = np.ones_like(chosen.mask)
            scores = score_masks(
                x[held_out],
                square[np.ix_(held_out, held_out)],
                np.stack([everything, chosen.mask]),
                **scoring,
            )
        except ValueError as error:
            raise ValueError(
                f"{error} (fold {name!r}, which holds out conditions "
                f"{held_out.tolist()}, counted from 0)"
            ) from error
        rows.append((*scores, chosen.full_score, chosen.best_score, chosen))
    full, pruned, train_full, train_pruned, results = zip(*rows, strict=True)
    return CrossValidation(
        full=np.array(full),
        pruned=np.array(pruned),
        train_full=np.array(train_full),
        train_pruned=np.array(train_pruned),
        sizes=np.array([result.best_size for result in results]),
        retained=tuple(result.retained for result in results),
        held_out=folds,
        names=names,
    )


def _one_square(target: Any, n: int, kind: str) -> np.ndarray:
    """The one target, as dissimilarities ``(n, n)``."""
    _checks.choice("target_kind", kind, ["dissimilarity", "similarity"])
    targets, _ = as_targets(target, n, kind)
    if len(targets) > 1:
        raise ValueError(
            f"target holds {len(targets)} RDMs; expected one. Call cross_validate for "
            "each, or give their mean."
        )
    return squareform(targets[0])


def _folds(
    n: int, n_folds: int | None, seed: int, groups: Any
) -> tuple[tuple[str, ...], tuple[np.ndarray, ...]]:
    """Names of the folds, and the conditions that each holds out."""
    if groups is not None:
        return _groups(n, n_folds, groups)
    k = N_FOLDS if n_folds is None else n_folds
    if not 2 <= k <= n // FEWEST:
        raise ValueError(
            f"n_folds={k!r}: expected 2 to {n // FEWEST} for {n} conditions, since a "
            f"fold is scored on its own pairs and needs {FEWEST} conditions."
        )
    shuffled = np.random.default_rng(seed).permutation(n)
    names = tuple(str(fold + 1) for fold in range(k))
    return names, tuple(np.sort(part) for part in np.array_split(shuffled, k))


def _groups(
    n: int, n_folds: int | None, groups: Any
) -> tuple[tuple[str, ...], tuple[np.ndarray, ...]]:
    """One fold for each label."""
    labels = np.asarray(groups)
    if n_folds is not None or labels.shape != (n,):
        raise ValueError(
            f"groups has shape {labels.shape}, and n_folds={n_folds!r}; expected one "
            f"label for each of {n} conditions, and no n_folds: every group is a fold."
        )
    levels, group, count = np.unique(labels, return_inverse=True, return_counts=True)
    if len(levels) < 2 or count.min() < FEWEST or n - count.max() < FEWEST:
        sizes = dict(zip(levels.tolist(), count.tolist(), strict=True))
        raise ValueError(
            f"groups has sizes {sizes}; expected at least 2 groups of {FEWEST} "
            f"conditions, and {FEWEST} conditions outside of each. Join small groups."
        )
    names = tuple(str(level) for level in levels.tolist())
    return names, tuple(np.flatnonzero(group == g) for g in range(len(levels)))

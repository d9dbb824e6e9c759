"""Pruning as a scikit-learn feature selector."""

from __future__ import annotations

from typing import Any

from ..pruning import prune
from .base import UnitSelector


class Pruner(UnitSelector):
    """Select the units whose RDM fits a target best.

    Parameters
    ----------
    metric, compare, objective, method, precision, undefined, target_kind, noise
        As in :func:`jaxprune.prune`; not ``metric="crossnobis"``, whose features
        have three dimensions.
    groups : array_like, optional
        Groups of units that are selected together, such as a label for each column of
        X; as in :func:`jaxprune.prune`.

    Attributes
    ----------
    importance_ : ndarray (n_units,)
        Leave-one-out importance; with groups theirs, and so are the next two.
    ranking_ : ndarray of int (n_units,)
        Units from most to least important: an order of units, not one rank per unit
        as in scikit-learn's `RFE`.
    curve_ : ndarray (n_units,)
        Score of the first 1, 2, ... units of the ranking.
    groups_ : ndarray (n_groups,) or None
        Names of the groups.
    n_units_selected_ : int
        Number of units kept.
    full_score_, best_score_ : float
        Scores of all units and of those kept.

    Notes
    -----
    Do not pass a square RDM as `y` to `cross_val_score`, `GridSearchCV` or anything
    else that splits samples: it would cut only the rows of `y`, not its columns, and
    what is left is not an RDM of the conditions in the split. With one value per
    condition the split is right.

    Examples
    --------
    >>> import numpy as np
    >>> from jaxprune import Pruner
    >>> rng = np.random.default_rng(0)
    >>> number = np.arange(8.0)
    >>> X = rng.random((8, 30))
    >>> X[:, :3] += number[:, None]
    >>> pruner = Pruner(metric="sqeuclidean").fit(X, number)
    >>> pruner.transform(X).shape[1] == pruner.n_units_selected_
    True
    """

    def __init__(
        self,
        metric: str = "correlation",
        compare: str = "pearson",
        *,
        objective: str = "r",
        method: str = "auto",
        precision: str = "auto",
        undefined: str = "nan",
        target_kind: str = "dissimilarity",
        noise: Any = None,
        groups: Any = None,
    ) -> None:
        self.metric = metric
        self.compare = compare
        self.objective = objective
        self.method = method
        self.precision = precision
        self.undefined = undefined
        self.target_kind = target_kind
        self.noise = noise
        self.groups = groups

    def fit(self, X: Any, y: Any) -> Pruner:
        """Rank the units and find the best prefix.

        Parameters
        ----------
        X : array_like (n_conditions, n_units)
            Activations.
        y : array_like
            Target RDM, square ``(n, n)`` or condensed ``(n (n - 1) / 2,)``; or one
            value per condition ``(n,)``, and then the RDM is ``|y_i - y_j|``. (Three
            numbers for three conditions are values.)

        Returns
        -------
        Pruner
            Itself.

        Raises
        ------
        ValueError
            Bad input, as in :func:`jaxprune.prune`.
        """
        y = self._in_order(X, y)
        X = self._features(X, min_conditions=3)
        target, kind = self._target(y, len(X))
        result = prune(
            X,
            target,
            self.metric,
            self.compare,
            objective=self.objective,
            method=self.method,
            precision=self.precision,
            undefined=self.undefined,
            target_kind=kind,
            noise=self.noise,
            groups=self.groups,
        )
        self.importance_ = result.importance
        self.ranking_ = result.order
        self.curve_ = result.curve
        self.groups_ = result.groups
        self.n_units_selected_ = len(result.retained)
        self.full_score_ = result.full_score
        self.best_score_ = result.best_score
        self._mask = result.mask
        return self

    def __sklearn_tags__(self) -> Any:
        """Declare that a target is needed."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

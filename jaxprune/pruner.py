"""Pruning as a scikit-learn feature selector."""

from __future__ import annotations

from typing import Any

import numpy as np

try:
    from sklearn.base import BaseEstimator
    from sklearn.feature_selection import SelectorMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "jaxprune.Pruner needs scikit-learn, which is not installed; install it with "
        "pip install 'jaxprune[sklearn]'. Everything else works without."
    ) from error

from .pruning import prune


class Pruner(SelectorMixin, BaseEstimator):
    """Select the units whose RDM fits a target best.

    Parameters
    ----------
    metric, compare, objective, method, precision, undefined, target_kind
        As in :func:`jaxprune.prune`.

    Attributes
    ----------
    importance_ : ndarray (n_units,)
        Leave-one-out importance.
    ranking_ : ndarray of int (n_units,)
        Units from most to least important: an order of units, not one rank per unit
        as in scikit-learn's `RFE`.
    curve_ : ndarray (n_units,)
        Score of the first 1, 2, ... units of the ranking.
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
    ) -> None:
        self.metric = metric
        self.compare = compare
        self.objective = objective
        self.method = method
        self.precision = precision
        self.undefined = undefined
        self.target_kind = target_kind

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
        X = validate_data(
            self,
            X,
            dtype=[np.float64, np.float32],
            ensure_min_samples=3,
            ensure_min_features=2,
        )
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: pass an RDM or one "
                "value per condition."
            )
        target = np.asarray(y.get_vectors() if hasattr(y, "get_vectors") else y)
        kind = self.target_kind
        if target.shape in [(len(X),), (len(X), 1)]:
            value = target.reshape(-1).astype(float)
            target, kind = np.abs(value[:, None] - value), "dissimilarity"
        elif target.ndim == 3 or (hasattr(y, "get_vectors") and len(target) > 1):
            raise ValueError(
                f"y holds {len(target)} RDMs; a selector keeps one set of units. Fit "
                "one Pruner for each, or use jaxprune.prune(..., pool='mean')."
            )
        elif hasattr(y, "get_vectors"):
            target = target[0]
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
        )
        self.importance_ = result.importance
        self.ranking_ = result.order
        self.curve_ = result.curve
        self.n_units_selected_ = result.best_size
        self.full_score_ = result.full_score
        self.best_score_ = result.best_score
        self._mask = result.mask
        return self

    def _get_support_mask(self) -> Any:
        check_is_fitted(self)
        return self._mask

    def __sklearn_tags__(self) -> Any:
        """Declare that a target is needed."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

"""Dropping rarely responding units, as a scikit-learn feature selector."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ..base import checks
from ..zeros import keep_lowest, percentage_of_zeros
from .base import UnitSelector


class ZeroPruner(UnitSelector):
    """Select the units that respond most often: those with the fewest zeros.

    Parameters
    ----------
    n_units : int, optional
        Keep so many units, the lowest in their percentage of zeros.
    max_zeros : float, optional
        Keep the units with at most this share of zeros, 0 to 1. With neither, the
        number of units is the one that fits `y` best.
    metric, compare, objective, precision, undefined, target_kind, noise
        As in :func:`jaxprune.reintroduce`, for the fit to `y`.

    Attributes
    ----------
    zeros_ : ndarray (n_units,)
        Percentage of zeros, a share.
    ranking_ : ndarray of int (n_units,)
        Units from the fewest zeros to the most, ties by index.
    n_units_selected_ : int
        Number of units kept.
    curve_ : ndarray (n_units,)
        Score of the first 1, 2, ... units of the ranking; only where `y` decides.
    full_score_, best_score_ : float
        Scores of all units and of those kept; only where `y` decides.

    Notes
    -----
    A unit with as many zeros as one that is kept may be dropped by `n_units`, not by
    `max_zeros`. Where `y` decides, what is said of cross-validation in
    :class:`jaxprune.Pruner` holds here.

    References
    ----------
    .. [1] Hu, Peng, Tai, Tang (2016). Network Trimming. arXiv:1607.03250.
    .. [2] Truong, Hasson (2022). ICCM.

    Examples
    --------
    >>> import numpy as np
    >>> from jaxprune import ZeroPruner
    >>> X = np.array([[0.0, 2.0, 1.0], [0.0, 0.0, 3.0], [1.0, 3.0, 2.0]])
    >>> ZeroPruner(n_units=1).fit_transform(X).ravel()
    array([1., 3., 2.])
    >>> ZeroPruner(max_zeros=0.5).fit(X).get_support()
    array([False,  True,  True])
    >>> ZeroPruner(metric="euclidean").fit(X, [1.0, 3.0, 2.0]).n_units_selected_
    1
    """

    def __init__(
        self,
        n_units: int | None = None,
        max_zeros: float | None = None,
        *,
        metric: str = "correlation",
        compare: str = "pearson",
        objective: str = "r",
        precision: str = "auto",
        undefined: str = "nan",
        target_kind: str = "dissimilarity",
        noise: Any = None,
    ) -> None:
        self.n_units = n_units
        self.max_zeros = max_zeros
        self.metric = metric
        self.compare = compare
        self.objective = objective
        self.precision = precision
        self.undefined = undefined
        self.target_kind = target_kind
        self.noise = noise

    def fit(self, X: Any, y: Any = None) -> ZeroPruner:
        """Count zeros, and choose the units to keep.

        Parameters
        ----------
        X : array_like (n_conditions, n_units)
            Outputs after a rectifier.
        y : array_like, optional
            Target RDM or one value per condition, as in :meth:`jaxprune.Pruner.fit`.
            Of no account with `n_units` or `max_zeros`.

        Returns
        -------
        ZeroPruner
            Itself.

        Raises
        ------
        ValueError
            Bad input; both `n_units` and `max_zeros`, or neither and no `y`; no unit
            with so few zeros.
        """
        y = self._in_order(X, y)
        X = self._features(X, min_conditions=3 if self._needs_y else 1)
        zeros = percentage_of_zeros(X)
        fitted = self._needs_y
        size = self._fitted_size(X, y, zeros) if fitted else self._given_size(zeros)
        self.zeros_, self.n_units_selected_ = zeros, size
        self.ranking_ = np.argsort(zeros, kind="stable")
        self._mask = np.isin(np.arange(len(zeros)), self.ranking_[:size])
        return self

    @property
    def _needs_y(self) -> bool:
        return self.n_units is None and self.max_zeros is None

    def _fitted_size(self, X: np.ndarray, y: Any, zeros: np.ndarray) -> int:
        """Size of the best prefix."""
        target, kind = self._target(y, len(X))
        found = keep_lowest(
            X,
            target,
            by=zeros,
            metric=self.metric,
            compare=self.compare,
            objective=self.objective,
            precision=self.precision,
            undefined=self.undefined,
            target_kind=kind,
            noise=self.noise,
        )
        self.curve_ = found.curve
        self.full_score_ = float(found.curve[-1])
        self.best_score_ = found.best_score
        return found.best_size

    def _given_size(self, zeros: np.ndarray) -> int:
        """Number of units that `n_units` or `max_zeros` keeps."""
        share = self.max_zeros
        if self.n_units is not None:
            if share is not None:
                raise ValueError(
                    f"n_units={self.n_units!r} and max_zeros={share!r}: expected one "
                    "of the two, the other None."
                )
            size = checks.whole("n_units", self.n_units, 1)
            if size > len(zeros):
                raise ValueError(
                    f"n_units={size}: expected at most {len(zeros)}, the columns of X."
                )
            return size
        if not isinstance(share, Real) or not 0 <= share <= 1:
            raise ValueError(f"max_zeros={share!r}: expected a share between 0 and 1.")
        size = int((zeros <= share).sum())
        if not size:
            raise ValueError(
                f"max_zeros={share!r} keeps no unit: expected at least "
                f"{zeros.min():g}, the lowest percentage of zeros in X."
            )
        return size

    def __sklearn_tags__(self) -> Any:
        """Declare whether a target is needed."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self._needs_y
        return tags

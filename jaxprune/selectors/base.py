"""What the selectors of scikit-learn have in common: X checked, y made a target."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import checks
from ..io.objects import has_labels, index_labels, matched, plain

try:
    from sklearn.base import BaseEstimator
    from sklearn.feature_selection import SelectorMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "jaxprune.Pruner and jaxprune.ZeroPruner need scikit-learn, which is not "
        "installed; install it with pip install 'jaxprune[sklearn]'. Everything else "
        "works without."
    ) from error


def _floats(values: np.ndarray) -> np.ndarray:
    """Python objects as floats; as they are, if one of them is no number."""
    try:
        return values.astype(float)
    except (TypeError, ValueError):
        return values


class UnitSelector(SelectorMixin, BaseEstimator):
    """A selector of columns of X, which sets `_mask` when it is fitted."""

    target_kind: str
    _mask: np.ndarray

    def _features(self, X: Any, min_conditions: int) -> Any:
        return validate_data(
            self,
            X,
            dtype=[np.float64, np.float32],
            ensure_min_samples=min_conditions,
            ensure_min_features=2,
        )

    @staticmethod
    def _in_order(X: Any, y: Any) -> Any:
        """Targets in the order of X, where both have labels."""
        if not (has_labels(X) and has_labels(y)):
            return y
        if hasattr(y, "iloc") and (y.ndim == 1 or y.shape[1] == 1):
            ours, theirs = (index_labels(a.index, n) for n, a in (("X", X), ("y", y)))
            if None in (ours, theirs) or ours == theirs:
                return y
            raise ValueError(
                "y and X have other labels, or the same in another order; expected one "
                "value for each row of X, in its order: y.loc[X.index]."
            )
        return matched(X, y)[1]

    def _target(self, y: Any, n: int) -> tuple[np.ndarray, str]:
        """One target RDM of n conditions, and its kind."""
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: pass an RDM or one "
                "value per condition."
            )
        several = hasattr(y, "get_vectors") and len(y.get_vectors()) > 1
        target = np.asarray(plain("y", y))
        if target.dtype == object:
            target = _floats(target)
        checks.numeric("y", target)
        if target.shape in [(n,), (n, 1)]:
            value = target.reshape(-1).astype(float)
            checks.each_finite("y", value)
            return np.abs(value[:, None] - value), "dissimilarity"
        if target.ndim == 3 or several:
            raise ValueError(
                f"y holds {len(target)} RDMs; a selector keeps one set of units. Fit "
                f"one {type(self).__name__} for each, or use jaxprune.prune(..., "
                "pool='mean')."
            )
        return target, self.target_kind

    def _get_support_mask(self) -> Any:
        check_is_fitted(self)
        return self._mask

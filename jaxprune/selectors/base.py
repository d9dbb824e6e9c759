"""What the selectors of scikit-learn have in common: X checked, y made a target."""

from __future__ import annotations

from typing import Any

import numpy as np

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

    def _target(self, y: Any, n: int) -> tuple[np.ndarray, str]:
        """One target RDM of n conditions, and its kind."""
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: pass an RDM or one "
                "value per condition."
            )
        target = np.asarray(y.get_vectors() if hasattr(y, "get_vectors") else y)
        if target.shape in [(n,), (n, 1)]:
            value = target.reshape(-1).astype(float)
            return np.abs(value[:, None] - value), "dissimilarity"
        if target.ndim == 3 or (hasattr(y, "get_vectors") and len(target) > 1):
            raise ValueError(
                f"y holds {len(target)} RDMs; a selector keeps one set of units. Fit "
                f"one {type(self).__name__} for each, or use jaxprune.prune(..., "
                "pool='mean')."
            )
        return (target[0] if hasattr(y, "get_vectors") else target), self.target_kind

    def _get_support_mask(self) -> Any:
        check_is_fitted(self)
        return self._mask

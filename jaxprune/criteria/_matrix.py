"""Features that a criterion looks at."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import checks
from ..io.objects import plain


def matrix(features: Any) -> np.ndarray:
    """Features as a finite float64 matrix ``(n, N)``; ValueError otherwise."""
    x = np.asarray(plain("features", features))
    checks.numeric("features", x)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(
            f"features has shape {x.shape}; expected (n_conditions, n_units). Flatten "
            "each condition to a row: features.reshape(len(features), -1)."
        )
    checks.finite(x, x.min(1), x.max(1))
    return x.astype(np.float64)

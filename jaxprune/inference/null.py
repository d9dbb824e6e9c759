"""Scores of a null distribution beside an observed one."""

from __future__ import annotations

from typing import Any

import numpy as np

# Scores that agree in two thirds of their digits are equal. The same score, summed in
# another order, is off by a few eps, by 70 at the end of a curve of 200,000 units; and
# similarities that are nearly alike magnify it (to 2e-13 for squared correlations of
# 24 units).
DIGITS = 2 / 3


def round_off(dtype: str) -> float:
    """Difference below which scores computed in `dtype` are equal."""
    return float(np.finfo(dtype).eps) ** DIGITS


def reached(observed: Any, null: np.ndarray, tolerance: float) -> np.ndarray:
    """How many of a null distribution ``(..., m)`` are at least the observed ``(...)``.

    An undefined one counts: what cannot be scored is no evidence.
    """
    return np.sum(~(null < np.expand_dims(observed, -1) - tolerance), -1)

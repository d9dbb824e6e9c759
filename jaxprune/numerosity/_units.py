"""Choice of units: a mask or indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import checks


def unit_indices(units: Any, n_units: int) -> np.ndarray:
    """Indices of units given as a mask, as indices, or as None for all."""
    if units is None:
        return np.arange(n_units)
    array = checks.array_of("units", units)
    if array.dtype == bool and array.shape == (n_units,):
        return np.flatnonzero(array)
    if array.size == 0 and array.dtype != bool:
        return np.empty(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(
            f"units has shape {array.shape} and dtype {array.dtype}; expected indices "
            f"of units, or a boolean mask of shape ({n_units},)."
        )
    if array.min() < 0 or array.max() >= n_units:
        raise ValueError(
            f"units runs from {array.min()} to {array.max()}; expected indices from 0 "
            f"to {n_units - 1}."
        )
    return array

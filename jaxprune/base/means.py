"""The mean of what is defined: scores may be NaN, and values may be missing."""

from __future__ import annotations

from typing import Any

import numpy as np


def mean_of_defined(values: Any, axis: int | None = None) -> Any:
    """Mean of what is neither NaN nor None; NaN, without a warning, where nothing is.

    Parameters
    ----------
    values : array_like
    axis : int, optional
        Along which means are taken; by default there is one mean of everything.

    Returns
    -------
    float or ndarray

    Examples
    --------
    >>> mean_of_defined([[1.0, np.nan, 2.0], [np.nan, np.nan, np.nan]], 1)
    array([1.5, nan])
    >>> float(mean_of_defined([1, None])), float(mean_of_defined([]))
    (1.0, nan)
    """
    array = np.asarray(values, float)
    defined = ~np.isnan(array)
    count = defined.sum(axis)
    total = np.where(defined, array, 0).sum(axis)
    # A number, not an array of no dimension, of all.
    return np.where(count, total / np.maximum(count, 1), np.nan)[()]

"""Percentage of zeros: how rarely each unit responds."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _checks


def percentage_of_zeros(features: Any) -> np.ndarray:
    r"""Share of conditions (or images) in which a unit's output is exactly zero.

    .. math:: \mathrm{PoZ}_k = \frac{1}{n} \sum_i [x_{ik} = 0]

    Parameters
    ----------
    features : array_like (n, n_units)
        Outputs after a rectifier, one row per image or condition.

    Returns
    -------
    ndarray (n_units,), float64
        A share, 0 to 1. Rarely firing units have high values.

    Raises
    ------
    ValueError
        Features that are not a numeric matrix, or hold NaN.

    References
    ----------
    .. [1] Hu, Peng, Tai, Tang (2016). Network Trimming. arXiv:1607.03250.
    .. [2] Truong, Hasson (2022). ICCM.

    Examples
    --------
    >>> import jaxprune as jp
    >>> jp.percentage_of_zeros([[0.0, 2.0], [0.0, 0.0], [1.0, 3.0], [0.0, 1.0]])
    array([0.75, 0.25])
    """
    x = np.asarray(features)
    _checks.numeric("features", x)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(
            f"features has shape {x.shape}; expected (n_conditions, n_units). Flatten "
            "each condition to a row: features.reshape(len(features), -1)."
        )
    _checks.finite(x, x.min(1), x.max(1))
    return (x == 0).mean(0)

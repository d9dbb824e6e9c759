"""How little a unit varies over conditions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._matrix import matrix


def low_deviation(features: Any) -> np.ndarray:
    r"""Minus the standard deviation of every unit over conditions.

    .. math:: -\sqrt{\tfrac{1}{n} \sum_i (x_{ik} - \bar x_k)^2}

    Parameters
    ----------
    features : array_like (n, N)

    Returns
    -------
    ndarray (N,)
        Lowest for units that vary most.

    Raises
    ------
    ValueError
        Features that are no matrix of finite numbers.

    Examples
    --------
    >>> low_deviation([[0.0, 1.0], [2.0, 1.0]])
    array([-1., -0.])
    """
    return -matrix(features).std(0)

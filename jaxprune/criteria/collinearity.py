"""How much a unit says what the others say."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._matrix import matrix


def collinearity(features: Any) -> np.ndarray:
    r"""Mean squared correlation of every unit with the others, over conditions.

    .. math:: \frac{1}{N - 1} \sum_{l \ne k} r_{kl}^2
              = \frac{z_k^\top Z Z^\top z_k - 1}{N - 1}

    with :math:`z_k`, the responses of unit k centred and scaled to unit length: an
    n x n matrix in place of N x N correlations.

    Parameters
    ----------
    features : array_like (n, N)

    Returns
    -------
    ndarray (N,)
        0 to 1. Constant units correlate with nothing; they say nothing either, and
        have the largest value, 1.

    Raises
    ------
    ValueError
        Features that are no matrix of finite numbers.

    Examples
    --------
    >>> collinearity([[1.0, 2.0, 1.0], [2.0, 4.0, 0.0], [3.0, 6.0, 1.0]]).round(3)
    array([0.5, 0.5, 0. ])
    """
    x = matrix(features)
    z = x - x.mean(0)
    length = np.sqrt(np.square(z).sum(0))
    constant = np.ptp(x, axis=0) == 0
    z = np.divide(z, length, out=np.zeros_like(z), where=~constant)
    others = np.maximum(np.einsum("ik,ij,jk->k", z, z @ z.T, z, optimize=True) - 1, 0)
    mean = others / max(x.shape[1] - 1, 1)
    return np.where(constant, 1.0, mean)

"""What units may be left out by without a target: one number a unit, lowest kept.

Beside the percentage of zeros: a unit that hardly varies, that has few different
responses, or that others stand in for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .base import checks

# Of the responses of a unit, over its own range.
BINS = 10


def deviation(x: np.ndarray) -> np.ndarray:
    """Minus the standard deviation over conditions.

    >>> deviation(np.array([[1.0, 0.0], [1.0, 4.0]]))
    array([-0., -2.])
    """
    return -x.std(0)


def entropy(x: np.ndarray) -> np.ndarray:
    r"""Minus the entropy of the responses, :math:`\sum_b p_b \log p_b`.

    :math:`p_b` is the share of conditions in bin b of `BINS` equal ones over the range
    of the unit [1]_. A unit that always responds alike has 0.

    References
    ----------
    .. [1] Luo, Wu (2017). An entropy-based pruning method for CNN compression.
       arXiv:1706.05791.

    Examples
    --------
    >>> entropy(np.array([[1.0, 0.0], [1.0, 4.0]])).round(3)
    array([ 0.   , -0.693])
    """
    low, high = x.min(0), x.max(0)
    span = np.where(high > low, high - low, 1)
    bins = np.minimum(((x - low) / span * BINS).astype(int), BINS - 1)
    found = np.zeros(x.shape[1])
    for number in range(BINS):
        share = (bins == number).mean(0)
        found += share * np.log(np.where(share > 0, share, 1))
    return found


def collinearity(x: np.ndarray) -> np.ndarray:
    r"""Mean squared correlation with the other units, :math:`\sum_{j \ne k} r_{kj}^2`.

    Divided by their number. With Z the units, centred and of length 1, it is
    :math:`z_k^\top (Z Z^\top) z_k - 1`: O(n² N) for all. A unit that does not vary
    tells nothing that others do not, and has 1.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0, 0.0], [1.0, 3.0, 1.0], [2.0, 5.0, 0.0]])
    >>> collinearity(x).round(3)
    array([0.5, 0.5, 0. ])
    """
    centred = x - x.mean(0)
    length = np.sqrt((centred**2).sum(0))
    varies = x.min(0) < x.max(0)
    z = np.where(varies, centred / np.where(varies, length, 1), 0)
    with_all = np.einsum("ik,ik->k", z, (z @ z.T) @ z)
    return np.where(varies, (with_all - 1) / (x.shape[1] - 1), 1.0)


CRITERIA: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "deviation": deviation,
    "entropy": entropy,
    "collinearity": collinearity,
}


def criterion(name: str, x: np.ndarray) -> np.ndarray:
    """Values of the units ``(N,)`` by the name of a criterion; the lowest are kept."""
    checks.choice("by", name, ["zeros", *CRITERIA])
    checks.features(x, 2)
    checks.finite(x, x.min(1), x.max(1))
    # Near 1: squares stay in the range of floats.
    scale = np.abs(x).max()
    return CRITERIA[name](x.astype(float) / (scale if scale > 0 else 1))

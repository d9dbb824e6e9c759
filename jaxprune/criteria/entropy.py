"""How few kinds of responses a unit has."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._matrix import matrix

# Luo & Wu (2017) take 100 bins for thousands of images; conditions are some tens.
BINS = 10


def low_entropy(features: Any) -> np.ndarray:
    r"""Minus the entropy of the histogram of every unit's responses.

    .. math:: \sum_b p_b \log p_b

    where :math:`p_b` is the share of conditions in the b-th of 10 bins of equal width
    between the unit's smallest and largest response.

    Parameters
    ----------
    features : array_like (n, N)

    Returns
    -------
    ndarray (N,)
        Lowest, at most -log 10, for units whose responses are spread evenly; 0 for
        constant ones.

    Raises
    ------
    ValueError
        Features that are no matrix of finite numbers.

    References
    ----------
    .. [1] Luo & Wu (2017), An entropy-based pruning method for CNN compression,
       arXiv:1706.05791.

    Examples
    --------
    >>> low_entropy([[0.0, 0.0, 5.0], [0.0, 1.0, 5.0]]).round(3)
    array([ 0.   , -0.693,  0.   ])
    """
    x = matrix(features)
    least = x.min(0)
    span = x.max(0) - least
    share = np.divide(x - least, span, out=np.zeros_like(x), where=span > 0)
    bins = np.minimum((BINS * share).astype(int), BINS - 1)
    p = np.stack([(bins == b).mean(0) for b in range(BINS)])
    return np.sum(p * np.log(np.where(p > 0, p, 1)), 0)

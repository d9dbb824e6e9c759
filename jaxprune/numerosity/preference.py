"""Preferred number of every unit."""

from __future__ import annotations

import numpy as np

from .cells import CellMoments


def preferred(cells: CellMoments, factor: str = "numerosity") -> np.ndarray:
    """Level with the largest mean response over all images, of every unit.

    Parameters
    ----------
    cells : CellMoments
        Other factors, such as the stimulus set, are averaged over.
    factor : str

    Returns
    -------
    ndarray of int (N,)
        Index in ``cells.levels(factor)``; the lowest level where several tie, and -1
        for a unit whose mean response is the same for all levels, dead ones among
        them.

    Raises
    ------
    ValueError
        An unknown factor.

    References
    ----------
    .. [1] Nasr, Viswanathan & Nieder (2019), Science Advances 5:eaav7903.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> cells = cell_moments([[1, 0], [3, 0], [2, 0]], {"numerosity": [6, 10, 17]})
    >>> preferred(cells)
    array([ 1, -1])
    """
    groups = cells.over(factor)
    best = groups.mean.argmax(0)
    spread = groups.mean.max(0) - groups.mean.min(0)
    best[groups.settled(groups.n_images * np.square(spread)) == 0] = -1
    return best

"""Tukey's test: which pairs of numbers a unit tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import studentized_range

from ..base.arrays import pair_index
from ..plots.record import Record
from ._units import unit_indices
from .cells import CellMoments


@dataclass(frozen=True, eq=False, repr=False)
class Tukey(Record):
    """All pairs of k levels, P = k (k - 1) / 2, by N units.

    Attributes
    ----------
    levels : ndarray (k,)
        Sorted levels of the factor.
    pairs : ndarray of int (P, 2)
        Their indices in `levels`, row-major.
    difference : ndarray (P, N)
        Mean response to the second level minus that to the first.
    q : ndarray (P, N)
        Studentized range statistic, not negative; NaN for units with a constant
        response.
    significant : ndarray of bool (P, N)
        ``q > critical``.
    critical : float
        Upper `alpha` quantile of the studentized range.
    residual_df : int
    alpha : float
    """

    levels: np.ndarray
    pairs: np.ndarray
    difference: np.ndarray
    q: np.ndarray
    significant: np.ndarray
    critical: float
    residual_df: int
    alpha: float

    def p(self, units: Any) -> np.ndarray:
        """P values of some units only: each takes an integral, 200,000 take minutes.

        Parameters
        ----------
        units : array_like
            Indices, or a boolean mask ``(N,)``.

        Returns
        -------
        ndarray (P, n_units)
        """
        q = self.q[:, unit_indices(units, self.q.shape[1])]
        return studentized_range.sf(q, len(self.levels), self.residual_df)


def tukey(
    cells: CellMoments, factor: str = "numerosity", *, alpha: float = 0.01
) -> Tukey:
    r"""Tukey's honestly significant differences between all levels of a factor.

    .. math::

        q_{ij} = \frac{|\bar x_j - \bar x_i|}
        {\sqrt{\frac{MS_{res}}{2} \left(\frac1{n_i} + \frac1{n_j}\right)}}

    (Tukey-Kramer where levels have different numbers of images). Other factors are
    ignored. All units are decided by one critical value.

    Parameters
    ----------
    cells : CellMoments
    factor : str
    alpha : float
        Chance that a unit without any difference gets a significant pair.

    Returns
    -------
    Tukey

    Raises
    ------
    ValueError
        An unknown factor or one of a single level, an alpha out of range, one image
        per level only.

    Notes
    -----
    A unit that never varies within a level has q = inf for levels that differ, and 0
    for others; a constant unit has NaN and no significant pair.

    References
    ----------
    .. [1] Kramer (1956), Biometrics 12, 307-310.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> responses = [[1], [2], [8], [9], [8], [9]]
    >>> table = tukey(cell_moments(responses, {"numerosity": [1, 1, 2, 2, 3, 3]}))
    >>> table.levels[table.pairs[table.significant[:, 0]]]
    array([[1, 2],
           [1, 3]])
    >>> table.p([0]).round(3).ravel()
    array([0.004, 0.004, 1.   ])
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha!r}: expected a number between 0 and 1.")
    groups = cells.over(factor)
    levels, df = groups.factors[factor], groups.n_images - len(groups.count)
    if len(levels) < 2 or df < 1:
        raise ValueError(
            f"factor={factor!r} has {len(levels)} level(s) with {groups.n_images} "
            "images; at least 2 levels, and more images than levels, are needed."
        )
    first, second = pair_index(len(levels))
    difference = groups.mean[second] - groups.mean[first]
    inverse = 1 / groups.count[first] + 1 / groups.count[second]
    # As sums of squares, for which `settled` tells what is a rounding error.
    between = groups.settled(np.square(difference) / inverse[:, None])
    noise = groups.settled(groups.m2.sum(0)) / df
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.sqrt(2 * between / noise)
    q[between == 0] = 0
    q[:, groups.constant()] = np.nan
    critical = float(studentized_range.ppf(1 - alpha, len(levels), df))
    pairs = np.stack([first, second], 1)
    return Tukey(levels, pairs, difference, q, q > critical, critical, df, alpha)

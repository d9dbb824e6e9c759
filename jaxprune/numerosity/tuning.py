"""Tuning curves of units and of groups of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..plots.record import Record
from ._units import unit_indices
from .cells import CellMoments
from .preference import preferred


@dataclass(frozen=True, eq=False, repr=False)
class TuningCurves(Record):
    """Mean response of the units that prefer each of k numbers, to all of them.

    Attributes
    ----------
    levels : ndarray (k,)
        Sorted numbers.
    curves : ndarray (k, k)
        Row g: units that prefer ``levels[g]``, scaled to run from 0 to 1. NaN where
        no unit does.
    se : ndarray (k, k)
        Standard error over units, on the same scale; NaN for fewer than two units.
    n_units : ndarray of int (k,)
        Units that prefer each number: the histogram of preferred numbers.
    n_undefined : int
        Units with a constant response, which prefer nothing.
    """

    levels: np.ndarray
    curves: np.ndarray
    se: np.ndarray
    n_units: np.ndarray
    n_undefined: int


def unit_curves(
    cells: CellMoments, units: Any = None, factor: str = "numerosity"
) -> np.ndarray:
    """Tuning curve of single units, each scaled to run from 0 to 1.

    Parameters
    ----------
    cells : CellMoments
    units : array_like, optional
        Indices, or a boolean mask ``(N,)``; None for all.
    factor : str

    Returns
    -------
    ndarray (n_units, k)
        NaN for a unit that prefers nothing.

    Raises
    ------
    ValueError
        An unknown factor, units out of range.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> cells = cell_moments([[1.0], [3.0], [2.0]], {"numerosity": [6, 10, 17]})
    >>> unit_curves(cells)
    array([[0. , 1. , 0.5]])
    """
    chosen = unit_indices(units, cells.n_units)
    curves = cells.over(factor).mean[:, chosen].T
    curves = np.where(preferred(cells, factor)[chosen, None] < 0, np.nan, curves)
    return _scaled(curves)[0]


def tuning_curves(
    cells: CellMoments,
    units: Any = None,
    factor: str = "numerosity",
    *,
    prefer: np.ndarray | None = None,
) -> TuningCurves:
    r"""Tuning curves of the units that prefer each number.

    For the units U of one preferred number, with mean responses
    :math:`\bar x_{uk}` to number k,

    .. math::

        m_k = \frac{1}{|U|} \sum_{u \in U} \bar x_{uk}, \quad
        c_k = \frac{m_k - \min m}{\max m - \min m}, \quad
        SE_k = \frac{s_k}{\sqrt{|U|} (\max m - \min m)}

    where :math:`s_k` is the standard deviation over the units.

    Parameters
    ----------
    cells : CellMoments
    units : array_like, optional
        Indices, or a boolean mask ``(N,)``, such as ``nasr(cells).mask``; None for
        all.
    factor : str
    prefer : ndarray of int (N,), optional
        Preferred levels, as `preferred` gives them. None to take them from the same
        responses, as the papers do; then noise alone makes curves peak at the
        preferred number. From other images, it does not.

    Returns
    -------
    TuningCurves

    Raises
    ------
    ValueError
        An unknown factor, units out of range, ``prefer`` of another length.

    References
    ----------
    .. [1] Nasr, Viswanathan & Nieder (2019), Science Advances 5:eaav7903.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> cells = cell_moments([[1, 2], [3, 5], [1, 4]], {"numerosity": [6, 10, 17]})
    >>> tuning = tuning_curves(cells)
    >>> tuning.n_units, tuning.curves[1]
    (array([0, 2, 0]), array([0. , 1. , 0.4]))
    """
    chosen = unit_indices(units, cells.n_units)
    best = preferred(cells, factor) if prefer is None else np.asarray(prefer)
    if best.shape != (cells.n_units,):
        raise ValueError(
            f"prefer has shape {best.shape}; expected ({cells.n_units},), one level "
            "for every unit of cells."
        )
    best, levels = best[chosen], cells.levels(factor)
    responses = cells.over(factor).mean[:, chosen]
    means, errors = np.full((2, len(levels), len(levels)), np.nan)
    n_units = np.bincount(best[best >= 0], minlength=len(levels))
    for group in np.flatnonzero(n_units):
        members = responses[:, best == group]
        means[group] = members.mean(1)
        if n_units[group] > 1:
            errors[group] = members.std(1, ddof=1) / np.sqrt(n_units[group])
    curves, ranges = _scaled(means)
    return TuningCurves(levels, curves, errors / ranges, n_units, int((best < 0).sum()))


def _scaled(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows scaled to 0..1, and their ranges; NaN for flat rows."""
    low, high = curves.min(1, keepdims=True), curves.max(1, keepdims=True)
    ranges = np.where(high > low, high - low, np.nan)
    return (curves - low) / ranges, ranges

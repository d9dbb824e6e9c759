"""Number alone."""

from __future__ import annotations

from ..anova import anova_from_cells
from ..cells import CellMoments
from ._base import Detectors, decide_on


def one_way(
    cells: CellMoments,
    numerosity: str = "numerosity",
    *,
    alpha: float = 0.01,
    correction: str = "none",
) -> Detectors:
    """Units whose response differs between numbers; other factors are ignored.

    Nothing keeps out units that respond to the area or the size of the dots, where
    these go with number.

    Parameters
    ----------
    cells : CellMoments
    numerosity : str
        Name of the factor of number.
    alpha : float
    correction : {"none", "bonferroni", "benjamini-hochberg"}
        For the number of units.

    Returns
    -------
    Detectors

    Raises
    ------
    ValueError
        An unknown factor or correction, an alpha out of range.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> cells = cell_moments(
    ...     [[1, 1], [2, 2], [8, 1], [9, 2]], {"numerosity": [6, 6, 10, 10]}
    ... )
    >>> one_way(cells, alpha=0.05).mask
    array([ True, False])
    """
    table = anova_from_cells(cells, [numerosity])
    return decide_on("one_way", table, (numerosity,), alpha, correction)

"""Number and nothing else, by a factorial analysis of variance."""

from __future__ import annotations

from .._factors import known
from ..anova import anova_from_cells
from ..cells import CellMoments
from ._base import Detectors, decide_on


def factorial(
    cells: CellMoments,
    numerosity: str = "numerosity",
    *,
    alpha: float = 0.01,
    correction: str = "none",
) -> Detectors:
    """Units with a main effect of number and no other effect.

    Factorial analysis of variance of all factors: ``p < alpha`` for the main effect
    of number, and for no other main effect and no interaction. What "three-way ANOVA"
    means in [1]_; their code did something else, `one_way_cells`.

    Of units that respond to number alone, ``(1 - alpha) ** (terms - 1)`` pass the
    tests that have to be not significant: 94 % with three factors and alpha .01.

    Parameters
    ----------
    cells : CellMoments
        Of number and at least one other factor.
    numerosity : str
        Name of the factor of number.
    alpha : float
    correction : {"none", "bonferroni", "benjamini-hochberg"}
        For the number of units, in the test of number.

    Returns
    -------
    Detectors

    Raises
    ------
    ValueError
        An unknown factor or correction, an alpha out of range.

    References
    ----------
    .. [1] Truong, Noei & Karami (2024), OpenReview n5cV83qUrs.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> responses = [[1, 1], [2, 2], [1, 6], [2, 7], [8, 8], [9, 9], [8, 1], [9, 2]]
    >>> factors = {"numerosity": [6, 6, 6, 6, 9, 9, 9, 9], "area": [1, 1, 2, 2] * 2}
    >>> factorial(cell_moments(responses, factors)).mask
    array([ True, False])
    """
    known(numerosity, cells.factors, "numerosity")
    table = anova_from_cells(cells)
    return decide_on("factorial", table, (numerosity,), alpha, correction)

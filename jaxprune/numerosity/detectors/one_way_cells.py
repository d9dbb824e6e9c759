"""The rule as published by Truong, Noei & Karami (2024): one-way tests of cells."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from .._factors import grouped, known
from ..anova import Anova, anova_from_cells
from ..cells import CellMoments
from ._base import Detectors, decide


def one_way_cells(
    cells: CellMoments,
    numerosity: str = "numerosity",
    *,
    alpha: float = 0.01,
    correction: str = "none",
) -> Detectors:
    """Units by seven one-way tests, as published; see `factorial` for what was meant.

    Every set of factors gets a one-way test of its cells: with three factors those of
    number (4 groups), item area, field area, number x item area (16 groups), and so
    on up to all 32 cells. A unit is selected if ``p < alpha`` for number and in none
    of the other six.

    Parameters
    ----------
    cells, numerosity, alpha, correction
        As for `factorial`.

    Returns
    -------
    Detectors
        ``tests`` are named by their factors as the terms of `factorial` are, but
        ``"numerosity:item_area"`` is the test of all those cells, not an interaction.

    Raises
    ------
    ValueError
        As for `factorial`.

    Notes
    -----
    The defect: cells of number x item area differ wherever number or area alone makes
    a difference, so the tests that should find no interaction contain the main effect
    of number. A unit with a pure effect of number fails them as soon as the effect is
    strong; only weak ones pass, where number is just significant and the same
    variance spread over more degrees of freedom is not. With 100 images in each of 32
    conditions, of units with a pure effect of number 15 % are selected at eta squared
    .004, 1.6 % at .0099 and none from .02 on; `factorial` selects 65, 94 and 94 %.

    References
    ----------
    .. [1] Truong, Noei & Karami (2024), OpenReview n5cV83qUrs, and their code.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments, factorial
    >>> responses = [[1], [2], [1], [2], [8], [9], [8], [9]]
    >>> factors = {"numerosity": [6, 6, 6, 6, 9, 9, 9, 9], "area": [1, 1, 2, 2] * 2}
    >>> cells = cell_moments(responses, factors)
    >>> factorial(cells).mask, one_way_cells(cells).mask
    (array([ True]), array([False]))
    """
    known(numerosity, cells.factors, "numerosity")
    sizes = range(1, len(cells.factors) + 1)
    sets = [names for size in sizes for names in combinations(cells.factors, size)]
    tables = [_one_way(cells, names) for names in sets]
    return decide(
        "one_way_cells",
        tuple(":".join(names) for names in sets),
        np.vstack([table.f for table in tables]),
        np.vstack([table.p for table in tables]),
        (numerosity,),
        alpha,
        correction,
    )


def _one_way(cells: CellMoments, names: tuple[str, ...]) -> Anova:
    """Test all cells of some factors as if they were the levels of one."""
    pooled = cells.over(*names)
    group, _ = grouped(pooled.factors, names)
    single = CellMoments(pooled.count, pooled.mean, pooled.m2, {"cells": group})
    return anova_from_cells(single)

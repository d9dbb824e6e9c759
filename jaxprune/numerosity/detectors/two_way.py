"""Number by stimulus set: the rules of Nasr et al. (2019) and of Kim et al. (2021)."""

from __future__ import annotations

import numpy as np

from ..anova import anova_from_cells
from ..cells import CellMoments
from ._base import Detectors, control_of, decide, decide_on


def nasr(
    cells: CellMoments,
    numerosity: str = "numerosity",
    *,
    alpha: float = 0.01,
    correction: str = "none",
) -> Detectors:
    """Units that respond to number, whatever the stimulus set.

    Two-way analysis of variance, number by set: ``p < alpha`` for number, not for the
    set and not for their interaction. Units that are never active are excluded.

    Parameters
    ----------
    cells : CellMoments
        Of two factors, number and stimulus set. Others are ignored by
        ``cells.over("numerosity", "set")`` beforehand.
    numerosity : str
        Name of the factor of number.
    alpha : float
    correction : {"none", "bonferroni", "benjamini-hochberg"}
        For the number of units, in the test of number; the papers used none.

    Returns
    -------
    Detectors

    Raises
    ------
    ValueError
        Other than two factors, an alpha out of range, an unknown correction.

    References
    ----------
    .. [1] Nasr, Viswanathan & Nieder (2019), Science Advances 5:eaav7903.
    .. [2] Kim, Jang, Baek, Song & Paik (2021), Science Advances 7:eabd6127, who used
       the same rule (MATLAB's ``anova2``, for balanced designs).

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> responses = [[1, 1], [2, 2], [1, 6], [2, 7], [8, 8], [9, 9], [8, 1], [9, 2]]
    >>> factors = {"numerosity": [1, 1, 1, 1, 9, 9, 9, 9], "set": list("aabbaabb")}
    >>> nasr(cell_moments(responses, factors)).mask
    array([ True, False])
    """
    control_of(cells, numerosity)
    table = anova_from_cells(cells)
    return decide_on("nasr", table, (numerosity,), alpha, correction)


def kim_strict(
    cells: CellMoments,
    numerosity: str = "numerosity",
    *,
    alpha: float = 0.01,
    correction: str = "none",
) -> Detectors:
    """Units that pass `nasr` and respond to number within every set alone.

    One-way tests of number in each set, named as in ``"numerosity in set=control 1"``,
    have to be significant too. Parameters, result and errors as for `nasr`.
    """
    control = control_of(cells, numerosity)
    table = anova_from_cells(cells)
    tests, f, p = list(table.terms), [table.f], [table.p]
    for level in cells.levels(control):
        part = anova_from_cells(cells.where(control, level), [numerosity])
        tests.append(f"{numerosity} in {control}={level}")
        f.append(part.f)
        p.append(part.p)
        # A unit that is silent in one set has no test there, but no response either.
        p[-1][:, np.isnan(part.p[0]) & ~np.isnan(table.p[0])] = 1
    required = (numerosity, *tests[len(table.terms) :])
    return decide(
        "kim_strict",
        tuple(tests),
        np.vstack(f),
        np.vstack(p),
        required,
        alpha,
        correction,
    )


def non_selective(
    cells: CellMoments,
    numerosity: str = "numerosity",
    *,
    alpha: float = 0.01,
    correction: str = "none",
) -> Detectors:
    """Kim's control: units that respond to the stimulus set and not to number.

    ``p < alpha`` for the set, not for number and not for their interaction.
    Parameters, result and errors as for `nasr`; the correction is for the test of the
    set.
    """
    control = control_of(cells, numerosity)
    table = anova_from_cells(cells)
    return decide_on("non_selective", table, (control,), alpha, correction)

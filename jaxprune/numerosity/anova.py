"""Factorial analysis of variance of every unit at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import fdtrc

from ..plots.record import Record
from ._design import make_design
from .cells import CellMoments
from .moments import cell_moments


@dataclass(frozen=True, eq=False, repr=False)
class Anova(Record):
    """Table of an analysis of variance: T terms by N units.

    A unit with a constant response has nothing to explain: its F, p and effect sizes
    are NaN, and `n_undefined` counts such units. A unit that never varies within a
    cell, but does between cells, has F = inf and p = 0 for the terms that differ, and
    F = 0 and p = 1 for the others.

    Attributes
    ----------
    terms : tuple of str
        Such as ``("numerosity", "set", "numerosity:set")``.
    f, p, sum_sq : ndarray (T, N)
        F statistic, its p value and the sum of squares.
    df : ndarray of int (T,)
        Degrees of freedom.
    residual_sum_sq, total_sum_sq : ndarray (N,)
    residual_df : int
    """

    terms: tuple[str, ...]
    f: np.ndarray
    p: np.ndarray
    sum_sq: np.ndarray
    df: np.ndarray
    residual_sum_sq: np.ndarray
    total_sum_sq: np.ndarray
    residual_df: int

    @property
    def eta2(self) -> np.ndarray:
        """Share of the total sum of squares, ``(T, N)``."""
        return _ratio(self.sum_sq, self.total_sum_sq)

    @property
    def partial_eta2(self) -> np.ndarray:
        """Share of what the other terms leave, ``SS / (SS + SS_residual)``."""
        defined = np.where(self.total_sum_sq > 0, 1.0, np.nan)
        whole = self.sum_sq + self.residual_sum_sq
        # Nothing left to explain by this term, in a unit that varies: no effect.
        return _ratio(self.sum_sq, np.where(whole > 0, whole, 1.0)) * defined

    @property
    def n_undefined(self) -> int:
        """Number of units with a constant response."""
        return int((self.total_sum_sq == 0).sum())

    def row(self, term: str) -> int:
        """Row of a term; the factors of an interaction may come in any order."""
        for row, name in enumerate(self.terms):
            if set(name.split(":")) == set(term.split(":")):
                return row
        raise ValueError(f"term={term!r} was not tested; choose from {self.terms}.")


def anova(
    responses: Any, factors: Mapping[str, Any], terms: Sequence[str] | None = None
) -> Anova:
    r"""Analysis of variance of every unit, of any number of factors.

    For term :math:`t` with :math:`d_t` degrees of freedom

    .. math::

        F_t = \frac{SS_t / d_t}{SS_{res} / d_{res}}, \quad
        SS_t = \lVert Q_t^\top y \rVert^2

    where y holds the cell means times :math:`\sqrt{n_c}` and the columns of
    :math:`Q_t` span what t adds to all terms that do not contain it: type II sums of
    squares [1]_. In a balanced design types I, II and III agree.

    Parameters
    ----------
    responses : array_like (n, N)
        One row per image, one column per unit.
    factors : mapping of str to array_like (n,)
        Level of every image, numbers or text, by factor.
    terms : sequence of str, optional
        Such as ``["a", "b", "a:b"]``; an interaction needs the terms it contains.
        None for every main effect and interaction. A factor without a term is
        ignored: its effect counts as noise.

    Returns
    -------
    Anova

    Raises
    ------
    ValueError
        Bad responses, factors or terms; a factor of one level; a term that cannot be
        told from others; fewer images than parameters.

    Notes
    -----
    Cells without any image are allowed; they take degrees of freedom from the
    interactions that they belong to.

    References
    ----------
    .. [1] Langsrud (2003), ANOVA for unbalanced data: use type II instead of type III
       sums of squares. Statistics and Computing 13, 163-167.

    Examples
    --------
    >>> table = anova([[1.0], [2.0], [3.0], [5.0]], {"numerosity": [6, 6, 10, 10]})
    >>> table.f.round(3), table.p.round(3), table.eta2.round(3)
    (array([[5.]]), array([[0.155]]), array([[0.714]]))
    """
    return anova_from_cells(cell_moments(responses, factors), terms)


def anova_from_moments(
    count: Any,
    mean: Any,
    m2: Any,
    factors: Mapping[str, Any],
    terms: Sequence[str] | None = None,
) -> Anova:
    """Analysis of variance from moments that were summed while images streamed by.

    Parameters
    ----------
    count : array_like (n_cells,)
        Images in each cell.
    mean, m2 : array_like (n_cells, N)
        Mean of every unit, and the sum of squared deviations from it.
    factors : mapping of str to array_like (n_cells,)
        Level of every cell.
    terms
        As in :func:`anova`.

    Returns
    -------
    Anova

    Raises
    ------
    ValueError
        As in :func:`anova`; moments that do not fit together.

    Examples
    --------
    >>> anova_from_moments(
    ...     [2, 2], [[1.5], [4.0]], [[0.5], [2.0]], {"numerosity": [6, 10]}
    ... ).f.round(3)
    array([[5.]])
    """
    return anova_from_cells(CellMoments(count, mean, m2, factors), terms)


def anova_from_cells(cells: CellMoments, terms: Sequence[str] | None = None) -> Anova:
    """Analysis of variance of the moments of a design; as :func:`anova`."""
    design = make_design(cells, terms)
    grand = cells.count @ cells.mean / cells.n_images
    y = np.sqrt(cells.count)[:, None] * (cells.mean - grand)
    sum_sq = cells.settled(np.stack([_squares(q, y) for q in design.bases]))
    residual = cells.settled(cells.m2.sum(0) + _squares(design.lack, y))
    total = cells.total_sum_sq()
    df = np.array([q.shape[1] for q in design.bases])
    with np.errstate(divide="ignore", invalid="ignore"):
        f = (sum_sq / df[:, None]) / (residual / design.residual_df)
    f[sum_sq == 0] = 0
    f[:, total == 0] = np.nan
    p = fdtrc(df[:, None], design.residual_df, f)
    return Anova(design.terms, f, p, sum_sq, df, residual, total, design.residual_df)


def _squares(basis: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.square(basis.T @ y).sum(0)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)

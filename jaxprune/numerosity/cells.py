"""Cells of a design: count, mean and squared deviations of every unit in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..plots.record import Record
from ._factors import as_factors, grouped, known

# Relative error that a float64 mean may carry: pairwise sums round about log2(n) times,
# 16 for 65,536 images, and each time by half of eps at most.
ROUND_OFF = 16 * np.finfo(np.float64).eps
# Squares of larger responses, summed over images, could overflow.
LARGEST = 1e140


@dataclass(frozen=True, eq=False, repr=False)
class CellMoments(Record):
    r"""What every analysis of units needs of the responses, cell by cell.

    Images that agree in all factors form a cell. For cell :math:`c` with
    :math:`n_c` images

    .. math::

        \bar x_c = \frac{1}{n_c} \sum_{i \in c} x_i, \quad
        M_c = \sum_{i \in c} (x_i - \bar x_c)^2

    Analyses of variance, Tukey's test and tuning curves depend on the responses
    through these alone, so they can be summed while images stream through a network
    (`jaxprune_ports.Moments`).

    Attributes
    ----------
    count : ndarray (n_cells,)
        Images in each cell, at least one.
    mean : ndarray (n_cells, N), float64
        Mean response of every unit.
    m2 : ndarray (n_cells, N), float64
        Sum of squared deviations from that mean.
    factors : dict of ndarray (n_cells,)
        Level of every factor in each cell.

    Raises
    ------
    ValueError
        Shapes that do not agree, an empty cell, NaN, or a negative ``m2``.

    Examples
    --------
    >>> cells = CellMoments([2, 2], [[0.0], [1.0]], [[1.0], [1.0]], {"number": [6, 10]})
    >>> cells.n_images, cells.n_units
    (4, 1)
    """

    count: Any
    mean: Any
    m2: Any
    factors: Any

    def __post_init__(self) -> None:
        """Convert and check."""
        for name in ("mean", "m2"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        object.__setattr__(self, "count", np.asarray(self.count))
        _check(self.count, self.mean, self.m2)
        factors = as_factors(self.factors, len(self.count), "cell")
        object.__setattr__(self, "factors", factors)

    @property
    def n_units(self) -> int:
        """Number of units."""
        return self.mean.shape[1]

    @property
    def n_images(self) -> int:
        """Number of images in all cells."""
        return int(self.count.sum())

    def levels(self, factor: str) -> np.ndarray:
        """Sorted levels of a factor."""
        return np.unique(self.factors[known(factor, self.factors, "factor")])

    def over(self, *factors: str) -> CellMoments:
        """Cells of these factors alone, the others ignored (Chan et al. 1983).

        >>> factors = {"number": [6, 6, 10, 10], "area": [1, 2, 1, 2]}
        >>> cells = CellMoments([1] * 4, [[0], [2], [4], [4]], [[0]] * 4, factors)
        >>> cells.over("number").m2.ravel()
        array([2., 0.])
        """
        for name in factors:
            known(name, self.factors, "factors")
        group, first = grouped(self.factors, factors)
        member = np.arange(len(first))[:, None] == group
        count = member @ self.count
        mean = (member * self.count / count[:, None]) @ self.mean
        between = self.count[:, None] * (self.mean - mean[group]) ** 2
        levels = {name: self.factors[name][first] for name in factors}
        return CellMoments(count, mean, member @ (self.m2 + between), levels)

    def where(self, factor: str, level: Any) -> CellMoments:
        """Cells with one level of a factor."""
        known_levels = self.levels(factor).tolist()
        if level not in known_levels:
            raise ValueError(
                f"level={level!r} is not a level of {factor!r}; choose from "
                f"{known_levels}."
            )
        return self.kept(self.factors[factor] == level)

    def kept(self, cells: np.ndarray) -> CellMoments:
        """Some of the cells: indices, or a mask."""
        levels = {name: values[cells] for name, values in self.factors.items()}
        return CellMoments(self.count[cells], self.mean[cells], self.m2[cells], levels)

    def settled(self, sum_sq: np.ndarray) -> np.ndarray:
        """Sums of squares ``(..., N)``, 0 where they are rounding errors of means.

        A unit that always gives 0.1 has means that differ in their last digit.
        """
        squares = self.m2.sum(0) + self.count @ self.mean**2
        return np.where(sum_sq <= ROUND_OFF**2 * squares, 0, sum_sq)

    def total_sum_sq(self) -> np.ndarray:
        """Sum of squared deviations from the mean of all images, ``(N,)``."""
        grand = self.count @ self.mean / self.n_images
        between = self.count @ np.square(self.mean - grand)
        return self.settled(self.m2.sum(0) + between)

    def constant(self) -> np.ndarray:
        """Units that give the same response to every image, dead ones among them."""
        return self.total_sum_sq() == 0


def _check(count: np.ndarray, mean: np.ndarray, m2: np.ndarray) -> None:
    """Shapes, empty cells and values of moments."""
    shape = (len(count) if count.ndim == 1 else 0, mean.shape[-1] if mean.ndim else 0)
    if 0 in shape or mean.shape != shape or m2.shape != shape:
        raise ValueError(
            f"count, mean and m2 have shapes {count.shape}, {mean.shape} and "
            f"{m2.shape}; expected (n_cells,) and twice (n_cells, n_units). Flatten "
            "the units of a layer: mean.reshape(n_cells, -1)."
        )
    if (count < 1).any():
        raise ValueError(
            f"count is {count[count < 1][0]} in cell {int(np.argmax(count < 1))} "
            "(counted from 0); expected at least one image in every cell. Leave empty "
            "cells out."
        )
    bad = ~(np.abs(mean) < LARGEST) | ~(m2 >= 0) | ~(m2 < LARGEST**2)
    if bad.any():
        cell, unit = (int(axis[0]) for axis in np.nonzero(bad))
        raise ValueError(
            f"responses: cell {cell}, unit {unit} (counted from 0) has mean "
            f"{mean[cell, unit]} and m2 {m2[cell, unit]}; expected finite responses "
            f"below {LARGEST:g}, and m2 >= 0. Remove such units or images, or rescale."
        )

"""What a rule returns, and how it decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...plots.record import Record
from ..anova import Anova
from ..cells import CellMoments
from ..correction import adjusted


@dataclass(frozen=True, eq=False, repr=False)
class Detectors(Record):
    """Units that a rule selects, and the tests that it looked at.

    Attributes
    ----------
    rule : str
        Name of the rule.
    mask : ndarray of bool (N,)
        Units selected. Units with a constant response, dead ones among them, never
        are.
    tests : tuple of str
        T tests, such as ``"numerosity"`` and ``"numerosity:set"``.
    f, p : ndarray (T, N)
        Statistic and uncorrected p value of every test; NaN for constant units.
    required : tuple of str
        Tests that had to be significant; the others had to be not.
    alpha : float
    correction : str
        For the number of units, in the tests required. The others stay uncorrected:
        corrected, they would let more units pass.
    """

    rule: str
    mask: np.ndarray
    tests: tuple[str, ...]
    f: np.ndarray
    p: np.ndarray
    required: tuple[str, ...]
    alpha: float
    correction: str

    @property
    def units(self) -> np.ndarray:
        """Sorted indices of the units selected."""
        return np.flatnonzero(self.mask)

    @property
    def share(self) -> float:
        """Share of all units, constant ones included."""
        return float(self.mask.mean())

    @property
    def n_undefined(self) -> int:
        """Number of units that could not be tested."""
        return int(np.isnan(self.p).any(0).sum())


def decide(
    rule: str,
    tests: tuple[str, ...],
    f: np.ndarray,
    p: np.ndarray,
    required: tuple[str, ...],
    alpha: float,
    correction: str,
) -> Detectors:
    """Units with ``p < alpha`` in the tests required and in no other."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha!r}: expected a number between 0 and 1.")
    passed = [
        adjusted(row, correction) < alpha if test in required else row >= alpha
        for test, row in zip(tests, p, strict=True)
    ]
    mask = np.all(passed, axis=0) & ~np.isnan(p).any(0)
    return Detectors(rule, mask, tests, f, p, required, alpha, correction)


def decide_on(
    rule: str,
    table: Anova,
    required: tuple[str, ...],
    alpha: float,
    correction: str,
) -> Detectors:
    """Decide on all terms of one analysis of variance."""
    return decide(rule, table.terms, table.f, table.p, required, alpha, correction)


def control_of(cells: CellMoments, numerosity: str) -> str:
    """Return the one other factor of a two-way rule."""
    others = [name for name in cells.factors if name != numerosity]
    if len(others) == 1 and len(cells.factors) == 2:
        return others[0]
    raise ValueError(
        f"factors {list(cells.factors)}: a two-way rule needs {numerosity!r} and one "
        f"other, the stimulus set. Ignore the rest with cells.over({numerosity!r}, "
        "'set'), or name your factor of number with numerosity=."
    )

"""Which penalties are tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import checks
from .pairs import Pairs

# Penalties, and the powers of ten that they span. The strongest is the sum of all
# eigenvalues, with which every direction shrinks to half or less. A ten-millionth of it
# is below most of the thousands of eigenvalues of a real layer. Weights of at least
# zero are held by that too: below a ten-thousandth their scores hardly change.
GRIDS = {"ridge": (20, 7), "nonnegative": (13, 4)}
# Those of Kaniuth and Hebart (2022).
FRACTIONS = np.linspace(0.1, 1, 20)


@dataclass(frozen=True)
class Grid:
    """Penalties to choose from, and what they mean.

    Attributes
    ----------
    given : ndarray (L,) or None
        None for a grid that follows from the features.
    kind : {"ridge", "fractional", "nonnegative"}
    """

    given: np.ndarray | None
    kind: str

    def n_fits(self, n_folds: int) -> int:
        """Steps of one choice: its folds, if there is a choice, and the final fit."""
        single = self.given is not None and len(self.given) == 1
        return 1 if single else n_folds + 1

    def values(self, pairs: Pairs, index: np.ndarray) -> np.ndarray:
        """Penalties ``(L,)`` for a fit of some pairs."""
        if self.given is not None:
            return self.given
        number, decades = GRIDS[self.kind]
        return pairs.variance(index) * np.logspace(0, -decades, number)


def make_grid(penalties: Any, nonnegative: bool) -> Grid:
    """Check penalties."""
    kind = "nonnegative" if nonnegative else "ridge"
    if penalties is None:
        return Grid(None, kind)
    if isinstance(penalties, str) and penalties == "fractions":
        if nonnegative:
            raise ValueError(
                "penalties='fractions' with nonnegative=True: fractions are of the "
                "weights of ordinary ridge regression. Give penalties, or None."
            )
        return Grid(FRACTIONS, "fractional")
    try:
        given = np.atleast_1d(checks.array_of("penalties", penalties, float))
    except (TypeError, ValueError):
        given = np.empty(0)
    if given.ndim > 1 or not len(given) or not ((given > 0) & (given < np.inf)).all():
        raise ValueError(
            f"penalties={penalties!r}: expected positive numbers, 'fractions', or None "
            "for a grid that follows from the features."
        )
    return Grid(given, kind)

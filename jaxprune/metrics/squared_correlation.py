"""Squared-correlation dissimilarity, 1 - r²."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..base.types import Dissimilarities, Pairs
from .correlation import Correlation, Moments


@dataclass(frozen=True)
class SquaredCorrelation(Correlation):
    r"""``d_ij = 1 - corr(x_i, x_j)²`` over units, undefined for a constant pattern.

    The similarity of Truong and Hasson (2022) [1]_: patterns that are opposite are as
    similar as equal ones. Their fit is its square, ``objective="r2"``.

    References
    ----------
    .. [1] Truong, Hasson (2022). ICCM.
    """

    closed_form: ClassVar[str | None] = None

    def compute(self, state: Moments, pairs: Pairs) -> Dissimilarities:
        """Dissimilarities from sums: ``(1 - r) (1 + r)``."""
        distance = super().compute(state, pairs)
        return distance * (2 - distance)

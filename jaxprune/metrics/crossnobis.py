"""Cross-validated squared Mahalanobis distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import jax.numpy as jnp
from jax import Array

from ..base.arrays import take
from ..base.types import Columns, Pairs
from ._differences import PairSums


@dataclass(frozen=True)
class Crossnobis(PairSums):
    r"""Squared distance with independent noise on both sides, from F folds.

    .. math:: d_{ij} = \frac{1}{F (F - 1)} \sum_{f \ne g}
              (x_{fi} - x_{fj})^\top P (x_{gi} - x_{gj})

    Without bias: 0 on average where two conditions differ by noise alone, so it may be
    negative. rsatoolbox's is this divided by the number of units.

    References
    ----------
    .. [1] Walther, Nili, Ejaz, Alink, Kriegeskorte, Diedrichsen (2016). Reliability of
       dissimilarity measures for multi-voxel pattern analysis. NeuroImage 137, 188-200.
    """

    folds: int = 2
    offset_free: ClassVar[bool] = True
    noise: ClassVar[Literal["none", "optional", "required"]] = "optional"
    folded: ClassVar[bool] = True
    degree: ClassVar[int] = 2

    def contributions(self, columns: Columns, pairs: Pairs) -> Array:
        """Mean product of differences in two folds, of each unit."""
        i, j = pairs
        first, *others = jnp.split(columns, self.folds, axis=1)
        before = take(first, i) - take(first, j)
        products = jnp.zeros_like(before)
        for fold in others:
            difference = take(fold, i) - take(fold, j)
            products = products + before * difference
            before = before + difference
        return products * (2 / (self.folds * (self.folds - 1)))

"""Rho-a: Spearman's rho expected under random breaking of ties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from jax import Array

from ..base.arrays import matmul
from ..base.types import Dissimilarities
from ._base import Comparison
from ._ranks import average_ranks
from .spearman import around_middle, centred_ranks, rank_products


@dataclass(frozen=True)
class RhoA(Comparison):
    """``12 Σ (x - mean x)(y - mean y) / (P³ - P)``, x and y average ranks.

    Schütt et al. 2023, eLife 82566. An RDM that is constant scores 0.
    """

    ranks: ClassVar[bool] = True

    def prepare(self, target: np.ndarray) -> np.ndarray:
        """Centred ranks."""
        return centred_ranks(target)

    def score(self, prepared: Array, rdm: Dissimilarities) -> Array:
        """Compare one RDM."""
        ranks = around_middle(average_ranks(rdm, self.scale))
        return matmul(prepared, ranks) / largest_product(len(rdm))

    def score_rows(self, prepared: np.ndarray, rdms: np.ndarray) -> np.ndarray:
        """In NumPy."""
        products = rank_products(prepared, rdms, self.scale)[0]
        return products / largest_product(rdms.shape[1])

    def terms(
        self, target: np.ndarray, rdm: np.ndarray, pairs: Any, controls: Any = None
    ) -> np.ndarray:
        """Products of centred ranks, over the largest sum that they can have."""
        del pairs, controls
        ranks = centred_ranks(rdm, self.scale)
        return centred_ranks(target) * ranks / largest_product(len(rdm))


def largest_product(n_pairs: int) -> float:
    """That of ranks without ties with themselves, ``(P³ - P) / 12``."""
    return (n_pairs**3 - n_pairs) / 12

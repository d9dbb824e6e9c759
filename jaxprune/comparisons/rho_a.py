"""Rho-a: Spearman's rho expected under random breaking of ties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from .._arrays import matmul
from .._types import Dissimilarities
from ._base import Comparison
from ._ranks import average_ranks
from .spearman import centred_ranks, rank_products


@dataclass(frozen=True)
class RhoA(Comparison):
    """``12 Σ (x - mean x)(y - mean y) / (P³ - P)``, x and y average ranks.

    Schütt et al. 2023, eLife 82566. An RDM that is constant scores 0.
    """

    ranks: ClassVar[bool] = True

    def prepare(self, target: np.ndarray) -> np.ndarray:
        """Centred ranks times 12 / (P³ - P)."""
        n_pairs = len(target)
        return centred_ranks(target) * (12 / (n_pairs**3 - n_pairs))

    def score(self, prepared: Array, rdm: Dissimilarities) -> Array:
        """Compare one RDM."""
        ranks = average_ranks(rdm, self.scale)
        return matmul(prepared, ranks - jnp.mean(ranks))

    def score_rows(self, prepared: np.ndarray, rdms: np.ndarray) -> np.ndarray:
        """In NumPy."""
        return rank_products(prepared, rdms, self.scale)[0]

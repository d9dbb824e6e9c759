"""Squared Euclidean distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from ..base.types import Dissimilarities, Pairs
from ._differences import PairDifferences


@dataclass(frozen=True)
class SquaredEuclidean(PairDifferences):
    r"""``d_ij = Σ_k (x_ik - x_jk)²``, as `scipy.spatial.distance` has it.

    rsatoolbox calls ``'euclidean'`` what is this divided by the number of units; no
    comparison of RDMs depends on that factor.
    """

    closed_form: ClassVar[str | None] = "sqeuclidean"
    degree: ClassVar[int] = 2

    def compute(self, state: Array, pairs: Pairs) -> Dissimilarities:
        """Dissimilarities from sums."""
        del pairs
        return jnp.maximum(state, 0)

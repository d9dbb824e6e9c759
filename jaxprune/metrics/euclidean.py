"""Euclidean distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from ..base.types import Dissimilarities, Pairs
from ._base import Metric
from ._differences import PairDifferences
from .cosine import largest_share


@dataclass(frozen=True)
class Euclidean(PairDifferences):
    r"""``d_ij = sqrt(Σ_k (x_ik - x_jk)²)``, the plain distance.

    rsatoolbox calls ``'euclidean'`` the squared one, divided by the number of units.
    """

    degree: ClassVar[int] = 1

    def compute(self, state: Array, pairs: Pairs) -> Dissimilarities:
        """Dissimilarities from sums."""
        del pairs
        return jnp.sqrt(jnp.maximum(state, 0))

    # Here a distance counts however small it is beside the others.
    remove = Metric.remove
    subtract = Metric.subtract

    def fragile(self, state: Array, removed: Array) -> Array:
        """A unit that carries nearly all of a distance.

        With a fraction f of d² left, the root is off by ``eps d / (2 sqrt(f))``; at
        ``f = eps^(1/3)`` that is ``eps^(5/6) d / 2``: 4e-14 in float64.
        """
        left = jnp.finfo(state.dtype).eps ** (1 / 3)
        return largest_share(state, removed) > 1 - left

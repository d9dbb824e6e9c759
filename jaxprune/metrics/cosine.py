"""Cosine dissimilarity, 1 - c."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import jax.numpy as jnp
from jax import Array

from ..base.arrays import matmul, settle, take
from ..base.types import Columns, Dissimilarities, Features, Pairs
from ._base import Metric

# A unit that carries more than half of a pattern leaves a difference with fewer
# correct digits than the features have; there are at most two such units a pattern.
DOMINATES = 0.5


class Products(NamedTuple):
    """Sums of squares ``(n,)`` and of products ``(P,)``."""

    squares: Array
    products: Array


@dataclass(frozen=True)
class Cosine(Metric):
    r"""``d_ij = 1 - Σ_k x_ik x_jk / (|x_i| |x_j|)``, undefined for an empty pattern."""

    closed_form: ClassVar[str | None] = "unit_rows"
    scale: ClassVar[float] = 1.0
    degree: ClassVar[int] = 0

    def init(self, x: Features, pairs: Pairs, mask: Array | None = None) -> Products:
        """Sums over all units (of a mask)."""
        x = x if mask is None else jnp.where(mask[None, :], x, 0)
        gram = matmul(x, x.T)
        return Products(jnp.diagonal(gram), gram[pairs])

    def contributions(self, columns: Columns, pairs: Pairs) -> Products:
        """Squares and products of each unit."""
        i, j = pairs
        return Products(columns * columns, take(columns, i) * take(columns, j))

    def compute(self, state: Products, pairs: Pairs) -> Dissimilarities:
        """Dissimilarities from sums."""
        return similarity_distance(state.squares, state.products, pairs, self.undefined)

    def fragile(self, state: Products, removed: Products) -> Array:
        """More than half of a pattern's squared length."""
        return largest_share(state.squares, removed.squares) > DOMINATES


def similarity_distance(
    squares: Array, products: Array, pairs: Pairs, undefined: str
) -> Array:
    """``1 - products / sqrt(squares_i squares_j)``; all NaN if a pattern is missing."""
    i, j = pairs
    exists = squares > 0
    inverse = settle(jnp.where(exists, 1 / jnp.sqrt(jnp.where(exists, squares, 1)), 0))
    distance = 1 - products * take(inverse, i) * take(inverse, j)
    if undefined == "zero":
        return distance
    # Every condition has a pair, so an RDM that lacks a pattern has no score.
    complete = jnp.all(exists, -1, keepdims=True)
    return jnp.where(complete, distance, jnp.nan)


def largest_share(total: Array, part: Array) -> Array:
    """Largest ``part / total`` of each of a batch; sums that are 0 have nothing."""
    some = (total > 0)[None]
    return jnp.max(jnp.where(some, part / jnp.where(some, total[None], 1), 0), 1)

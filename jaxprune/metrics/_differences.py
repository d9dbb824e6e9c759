"""What the two Euclidean metrics share: sums of squared differences."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
from jax import Array, lax

from .._arrays import matmul, take
from .._types import Columns, Features, Pairs
from ._base import Metric

# From a Gram matrix, d² = g_ii + g_jj - 2 g_ij is known to eps (g_ii + g_jj); where it
# is less than this share of g_ii + g_jj, more than four digits have cancelled.
CLOSE = 1e-4

SLAB = 256


@dataclass(frozen=True)
class PairDifferences(Metric):
    """State: ``Σ_k (x_ik - x_jk)²`` for every pair, ``(P,)``. Always defined."""

    def init(self, x: Features, pairs: Pairs, mask: Array | None = None) -> Array:
        """Sums over all units (of a mask)."""
        i, j = pairs
        x = x if mask is None else jnp.where(mask[None, :], x, 0)
        # Differences do not change if every unit is centred over the conditions.
        x = x - jnp.mean(x, 0, keepdims=True)
        gram = matmul(x, x.T)
        squares = jnp.diagonal(gram)
        both = take(squares, i) + take(squares, j)
        sums = both - 2 * gram[i, j]
        return lax.cond(
            jnp.any(sums < CLOSE * both),
            lambda: self._one_by_one(x, pairs),
            lambda: sums,
        )

    def _one_by_one(self, x: Features, pairs: Pairs) -> Array:
        """Difference by difference: slower, and exact for pairs that are close."""
        n, n_units = x.shape
        slab = min(SLAB, n_units)

        def step(sums: Array, index: Array) -> tuple[Array, None]:
            start = jnp.minimum(index * slab, n_units - slab)
            columns = lax.dynamic_slice_in_dim(x, start, slab, 1).T
            # Units that the overlapping last slab repeats count once.
            fresh = start + jnp.arange(slab) >= index * slab
            columns = jnp.where(fresh[:, None], columns, 0)
            return sums + jnp.sum(self.contributions(columns, pairs), 0), None

        zero = jnp.zeros(pairs[0].shape, x.dtype)
        return lax.scan(step, zero, jnp.arange(-(-n_units // slab)))[0]

    def contributions(self, columns: Columns, pairs: Pairs) -> Array:
        """Squared differences of each unit."""
        i, j = pairs
        difference = take(columns, i) - take(columns, j)
        return difference * difference

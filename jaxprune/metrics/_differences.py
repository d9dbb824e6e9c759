"""What the metrics share that are sums over units for every pair of conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jax import Array, lax

from ..base.arrays import matmul, take
from ..base.types import Columns, Dissimilarities, Features, Pairs
from ._base import Metric

# From a Gram matrix, d² = g_ii + g_jj - 2 g_ij is known to eps (g_ii + g_jj); where it
# is less than this share of g_ii + g_jj, more than four digits have cancelled.
CLOSE = 1e-4

# Units whose contributions to all pairs are formed together: more are no faster, and
# XLA holds four arrays of them.
BLOCK = 16


@dataclass(frozen=True)
class PairSums(Metric):
    """State: one sum for every pair, ``(P,)``. Always defined.

    A unit that responds alike to all conditions adds nothing.
    """

    def init(self, x: Features, pairs: Pairs, mask: Array | None = None) -> Array:
        """Sums over all units (of a mask), one by one: exact for close pairs."""
        n_units = x.shape[1]
        block = min(BLOCK, n_units)
        chosen = jnp.ones(n_units, bool) if mask is None else mask

        def step(sums: Array, index: Array) -> tuple[Array, None]:
            start = jnp.minimum(index * block, n_units - block)
            columns = lax.dynamic_slice_in_dim(x, start, block, 1).T
            # Units that the overlapping last block repeats count once.
            counts = start + jnp.arange(block) >= index * block
            counts &= lax.dynamic_slice_in_dim(chosen, start, block)
            columns = jnp.where(counts[:, None], columns, 1)
            return sums + jnp.sum(self.contributions(columns, pairs), 0), None

        zero = jnp.zeros(pairs[0].shape, x.dtype)
        return lax.scan(step, zero, jnp.arange(-(-n_units // block)))[0]

    def compute(self, state: Array, pairs: Pairs) -> Dissimilarities:
        """Dissimilarities: the sums themselves."""
        del pairs
        return state

    def remove(
        self, state: Array, columns: Columns, pairs: Pairs
    ) -> tuple[Array, Array]:
        """Sums without each unit; the largest alone tells whether digits are lost.

        A sum that is small beside it may lose more, but hardly counts; and to look at
        all of them takes longer than to subtract.
        """
        i, j = pairs
        largest = jnp.argmax(jnp.abs(state))[None]
        removed = self.contributions(columns, (take(i, largest), take(j, largest)))
        without = state[None] - self.contributions(columns, pairs)
        return without, self.fragile(take(state, largest), removed)

    def subtract(self, state: Array, parts: Array, pairs: Pairs) -> tuple[Array, Array]:
        """Sums without each set of units; the largest alone tells of lost digits."""
        del pairs
        largest = jnp.argmax(jnp.abs(state))[None]
        fragile = self.fragile(take(state, largest), take(parts, largest))
        return state[None] - parts, fragile

    def fragile(self, state: Array, removed: Array) -> Array:
        """A unit that carries nearly all of a sum, so that four digits cancel."""
        close = jnp.abs(state[None] - removed) < CLOSE * jnp.abs(state)[None]
        return jnp.any(close, 1)


@dataclass(frozen=True)
class PairDifferences(PairSums):
    """State: ``Σ_k (x_ik - x_jk)²`` for every pair."""

    offset_free: ClassVar[bool] = True

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
        one_by_one = super().init
        return lax.cond(
            jnp.any(sums < CLOSE * both), lambda: one_by_one(x, pairs), lambda: sums
        )

    def contributions(self, columns: Columns, pairs: Pairs) -> Array:
        """Squared differences of each unit."""
        i, j = pairs
        difference = take(columns, i) - take(columns, j)
        return difference * difference

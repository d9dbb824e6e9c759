"""What the closed forms share: blocks of units and the products taken over them."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jax import Array, lax

from .._arrays import matmul

# A unit that takes away more than this share of the RDM's variance leaves a
# difference with two digits less; it is done directly.
LOST = 0.99

GRAM_BLOCK = 1024


def quadratic(matrix: Array, x: Array) -> Array:
    """``x_bᵀ M x_b`` for a symmetric M ``(n, n)`` and every column of x ``(n, B)``.

    The lower left quarter of M is the transpose of the upper right one, so three
    quarters of the product are enough.
    """
    half = len(matrix) // 2
    upper = jnp.concatenate([matrix[:half, :half], 2 * matrix[:half, half:]], 1)
    top = matmul(upper, x)
    bottom = matmul(matrix[half:, half:], x[half:])
    return jnp.sum(x[:half] * top, 0) + jnp.sum(x[half:] * bottom, 0)


def importance(d_st: Array, u: Array, rho: Array, v: Array) -> Array:
    """``U / sqrt(V) - (U - ΔST) / sqrt(V + ΔV)`` for ``ρ = ΔV / V``, in changes."""
    g = -rho / (jnp.sqrt(1 + rho) + 1 + rho)
    return (d_st * (1 + g) - u * g) / jnp.sqrt(v)


def gram(
    x: Array, transform: Callable[[Array], Array], dtype: str
) -> tuple[Array, Array]:
    """``X Xᵀ`` ``(n, n)`` and row sums ``(n,)`` of transformed blocks of columns."""
    n, n_units = x.shape
    block = min(GRAM_BLOCK, n_units)

    def step(sums: tuple[Array, Array], index: Array) -> tuple[tuple, None]:
        # The last block overlaps the one before it; units that it repeats count once.
        start = jnp.minimum(index * block, n_units - block)
        fresh = start + jnp.arange(block) >= index * block
        columns = transform(lax.dynamic_slice_in_dim(x, start, block, 1))
        columns = jnp.where(fresh[None, :], columns, 0)
        products = sums[0] + matmul(columns, columns.T)
        # A product: XLA adds up a row one number after the other.
        ones = jnp.ones(block, columns.dtype)
        return (products, sums[1] + matmul(columns, ones)), None

    zero = jnp.zeros((n, n), dtype), jnp.zeros(n, dtype)
    return lax.scan(step, zero, jnp.arange(-(-n_units // block)))[0]

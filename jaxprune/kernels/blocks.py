"""What the closed forms share: blocks of units and the products taken over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..base.arrays import matmul
from ..comparisons.controls import LEFT

# A unit that takes away more than this share of the RDM's variance leaves a
# difference with two digits less; it is done directly.
LOST = 0.99


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


def without_controls(u: Array, v: Array, n_controls: int) -> tuple[Array, Array]:
    """The variance of an RDM beside its controls, and whether none is left.

    Parameters
    ----------
    u : (k + K,)
        Products with targets and with K orthonormal controls, in that order.
    v : ()
        The whole variance.
    """
    left = v - jnp.sum(u[len(u) - n_controls :] ** 2)
    explained = left <= LEFT * jnp.finfo(v.dtype).eps * v if n_controls else False
    return jnp.where(explained, 1, left), jnp.asarray(explained)


def losses(
    d_st: Array, u: Array, d_v: Array, v: Array, n_controls: int, fragile: Array | bool
) -> tuple[Array, Array]:
    """Importances ``(k, B)``, and units ``(B,)`` that have to be done otherwise.

    ``U / sqrt(V) - (U - ΔST) / sqrt(V + ΔV)`` for ``ρ = ΔV / V``, in changes.

    Parameters
    ----------
    d_st : (k + K, B)
        What the products `u` with targets and controls lose.
    d_v : (B,)
        Change of the whole variance.
    v : ()
        Variance beside the controls.
    fragile : (B,)
        Units that are known to be.
    """
    n_targets = len(u) - n_controls
    lost, products = d_st[n_targets:], u[n_targets:, None]
    if n_controls:
        d_v = d_v + jnp.sum(lost * (2 * products - lost), 0)
    rho = d_v / v
    g = (-rho / (jnp.sqrt(1 + rho) + 1 + rho))[None]
    values = (d_st[:n_targets] * (1 + g) - u[:n_targets, None] * g) / jnp.sqrt(v)
    return values, fragile | (rho < -LOST)


def gram(
    x: Array,
    n_units: Array,
    transform: Callable[[Array], Array],
    dtype: str,
    block: int,
) -> tuple[Array, Array]:
    """``X Xᵀ`` ``(n, n)`` and row sums ``(n,)`` of the first columns, transformed.

    The others fill a piece of a layer up to a width that many layers have. Blocks are
    added up in float64, so that round-off is that of one block.
    """
    n, width = x.shape
    block = min(block, width)

    def step(index: Array, sums: tuple[Array, Array]) -> tuple[Array, Array]:
        # The last block overlaps the one before it; units that it repeats count once.
        start = jnp.minimum(index * block, width - block)
        units = start + jnp.arange(block, dtype="int32")
        counts = (units >= index * block) & (units < n_units)
        columns = transform(lax.dynamic_slice_in_dim(x, start, block, 1))
        columns = jnp.where(counts[None, :], columns, 0)
        products = matmul(columns, columns.T)
        # A product: XLA adds up a row one number after the other.
        ones = jnp.ones(block, columns.dtype)
        added = products, matmul(columns, ones)
        return jax.tree.map(lambda s, a: s + a.astype(s.dtype), sums, added)

    zero = jnp.zeros((n, n), "float64"), jnp.zeros(n, "float64")
    sums = lax.fori_loop(0, -(-n_units // block), step, zero)
    return jax.tree.map(lambda s: s.astype(dtype), sums)


def importances_of(
    without: Callable[[Array], tuple[Array, Array]],
    coordinates: Callable[[Array], Array],
    x: Array,
    starts: Array,
    n_units: Array,
    block: int,
) -> tuple[Array, Array, Array]:
    """What a closed form's `leave_one_out` returns, of all blocks of a piece.

    Parameters
    ----------
    without, coordinates : callable
        `removal` and `coordinates` of the form, for the layer.
    """

    def one_block(start: Array) -> tuple[Array, Array, Array]:
        columns = lax.dynamic_slice_in_dim(x, start, block, 1)
        return *without(coordinates(columns)), ~jnp.any(columns != 0, 0)

    return over_blocks(one_block, starts, n_units)


def over_blocks(
    one_block: Callable[[Array], Any], starts: Array, n_units: Array
) -> Any:
    """Results of all blocks ``(blocks, ...)``; zeros for those that begin too late.

    Tasks are equally long, so that one compiled kernel serves all, and layers are not:
    what begins after the last unit is not computed.
    """
    shapes = jax.eval_shape(one_block, starts[0])

    def nothing(start: Array) -> Any:
        del start
        return jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), shapes)

    return lax.map(
        lambda start: lax.cond(start < n_units, one_block, nothing, start), starts
    )

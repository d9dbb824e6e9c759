r"""Leave-one-out for squared Euclidean RDMs as two quadratic forms.

Removing unit x from ``D_ij = Σ_k (x_ik - x_jk)²`` subtracts ``(x_i - x_j)²``. With
every unit centred over the conditions, ``L_M = diag(M1) - M`` and power sums
``p_m = Σ x_i^m``,

    ΔST = -xᵀ L_T x,    ΔS1 = -xᵀ L_W x = -n p2,
    ΔS2 = -2 xᵀ L_D x + n p4 + 3 p2²

(with missing pairs, W their 0/1 matrix: ``(W1)ᵀx⁴ - 4 xᵀW x³ + 3 (x²)ᵀW x²`` for the
last two terms).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..base.arrays import matmul
from ..comparisons import vanishes
from .blocks import gram, importances_of, losses, quadratic, without_controls


class LayerMoments(NamedTuple):
    """What does not depend on the unit removed; `c` is 1, or -1 if units are added."""

    c: Array
    distance: Array
    u: Array
    v: Array
    s1: Array
    full: Array


@partial(jax.jit, static_argnames=("dtype", "block"))
def piece_sums(
    x: Array, mean: Array, n_units: Array, *, dtype: str, block: int
) -> tuple[Array, Array]:
    """Gram matrix ``(n, n)`` and row sums of a piece; arguments as in the other form.

    Row means are not needed: every unit is centred over the conditions.
    """
    return gram(x, n_units, lambda c: deviations(c, mean, dtype), dtype, block)


def deviations(columns: Array, mean: Array, dtype: str) -> Array:
    """Units ``(n, B)`` centred: what `piece_sums` sums the products of."""
    del mean
    return centre(columns, dtype)


def coordinates(moments: LayerMoments, columns: Array, dtype: str) -> Array:
    """Units ``(n, B)`` as `removal` takes them."""
    del moments
    return centre(columns, dtype)


@partial(jax.jit, static_argnames=("centred", "pearson", "n_controls"))
def prepare(
    sums: tuple[Array, Array],
    mean: Array,
    varies: Array,
    n_units: Array,
    targets: Array,
    kept: Array,
    *,
    centred: bool,
    pearson: bool,
    n_controls: int,
) -> LayerMoments:
    """Distances of all units and their moments; arguments as in the other form."""
    del mean, varies, n_units, centred
    products, _ = sums
    squares = jnp.diagonal(products)
    distance = (squares[:, None] + squares[None, :] - 2 * products) * kept
    n_pairs = jnp.sum(kept) / 2
    s1, s2 = jnp.sum(distance) / 2, jnp.sum(distance * distance) / 2
    spread = (distance - s1 / n_pairs) * kept
    v = jnp.sum(spread * spread) / 2 if pearson else s2
    u = jnp.einsum("kij,ij->k", targets, distance, precision="highest") / 2
    lost = vanishes(v, s2, n_pairs, 0.0)
    v, explained = without_controls(u, v, n_controls)
    score = u[: len(u) - n_controls] / jnp.sqrt(v)
    full = jnp.where(lost | explained, jnp.nan, score)
    return LayerMoments(jnp.ones((), products.dtype), distance, u, v, s1, full)


@partial(
    jax.jit, static_argnames=("pearson", "complete", "n_controls", "block", "dtype")
)
def leave_one_out(
    moments: LayerMoments,
    x: Array,
    starts: Array,
    n_units: Array,
    targets: Array,
    kept: Array,
    *,
    pearson: bool,
    complete: bool,
    n_controls: int,
    block: int,
    dtype: str,
) -> tuple[Array, Array, Array]:
    """Importances ``(blocks, k, B)``; fragile units, dead units ``(blocks, B)``."""
    how = {"pearson": pearson, "complete": complete, "n_controls": n_controls}
    without = removal(moments, targets, kept, **how)
    place = partial(coordinates, moments, dtype=dtype)
    return importances_of(without, place, x, starts, n_units, block)


def removal(
    moments: LayerMoments,
    targets: Array,
    kept: Array,
    *,
    pearson: bool,
    complete: bool,
    n_controls: int,
) -> Callable[[Array], tuple[Array, Array]]:
    """Importances ``(k, B)`` and fragile ones ``(B,)`` of centred units ``(n, B)``.

    A negative `c` makes it what the score loses when units are added.
    """
    n, c = len(kept), moments.c
    n_pairs = jnp.sum(kept) / 2
    laplacian = laplacians(moments.distance[None])[0]
    target_laplacians = laplacians(targets)

    def without(z: Array) -> tuple[Array, Array]:
        squares = z * z
        p2, fourth = jnp.sum(squares, 0), squares * squares
        if complete:
            d_s1 = -c * n * p2
            powers = n * jnp.sum(fourth, 0) + 3 * p2 * p2
        else:
            d_s1 = -c * quadratic(laplacians(kept[None])[0], z)
            powers = (
                matmul(jnp.sum(kept, 1), fourth)
                - 4 * jnp.sum(z * matmul(kept, squares * z), 0)
                + 3 * quadratic(kept, squares)
            )
        d_s2 = -2 * c * quadratic(laplacian, z) + powers
        d_v = d_s2
        if pearson:
            d_v = d_s2 - (2 * moments.s1 + d_s1) * d_s1 / n_pairs

        def one_target(target_laplacian: Array) -> Array:
            # The product with the distances themselves, so its change is subtracted.
            return c * quadratic(target_laplacian, z)

        d_st = lax.map(one_target, target_laplacians)
        return losses(d_st, moments.u, d_v, moments.v, n_controls, False)

    return without


def laplacians(matrix: Array) -> Array:
    """``diag(M1) - M`` of symmetric matrices ``(k, n, n)``."""
    sums = jnp.sum(matrix, -1)
    return jax.vmap(jnp.diag)(sums) - matrix


def centre(columns: Array, dtype: str) -> Array:
    """Every unit around its mean over the conditions: distances do not change."""
    wide = columns.astype(np.promote_types(columns.dtype, dtype))
    return (wide - jnp.mean(wide, 0, keepdims=True)).astype(dtype)

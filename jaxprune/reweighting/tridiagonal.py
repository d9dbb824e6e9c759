"""Symmetric matrices brought to tridiagonal form: one system with many shifts.

A is reduced once (Householder); a system in ``A + λ I`` then costs as much as reading
a vector, whatever λ. An eigendecomposition serves too, at several times the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..base.arrays import matmul

# Halvings of an interval of log λ, of 40 decades at most: down to round-off.
BISECTIONS = 60


class Tridiagonal(NamedTuple):
    """``A = Q T Qᵀ``, where Q leaves the first coordinate alone.

    Attributes
    ----------
    diagonal, beside : (p,), (p - 1,)
        Of T.
    rotation : (p - 1, p - 1)
        The rest of Q.
    """

    diagonal: Array
    beside: Array
    rotation: Array

    def to(self, b: Array) -> Array:
        """``Qᵀ b``, ``(..., p)``."""
        return jnp.concatenate([b[..., :1], matmul(b[..., 1:], self.rotation)], -1)

    def back(self, z: Array) -> Array:
        """``Q z``, ``(..., p)``."""
        return jnp.concatenate([z[..., :1], matmul(z[..., 1:], self.rotation.T)], -1)

    def solve(self, shift: Array, c: Array) -> Array:
        """``z (p,)`` with ``(T + shift I) z = c``."""
        zero = jnp.zeros(1, c.dtype)
        below = jnp.concatenate([zero, self.beside])
        above = jnp.concatenate([self.beside, zero])
        diagonal = self.diagonal + shift
        return lax.linalg.tridiagonal_solve(below, diagonal, above, c[:, None])[:, 0]

    def solve_all(self, shifts: Array, c: Array) -> Array:
        """The same for every shift, ``(L, p)``."""
        return jax.vmap(self.solve, (0, None))(shifts, c)


Norm: TypeAlias = Callable[[Tridiagonal, Array], Array]


def reduce(a: Array) -> Tridiagonal:
    """Tridiagonal form of a symmetric matrix."""
    reflectors, diagonal, beside, scales = lax.linalg.tridiagonal(a, lower=True)
    rotation = lax.linalg.householder_product(reflectors[1:, :-1], scales)
    return Tridiagonal(diagonal, beside, rotation)


def penalties_of_fractions(
    reduced: Tridiagonal, c: Array, fractions: Array, norm: Norm
) -> Array:
    """Penalties ``(L,)`` with which weights have fractions of their norm without one.

    The norm falls with λ: bisection. Without a penalty means λ at round-off of the
    largest eigenvalue, which is at most the largest sum of sizes in a row of T.
    """
    sizes, beside = jnp.abs(reduced.diagonal), jnp.abs(reduced.beside)
    sizes = sizes.at[1:].add(beside).at[:-1].add(beside)
    least = jnp.max(sizes) * len(sizes) * jnp.finfo(sizes.dtype).eps
    wanted = fractions * norm(reduced, reduced.solve(least, c)[None])
    # No eigenvalue is negative: the norm is at most that without A, over λ.
    most = norm(reduced, c[None]) / wanted

    def halve(_: int, interval: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = interval
        middle = (low + high) / 2
        large = norm(reduced, reduced.solve_all(jnp.exp(middle), c)) > wanted
        return jnp.where(large, middle, low), jnp.where(large, high, middle)

    low = jnp.broadcast_to(jnp.log(least), most.shape)
    low, high = lax.fori_loop(0, BISECTIONS, halve, (low, jnp.log(most)))
    return jnp.exp((low + high) / 2)


def norms(_: Tridiagonal, z: Array) -> Array:
    """Norms ``(L,)`` of z."""
    return jnp.sqrt(jnp.sum(z**2, 1))


def root_norms(reduced: Tridiagonal, z: Array) -> Array:
    """Norms ``(L,)`` of ``Φᵀ α`` where ``A = Φ Φᵀ``: roots of ``zᵀ T z``."""
    beside = jnp.sum(reduced.beside * z[:, 1:] * z[:, :-1], 1)
    return jnp.sqrt(jnp.maximum(jnp.sum(reduced.diagonal * z**2, 1) + 2 * beside, 0))

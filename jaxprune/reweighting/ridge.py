r"""Ridge regression of a target on pair features, many penalties at once.

With centred pair features Φ and dissimilarities y, the weights of a penalty λ are

.. math:: w = Φ^⊤ (Φ Φ^⊤ + λ I)^{-1} y = (Φ^⊤ Φ + λ I)^{-1} Φ^⊤ y,

the dual and the primal form: the smaller matrix of the two is reduced.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.scipy.linalg import cho_factor, cho_solve

from ..base.arrays import matmul
from .forms import Form
from .tridiagonal import Norm, norms, penalties_of_fractions, reduce, root_norms


@partial(jax.jit, static_argnames=("form", "fractional"))
def dual(
    form: Form,
    x: Array,
    i: Array,
    j: Array,
    y: Array,
    penalties: Array,
    gram: Array,
    pairs: Array,
    *,
    fractional: bool = False,
) -> Array:
    """Weights ``(L, N)`` from the pairs' Gram matrix: for more units than pairs.

    Parameters
    ----------
    form : Form
    x : (n, N)
        Prepared features.
    i, j : (p,)
        Pairs, as rows of `x`.
    y : (p,)
        Their dissimilarities.
    penalties : (L,)
        λ, or fractions of the norm of the unregularised weights.
    gram : (P, P)
        Of all pairs.
    pairs : (p,)
        The pairs of the fit among them.
    """
    matrix = centred(gram, pairs)
    alphas = _solve(matrix, y - jnp.mean(y), penalties, fractional, root_norms)

    def weights(alpha: Array) -> Array:
        # They sum to zero, as y does; weights would multiply what rounding leaves.
        return form.adjoint(x, symmetric(alpha - jnp.mean(alpha), i, j, len(x)))

    return lax.map(weights, alphas)


@partial(jax.jit, static_argnames=("form", "fractional"))
def primal(
    form: Form,
    x: Array,
    i: Array,
    j: Array,
    y: Array,
    penalties: Array,
    *,
    fractional: bool = False,
) -> Array:
    """Weights ``(L, N)``, as `dual`, for fewer units than pairs."""
    phi = form.pair_features(x, i, j)
    phi = phi - jnp.mean(phi, 0)
    b = matmul(y - jnp.mean(y), phi)
    return _solve(matmul(phi.T, phi), b, penalties, fractional, norms)


def centred(gram: Array, pairs: Array) -> Array:
    """Gram matrix ``(p, p)`` of some pairs, their mean taken out."""
    kept = gram[pairs][:, pairs]
    mean = jnp.mean(kept, 0)
    return kept - mean - mean[:, None] + jnp.mean(mean)


def symmetric(values: Array, i: Array, j: Array, n: int) -> Array:
    """Matrix ``(n, n)`` with these values at pairs, in both triangles."""
    square = jnp.zeros((n, n), values.dtype).at[i, j].set(values)
    return square + square.T


def _solve(
    matrix: Array, b: Array, penalties: Array, fractional: bool, norm: Norm
) -> Array:
    """Solutions ``(L, p)`` of ``(A + λ I) s = b``."""
    if len(penalties) == 1 and not fractional:
        # A reduction takes as long as twenty factorisations.
        shifted = matrix + penalties * jnp.eye(len(b), dtype=b.dtype)
        return cho_solve(cho_factor(shifted), b)[None]
    reduced = reduce(matrix)
    c = reduced.to(b)
    if fractional:
        penalties = penalties_of_fractions(reduced, c, penalties, norm)
    return reduced.back(reduced.solve_all(penalties, c))

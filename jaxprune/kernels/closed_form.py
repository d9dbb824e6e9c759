r"""Leave-one-out for correlation and cosine RDMs as five quadratic forms.

Let Z be the features with every row scaled to unit length (and centred, for the
correlation metric), R = Z Zᵀ and c = N / (N - 1) (correlation) or 1 (cosine).
Removing unit z is exactly a rank-one downdate,

    R_z(i, j) = w_i w_j (R_ij - c z_i z_j),    w_i = (1 - c z_i²)^(-1/2),

so that the moments of the RDM, its product with the target and its own variance,
change by quadratic forms in z: one ``(n, n) x (n, B)`` product each, whatever the
number of pairs. No RDM is formed. Everything is written in *changes* around the mean
similarity r0, because an importance is about 1/N of a score: subtracting two scores
would lose it in float32.

Symbols follow the derivation: with s = c z², p = 1 - s, y = sqrt(p)

    w = 1 / y,  b = 1 / p,  d = w - 1 = s / (y + p),  e = b - 1 = s / p,

    H = R - r0 off the diagonal,  A = T∘R,  J(x, y) = xᵀ W y,
    ΔST = (A1)ᵀd + ½ dᵀAd - ½ c (wz)ᵀT(wz)
    ΔS1 = (R1)ᵀd + ½ dᵀRd - ½ c J(wz, wz)
    ΔK  = ((R∘H)1)ᵀe + r0 (R1)ᵀd² + ½ eᵀ(R∘R)e - r0 dᵀRd
          - c [(bz)ᵀH(bz) + r0 J(wzd, bz + wz)] + ½ J(e, e)

where W is 1 for every pair kept (zero diagonal) and R, H are zero elsewhere. Controls
are further targets C, orthonormal: what they explain, ``Σ U_C²``, is not in V, and
leaves ΔV with ``Σ (2 U_C ΔSC - ΔSC²)``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..base.arrays import matmul, shifted
from ..comparisons import vanishes
from ..metrics.cosine import DOMINATES
from .blocks import gram, importances_of, losses, quadratic, without_controls


class LayerMoments(NamedTuple):
    """What does not depend on the unit removed; `c` is N / (N - 1) or 1."""

    c: Array
    mean: Array
    inverse_length: Array
    similarity: Array
    h: Array
    weighted: Array
    u: Array
    r0: Array
    v: Array
    full: Array


@partial(jax.jit, static_argnames=("dtype", "block"))
def piece_sums(
    x: Array, mean: Array, n_units: Array, *, dtype: str, block: int
) -> tuple[Array, Array]:
    """Gram matrix ``(n, n)`` and row sums ``(n,)`` of a piece of the layer.

    Parameters
    ----------
    x : (n, W)
        Features in their own dtype; converted block by block.
    mean : (n,)
        Row means of all pieces (zeros, for the cosine metric), in double where
        possible.
    n_units : int
        Columns that are units; the others only fill up.
    dtype : str
        Computing dtype.
    block : int
        Units whose products are summed together.
    """
    return gram(x, n_units, lambda c: deviations(c, mean, dtype), dtype, block)


def deviations(columns: Array, mean: Array, dtype: str) -> Array:
    """Units ``(n, B)`` around the means: what `piece_sums` sums the products of."""
    return shifted(columns, mean[:, None], dtype)


def coordinates(moments: LayerMoments, columns: Array, dtype: str) -> Array:
    """Units ``(n, B)`` as `removal` takes them."""
    return deviations(columns, moments.mean, dtype) * moments.inverse_length[:, None]


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
    """Similarities of all units and their moments.

    Parameters
    ----------
    sums : (n, n), (n,)
        `piece_sums`, summed over the pieces.
    mean : (n,)
        As there.
    varies : (n,)
        False for a pattern that is constant (or empty), whose similarities are 0.
    n_units : float
        Units of the layer, in the computing dtype.
    targets : (k + K, n, n)
        Symmetric, zero on the diagonal and on missing pairs, unit length over pairs
        (and centred over the kept pairs, if ``pearson``); the last ones are controls.
    kept : (n, n)
        1 for every pair kept, 0 on the diagonal.
    centred : bool
        True for the correlation metric, False for cosine.
    pearson : bool
        True for the Pearson comparison, False for cosine.
    n_controls : int
        K.
    """
    products, rest = sums
    c = jnp.ones((), products.dtype)
    if centred:
        # What the means leave is subtracted too: rows with a large common offset
        # keep their digits.
        products = products - rest[:, None] * rest[None, :] / n_units
        mean = mean + (rest / n_units).astype(mean.dtype)
        c = n_units / (n_units - 1)
    length = jnp.sqrt(jnp.diagonal(products))
    exists = varies & (length > 0)
    inverse = jnp.where(exists, 1 / jnp.where(exists, length, 1), 0)
    similarity = products * inverse[:, None] * inverse[None, :] * kept
    n_pairs = jnp.sum(kept) / 2
    r0 = jnp.ones((), products.dtype)
    if pearson:
        r0 = jnp.sum(similarity) / 2 / n_pairs
    h = (similarity - r0) * kept
    v = jnp.sum(h * h) / 2
    s2 = jnp.sum((1 - similarity) ** 2 * kept) / 2
    u = -jnp.einsum("kij,ij->k", targets, h, precision="highest") / 2
    # A pattern too small for this precision: its similarities are not known.
    lost = jnp.any(varies & (length == 0)) | vanishes(v, s2, n_pairs, 1.0)
    v, explained = without_controls(u, v, n_controls)
    score = u[: len(u) - n_controls] / jnp.sqrt(v)
    full = jnp.where(lost | explained, jnp.nan, score)
    weighted = targets * similarity[None]
    return LayerMoments(c, mean, inverse, similarity, h, weighted, u, r0, v, full)


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
    """Importances ``(blocks, k, B)``; fragile units, dead units ``(blocks, B)``.

    `starts` are the first units of blocks of a piece of the layer; ``complete`` says
    that no pair is missing, which turns the forms in ``kept`` into sums. Otherwise as
    in `prepare`.
    """
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
    """Importances ``(k, B)`` and fragile ones ``(B,)`` of normalised units ``(n, B)``.

    A negative `c` makes it what the score loses when units are added.
    """
    c, similarity, h, r0, v = (
        moments.c,
        moments.similarity,
        moments.h,
        moments.r0,
        moments.v,
    )
    n_pairs = jnp.sum(kept) / 2
    squared = similarity * similarity
    row_a, row_r = jnp.sum(moments.weighted, 2), jnp.sum(similarity, 1)
    row_rh = jnp.sum(similarity * h, 1)

    def pair_sum(a: Array, b: Array) -> Array:
        if complete:
            return jnp.sum(a, 0) * jnp.sum(b, 0) - jnp.sum(a * b, 0)
        return jnp.sum(a * matmul(kept, b), 0)

    def without(z: Array) -> tuple[Array, Array]:
        s = c * z * z
        fragile = jnp.max(s, 0) > DOMINATES
        p = jnp.where(fragile[None, :], 1, 1 - s)
        # Divisions are what takes longest here: b and e need none of their own.
        y = jnp.sqrt(p)
        w = 1 / y
        b = w * w
        d, e = s * w / (1 + y), s * b
        wz, bz = w * z, b * z
        drd = quadratic(similarity, d)
        d_s1 = matmul(row_r, d) + drd / 2 - c / 2 * pair_sum(wz, wz)
        d_k = (
            matmul(row_rh, e)
            + r0 * matmul(row_r, d * d)
            + quadratic(squared, e) / 2
            - r0 * drd
            - c * (quadratic(h, bz) + r0 * pair_sum(wz * d, bz + wz))
            + pair_sum(e, e) / 2
        )
        d_v = d_k - d_s1 * d_s1 / n_pairs if pearson else d_k

        def one_target(args: tuple[Array, Array, Array]) -> Array:
            target, a, row = args
            return matmul(row, d) + quadratic(a, d) / 2 - c / 2 * quadratic(target, wz)

        d_st = lax.map(one_target, (targets, moments.weighted, row_a))
        return losses(d_st, moments.u, d_v, v, n_controls, fragile)

    return without

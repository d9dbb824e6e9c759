r"""Scores of all prefixes as quadratic forms: for many conditions, and all their pairs.

`prefix` writes an RDM for every unit, and reads it again for each of the sums over it.
Here a matrix is written once for every batch of units, and all sums are products with
it. With the similarities scaled by the lengths of all patterns at the *end* of a batch,
X before it, z_a what its units add, and u_b how much longer a pattern is there than
after unit b,

    R_b = u_b u_bᵀ ∘ (X + Σ_{a≤b} z_a z_aᵀ),      H = X - r0  (0 on the diagonal)

    S1  = ½ [u'Hu + Σ_a J(u z_a)] + r0 Σ_{i<j} (u_i u_j - 1)
    Q   = ½ [b'(H∘H)b + 2 Σ_a (b z_a)'H(b z_a) + Σ_{a,c} J(b z_a z_c)]
          + r0 [b'Hb - u'Hu + Σ_a (J(b z_a) - J(u z_a))] + r0² Σ_{i<j} (u_i u_j - 1)²
    ST  = ½ [u'(T∘H)u + Σ_a (u z_a)'T(u z_a) + r0 (u'Tu - 1'T1)]

are the sums of R - r0, of its square, and of its product with the target T, where u is
u_b, b its square, and J(x) = (Σ x)² - Σ x². The centre r0 is the mean similarity before
the batch, so that nothing cancels.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..base.arrays import matmul, running
from ..base.types import Pairs, State
from ..comparisons import Comparison, vanishes
from ..comparisons.controls import given_controls
from ..metrics import Correlation
from .prefix import columns_of


@partial(jax.jit, static_argnames=("metric", "comparison", "batch", "dtype"))
def score_prefixes(
    metric: Correlation,
    comparison: Comparison,
    state: State,
    columns: Array,
    mean: Array,
    pairs: Pairs,
    prepared: Array,
    *,
    batch: int,
    dtype: str,
) -> tuple[State, Array]:
    """As `prefix.score_prefixes`, for correlations and comparisons with a closed form.

    `pairs` are all there are, row-major. What a batch loses grows with (m / s)², for
    similarities of mean m and deviation s: 1e-12 of a score for m = .985.
    """
    n, n_pairs = columns.shape[1], len(pairs[0])
    off, no_pairs = ~jnp.eye(n, dtype=bool), (pairs[0][:0], pairs[1][:0])
    targets = square(prepared, n)

    def centre(exists: Array, total: Array) -> Array:
        """Mean of the similarities; 0 while some pattern may yet grow much."""
        return jnp.where(jnp.all(exists), total / n_pairs, 0)

    def step(carry: Any, columns: Array) -> tuple[Any, Array]:
        state, gram, r0 = carry
        units = columns_of(metric, columns, mean, dtype)
        states = metric.cumulate(state, units, no_pairs)
        exists, inverse = inverse_lengths(metric.lengths(states))
        last = inverse[-1]
        u = inverse / jnp.where(last > 0, last, 1)
        added = metric.steps(state, units)
        # A select, here and below: other elementwise results of matrices take XLA
        # eight times as long on a CPU.
        h = jnp.where(off, gram * last[:, None] * last[None] - r0, 0)
        sums = _Sums(*(a.astype(dtype) for a in (h, u, added * last, r0)))
        delta, around = sums.moments()
        # The dissimilarities are around r0 - 1.
        shift = sums.r0 - 1
        squares = around + shift * (2 * delta + n_pairs * shift)
        v = around - delta * delta / n_pairs if comparison.centred else squares
        undefined = vanishes(v, squares, n_pairs, comparison.scale)
        if metric.undefined == "nan":
            undefined |= ~jnp.all(exists, 1)
        products = lax.map(partial(sums.product, shift=shift), targets)
        scores = given_controls(-products / jnp.sqrt(v)[None], comparison.n_controls)
        joined = matmul(added.T, added).astype(gram.dtype)
        total = r0 * n_pairs + delta[-1].astype(r0.dtype)
        carry = (
            jax.tree.map(lambda a: a[-1], states),
            jnp.where(off, gram + joined, 0),
            centre(exists[-1], total),
        )
        return carry, jnp.where(undefined[None], jnp.nan, scores)

    exists, inverse = inverse_lengths(metric.lengths(state))
    gram = square(state.products, n)
    r0 = centre(exists, matmul(inverse, matmul(gram, inverse)) / 2)
    carry = state._replace(products=state.products[:0]), gram, r0
    batches = columns.reshape(-1, batch, n)
    (state, gram, _), scores = lax.scan(step, carry, batches)
    state = state._replace(products=gram[pairs])
    return state, jnp.moveaxis(scores, 0, 1).reshape(scores.shape[1], -1)


class _Sums:
    """Sums over the pairs of a batch of prefixes ``(B,)``.

    Parameters
    ----------
    h : (n, n)
    u, z : (B, n)
    r0 : ()
    """

    def __init__(self, h: Array, u: Array, z: Array, r0: Array) -> None:
        self.h, self.u, self.z, self.r0 = h, u, z, r0
        batch = len(u)
        # Units a and b of a batch, a <= b: all that a prefix that ends with b sums.
        first, last = np.triu_indices(batch)
        ends = np.arange(batch)[:, None]
        self.ending = jnp.asarray(last == ends, h.dtype)
        # Products of two units are in all prefixes that have both, in either order.
        both = (last <= ends) * np.where(first == last, 1, 2)
        self.both = jnp.asarray(both, h.dtype)
        self.uz = self._pairs_of(u, z)

    def moments(self) -> tuple[Array, Array]:
        """Sums of R - r0 and of its square."""
        h, u, z, r0 = self.h, self.u, self.z, self.r0
        b = u * u
        bz = self._pairs_of(b, z)
        uhu, bhb, zhz = jnp.split(
            quadratic(h, jnp.concatenate([u, b, bz])), [len(u), 2 * len(u)]
        )
        grown = self._over_units(pair_sums(self.uz))
        first, second = change_sums(u)
        fourth = matmul(b, self._pairs_of(z, z).T)
        alike = b * running(jnp.zeros_like(z[0]), z * z)
        squares = (
            quadratic(jnp.where(h == 0, 0, h * h), b)
            + 2 * self._over_units(zhz)
            + jnp.sum(self.both * fourth * fourth, 1)
            - jnp.sum(alike * alike, 1)
            + 2 * r0 * (bhb - uhu + self._over_units(pair_sums(bz)) - grown)
            + r0 * r0 * second
        )
        return (uhu + grown + r0 * first) / 2, squares / 2

    def product(self, target: Array, shift: Array) -> Array:
        """Sum of (R - r0 + shift) T."""
        u, batch = self.u, len(self.u)
        forms = quadratic(target, jnp.concatenate([u, self.uz]))
        weighted = jnp.where(self.h == 0, 0, target * self.h)
        total = matmul(jnp.ones_like(u[:1]), target).sum()
        grown = self._over_units(forms[batch:])
        changed = self.r0 * (forms[:batch] - total) + shift * total
        return (quadratic(weighted, u) + grown + changed) / 2

    def _pairs_of(self, ends: Array, units: Array) -> Array:
        """Products ``ends_b units_a`` for all a <= b."""
        return jnp.concatenate([ends[a:] * units[a] for a in range(len(units))])

    def _over_units(self, values: Array) -> Array:
        """Sums over a, of values for all a <= b."""
        return matmul(self.ending, values)


def square(values: Array, n: int) -> Array:
    """Symmetric matrices ``(..., n, n)`` of all pairs ``(..., P)``, diagonal 0."""
    i, j = jnp.indices((n, n))
    low, high = jnp.minimum(i, j), jnp.maximum(i, j)
    place = low * n - low * (low + 1) // 2 + high - low - 1
    return jnp.where(i == j, 0, values[..., jnp.where(i == j, 0, place)])


def inverse_lengths(squares: Array) -> tuple[Array, Array]:
    """Which patterns there are, and 1 over their lengths; 0 for the others."""
    exists = squares > 0
    return exists, jnp.where(exists, 1 / jnp.sqrt(jnp.where(exists, squares, 1)), 0)


def quadratic(matrix: Array, x: Array) -> Array:
    """``x_b M x_bᵀ`` for a symmetric M ``(n, n)`` and every row of x ``(B, n)``.

    Three quarters of the product are enough: see `blocks.quadratic`.
    """
    half = len(matrix) // 2
    twice = jnp.where(jnp.arange(len(matrix)) < half, 1, 2).astype(matrix.dtype)
    top = matmul(x[:, :half], matrix[:half] * twice[None])
    bottom = matmul(x[:, half:], matrix[half:, half:])
    return jnp.sum(x * top, 1) + jnp.sum(x[:, half:] * bottom, 1)


def pair_sums(x: Array) -> Array:
    """``Σ_{i≠j} x_i x_j`` of every row."""
    total = jnp.sum(x, 1)
    return total * total - jnp.sum(x * x, 1)


def change_sums(u: Array) -> tuple[Array, Array]:
    """``Σ_{i≠j} (u_i u_j - 1)`` and that of its square, from d = u - 1."""
    n, d = u.shape[1], u - 1
    s1, s2, s3, s4 = (jnp.sum(d**power, 1) for power in (1, 2, 3, 4))
    first = 2 * (n - 1) * s1 + s1 * s1 - s2
    second = 2 * (n - 2) * s2 + 2 * s1 * s1 + 4 * (s1 * s2 - s3) + s2 * s2 - s4
    return first, second

"""Scores of arbitrary 0/1 masks over units: the general path and the oracle.

A jitted ``vmap`` over masks of "sum over the units of the mask, RDM, comparison", in
which the sums of all masks are one matrix product: with M the masks ``(B, N)`` and Y
what each unit contributes to each pair ``(N, P)``, formed a slab of units at a time,
the sums are ``M Y``.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from .._arrays import matmul
from .._types import Pairs, Prepared, State
from ..comparisons import Comparison
from ..metrics import Metric
from .finish import finish, in_halves


@partial(jax.jit, static_argnames=("metric", "comparison", "slab", "dtype"))
def score_masks(
    metric: Metric,
    comparison: Comparison,
    x: Array,
    masks: Array,
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    slab: int,
    dtype: str,
) -> tuple[Array, Array]:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) of masks, and which to do directly.

    Parameters
    ----------
    x : (n, N)
        Features from which `Metric.centre` was subtracted.
    masks : (B, N)
        Boolean.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.
    slab : int
        Units whose contributions are formed at a time.
    """
    n, n_units = x.shape

    def step(sums: State, index: Array) -> tuple[State, None]:
        # The last slab overlaps the one before it; units that it repeats count once.
        start = jnp.minimum(index * slab, n_units - slab)
        fresh = start + jnp.arange(slab) >= index * slab
        columns = lax.dynamic_slice_in_dim(x, start, slab, 1).T.astype(dtype)
        chosen = lax.dynamic_slice_in_dim(masks, start, slab, 1) & fresh[None]
        weights = chosen.astype(dtype)
        added = metric.contributions(columns, pairs)
        return jax.tree.map(lambda s, a: s + matmul(weights, a), sums, added), None

    unit = metric.contributions(jnp.zeros((1, n), dtype), pairs)
    zero = jax.tree.map(lambda a: jnp.zeros((len(masks), a.shape[1]), dtype), unit)
    sums, _ = lax.scan(step, zero, jnp.arange(-(-n_units // slab)))
    count = jnp.sum(masks, 1, dtype=dtype)

    def rdms_of(part: tuple[Array, State]) -> tuple[Array, Array]:
        states, fragile = metric.from_sums(*part, pairs)
        return metric.compute(states, pairs), fragile

    rdms, fragile = in_halves(rdms_of, (count, sums))
    return finish(comparison, rdms, prepared), fragile

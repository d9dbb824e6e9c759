"""Scores of arbitrary 0/1 masks over units: the general path and the oracle.

A jitted ``vmap`` over masks of "sum over the units of the mask, RDM, comparison", in
which the sums of all masks are one matrix product: with M the masks ``(B, N)`` and Y
what each unit contributes to each pair ``(N, P)``, formed a block of units at a time,
the sums are ``M Y``.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..base.arrays import matmul
from ..base.types import Pairs, Prepared, State
from ..comparisons import Comparison
from ..metrics import Metric
from .direct import around_zero
from .finish import finish, in_halves


@partial(jax.jit, static_argnames=("metric", "block", "dtype"))
def sums(
    metric: Metric,
    x: Array,
    centre: Array,
    masks: Array,
    pairs: Pairs,
    *,
    block: int,
    dtype: str,
) -> State:
    """Sums over the units of each mask, ``(B, ...)``.

    Parameters
    ----------
    x : (n, W)
        Features of a piece of the layer, in their own dtype.
    centre : (n,)
        `Metric.centre`, subtracted from the units before they are converted.
    masks : (B, W)
        Boolean.
    block : int
        Units whose contributions are formed at a time.
    """
    n, width = x.shape

    def step(total: State, index: Array) -> tuple[State, None]:
        # The last block overlaps the one before it; units that it repeats count once.
        start = jnp.minimum(index * block, width - block)
        fresh = start + jnp.arange(block) >= index * block
        units = lax.dynamic_slice_in_dim(x, start, block, 1)
        columns = around_zero(metric, units, centre, dtype).T
        chosen = lax.dynamic_slice_in_dim(masks, start, block, 1) & fresh[None]
        weights = chosen.astype(dtype)
        added = metric.contributions(columns, pairs)
        return jax.tree.map(lambda s, a: s + matmul(weights, a), total, added), None

    unit = metric.contributions(jnp.zeros((1, n), dtype), pairs)
    zero = jax.tree.map(lambda a: jnp.zeros((len(masks), a.shape[1]), dtype), unit)
    return lax.scan(step, zero, jnp.arange(-(-width // block)))[0]


@partial(jax.jit, static_argnames=("metric", "comparison"))
def score(
    metric: Metric,
    comparison: Comparison,
    count: Array,
    total: State,
    pairs: Pairs,
    prepared: Prepared | None,
) -> tuple[Array, Array]:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) of masks, and which to do directly.

    Parameters
    ----------
    count : (B,)
        Units in each mask.
    total : state
        `sums`, over all pieces.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.
    """

    def rdms_of(part: tuple[Array, State]) -> tuple[Array, Array]:
        states, fragile = metric.from_sums(*part, pairs)
        return metric.compute(states, pairs), fragile

    rdms, fragile = in_halves(rdms_of, (count, total))
    return finish(comparison, rdms, prepared), fragile

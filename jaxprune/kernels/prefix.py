"""Scores of all prefixes of a ranking: cumulative masks without the masks.

The units join one after another, a batch at a time: the sums after each unit of a
batch are the sums at its start plus a triangular product. One scan goes through the
ranking; or several go through segments of it side by side, each starting from the sums
over all segments before it. Sums are carried from batch to batch in float64.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..base.arrays import take
from ..base.types import Pairs, Prepared, State
from ..comparisons import Comparison
from ..metrics import Metric
from .direct import around_zero, empty, rounded
from .finish import finish


def columns_of(metric: Metric, columns: Array, mean: Array, dtype: str) -> Array:
    """Units ``(B, n)`` in the computing dtype, around 0."""
    return around_zero(metric, columns.T, mean, dtype).T


@jax.jit
def taken(x: Array, index: Array) -> Array:
    """Units ``(..., n)`` of a layer ``(n, N)``."""
    return jnp.moveaxis(take(x, index), 0, -1)


@jax.jit
def picked(rows: Array, row: Array) -> Array:
    """One of several rows."""
    return lax.dynamic_index_in_dim(rows, row, keepdims=False)


@partial(jax.jit, static_argnames="metric")
def before(
    metric: Metric, sums: State, segment: Array, mean: Array, pairs: Pairs
) -> State:
    """Sums over all segments before one, from those ``(devices, segments, ...)``."""
    devices = len(jax.tree.leaves(sums)[0])

    def step(index: Array, state: State) -> State:
        device, earlier = index % devices, index // devices
        added = jax.tree.map(lambda a: a[device, earlier], sums)
        return metric.merge(state, added, pairs)

    return lax.fori_loop(0, segment * devices, step, empty(metric, mean, pairs))


@partial(jax.jit, static_argnames=("metric", "comparison", "batch", "dtype"))
def score_prefixes(
    metric: Metric,
    comparison: Comparison,
    state: State,
    columns: Array,
    mean: Array,
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    batch: int,
    dtype: str,
) -> tuple[State, Array]:
    """Scores of the prefixes that end in each of some units.

    Parameters
    ----------
    state
        Sums before these units, in float64.
    columns : (L, n)
        Units in ranked order, in their own dtype; L is a multiple of `batch`.
    mean : (n,)
        Subtracted from the units before they are converted to `dtype`.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.

    Returns
    -------
    state, scores
        Sums after these units, and scores ``(k, L)`` or RDMs ``(L, P)``.
    """

    def step(state: State, batch_columns: Array) -> tuple[State, Array]:
        units = columns_of(metric, batch_columns, mean, dtype)
        states = metric.cumulate(state, units, pairs)
        last = jax.tree.map(lambda a: a[-1], states)
        rdms = metric.compute(rounded(states, dtype), pairs)
        return last, finish(comparison, rdms, prepared)

    batches = columns.reshape(-1, batch, columns.shape[1])
    state, out = lax.scan(step, state, batches)
    if prepared is None:
        return state, out.reshape(len(columns), -1)
    return state, jnp.moveaxis(out, 0, 1).reshape(out.shape[1], -1)

"""Groups of units: their sums, what each is worth, and prefixes of an order.

A group is one thing to add or to subtract: sums over its units. Once these are known, a
group costs what a unit costs, O(n²), whatever its size.
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
from .direct import around_zero, empty, rounded, several_empty
from .finish import finish, in_halves


@partial(jax.jit, static_argnames=("metric", "dtype", "block"))
def sums(
    metric: Metric,
    states: State | None,
    x: Array,
    units: Array,
    starts: Array,
    lengths: Array,
    mean: Array,
    pairs: Pairs,
    *,
    dtype: str,
    block: int,
) -> State:
    """Sums over the units of each of B groups, with those of one more piece.

    Parameters
    ----------
    states : (B, ...) or None
        Sums over the pieces before, in float64.
    x : (n, W)
        A piece of the layer, in its own dtype.
    units : (T,)
        Units of the groups, one group after the other, and at least `block` more.
    starts, lengths : (B,)
        Where in `units` each group begins, and how many it has.
    mean : (n,)
        Subtracted from the units before they are converted to `dtype`.
    block : int
        Units whose sums are formed together.
    """
    if states is None:
        states = several_empty(metric, mean, pairs, len(starts))

    def one(group: tuple[State, Array, Array]) -> State:
        state, start, length = group

        def step(index: Array, state: State) -> State:
            first = index * block
            chosen = first + jnp.arange(block, dtype="int32") < length
            here = lax.dynamic_slice_in_dim(units, start + first, block)
            columns = around_zero(metric, take(x, here), mean, dtype)
            added = metric.init(columns, pairs, chosen)
            return metric.merge(state, rounded(added, "float64"), pairs)

        return lax.fori_loop(0, -(-length // block), step, state)

    return lax.map(one, (states, starts, lengths))


@partial(jax.jit, static_argnames="metric")
def merged(
    metric: Metric, states: State, present: Array, mean: Array, pairs: Pairs
) -> State:
    """Sums over those of several groups ``(G, ...)`` that are present ``(G,)``."""

    def step(total: State, group: tuple[State, Array]) -> tuple[State, None]:
        more, there = metric.merge(total, group[0], pairs), group[1]
        return jax.tree.map(lambda a, b: jnp.where(there, a, b), more, total), None

    return lax.scan(step, empty(metric, mean, pairs), (states, present))[0]


@partial(jax.jit, static_argnames=("metric", "comparison", "dtype"))
def leave_one_out(
    metric: Metric,
    comparison: Comparison,
    total: State,
    states: State,
    which: Array,
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    dtype: str,
) -> tuple[Array, Array]:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) without each of some groups.

    Parameters
    ----------
    total : state
        Sums over all units, in float64.
    states : (G, ...)
        `sums` of groups.
    which : (B,)
        Those that are left out, one by one.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.

    Returns
    -------
    scores, fragile
        ``fragile`` ``(B,)`` marks the groups to do directly.
    """

    def rdms_without(which: Array) -> tuple[Array, Array]:
        parts = jax.tree.map(lambda a: a[which], states)
        without, fragile = metric.subtract(total, parts, pairs)
        return metric.compute(rounded(without, dtype), pairs), fragile

    rdms, fragile = in_halves(rdms_without, which)
    return finish(comparison, rdms, prepared), fragile


@partial(jax.jit, static_argnames=("metric", "comparison", "dtype"))
def alone(
    metric: Metric,
    comparison: Comparison,
    states: State,
    which: Array,
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    dtype: str,
) -> Array:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) of groups; as in `leave_one_out`."""

    def rdms_of(which: Array) -> Array:
        parts = jax.tree.map(lambda a: a[which], states)
        return metric.compute(rounded(parts, dtype), pairs)

    return finish(comparison, in_halves(rdms_of, which), prepared)


@partial(jax.jit, static_argnames=("metric", "comparison", "dtype"))
def with_one_more(
    metric: Metric,
    comparison: Comparison,
    total: State,
    states: State,
    which: Array,
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    dtype: str,
) -> Array:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) with each of some groups.

    Parameters
    ----------
    total : state
        Sums over the set that they may join, in float64.
    states, which, prepared
        As in `leave_one_out`.
    """

    def joined(group: Array) -> State:
        part = jax.tree.map(lambda a: a[group], states)
        return rounded(metric.merge(total, part, pairs), dtype)

    rdms = metric.compute(lax.map(joined, which), pairs)
    return finish(comparison, rdms, prepared)


@partial(jax.jit, static_argnames=("metric", "comparison", "batch", "dtype"))
def score_prefixes(
    metric: Metric,
    comparison: Comparison,
    state: State,
    states: State,
    which: Array,
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    batch: int,
    dtype: str,
) -> tuple[State, Array]:
    """Scores ``(k, L)`` (or RDMs ``(L, P)``) after each of some groups has joined.

    Parameters
    ----------
    state
        Sums before these groups, in float64.
    states : (G, ...)
        `sums` of groups.
    which : (L,)
        Those that join, in this order; L is a multiple of `batch`.
    prepared : (k, P), a pytree, or None
        As in `leave_one_out`.

    Returns
    -------
    state, scores
        Sums after these groups, and the scores.
    """

    def step(state: State, group: Array) -> tuple[State, State]:
        part = jax.tree.map(
            lambda a: lax.dynamic_index_in_dim(a, group, keepdims=False), states
        )
        state = metric.merge(state, part, pairs)
        return state, rounded(state, dtype)

    def steps(state: State, which: Array) -> tuple[State, Array]:
        state, after = lax.scan(step, state, which)
        return state, finish(comparison, metric.compute(after, pairs), prepared)

    state, out = lax.scan(steps, state, which.reshape(-1, batch))
    if prepared is None:
        return state, out.reshape(len(which), -1)
    return state, jnp.moveaxis(out, 0, 1).reshape(out.shape[1], -1)

"""Scores of all prefixes of a ranking: cumulative masks without the masks.

The units join one after another, a batch at a time: the sums after each unit of a
batch are the sums at its start plus a triangular product. One scan goes through the
ranking; or several go through segments of it side by side, each starting from the
sums over all segments before it.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from .._arrays import shifted
from .._types import Pairs, Prepared, State
from ..comparisons import Comparison
from ..metrics import Metric
from .finish import finish


@partial(jax.jit, static_argnames=("metric", "dtype"))
def empty(
    metric: Metric, columns: Array, mean: Array, pairs: Pairs, *, dtype: str
) -> State:
    """Sums before the first unit, the first of `columns` ``(L, n)``."""
    return metric.empty(shifted(columns[0], mean, dtype), pairs)


@partial(jax.jit, static_argnames=("metric", "dtype"))
def advance(
    metric: Metric,
    state: State,
    columns: Array,
    mean: Array,
    pairs: Pairs,
    mask: Array | None = None,
    *,
    dtype: str,
) -> State:
    """Sums after a whole segment ``(L, n)``, or a mask ``(L,)`` of it, has joined."""
    x = shifted(columns, mean[None], dtype).T
    return metric.merge(state, metric.init(x, pairs, mask), pairs)


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
    """Scores of the prefixes that end in each unit of a segment.

    Parameters
    ----------
    state
        Sums before the segment.
    columns : (L, n)
        Units in ranked order, in their own dtype; L is a multiple of `batch`.
    mean : (n,)
        Subtracted from the units before they are converted to `dtype`.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.

    Returns
    -------
    state, scores
        Sums after the segment, and scores ``(k, L)`` or RDMs ``(L, P)``.
    """

    def step(state: State, batch_columns: Array) -> tuple[State, Array]:
        units = shifted(batch_columns, mean[None], dtype)
        states = metric.cumulate(state, units, pairs)
        last = jax.tree.map(lambda a: a[-1], states)
        return last, finish(comparison, metric.compute(states, pairs), prepared)

    batches = columns.reshape(-1, batch, columns.shape[1])
    state, out = lax.scan(step, state, batches)
    if prepared is None:
        return state, out.reshape(len(columns), -1)
    return state, jnp.moveaxis(out, 0, 1).reshape(out.shape[1], -1)

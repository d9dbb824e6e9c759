"""Sums over units and RDMs by definition, in two passes: exact, and the slowest path.

For a whole layer, and for the few units or masks that a faster path says it cannot
subtract safely. A layer comes in pieces, whose sums are merged.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from .._arrays import shifted
from .._types import Dissimilarities, Pairs, State
from ..metrics import Metric


def around_zero(metric: Metric, x: Array, mean: Array, dtype: str) -> Array:
    """Columns ``(m, B)`` in the computing dtype, around 0."""
    if metric.offset_free:
        # Distances do not change if a unit is centred over the conditions of a fold.
        folds = x.reshape(metric.folds, -1, x.shape[1])
        centre = jnp.mean(folds.astype("float64"), 1, keepdims=True)
        return shifted(folds, centre, dtype).reshape(x.shape)
    return shifted(x, mean[:, None], dtype)


@partial(jax.jit, static_argnames=("metric", "dtype"))
def total(
    metric: Metric, x: Array, mean: Array, mask: Array, pairs: Pairs, *, dtype: str
) -> State:
    """Sums over the units of a piece ``(m, W)`` that are in a boolean mask ``(W,)``.

    `mean` ``(m,)`` is subtracted from the units before they are converted to `dtype`.
    """
    return metric.init(around_zero(metric, x, mean, dtype), pairs, mask)


@partial(jax.jit, static_argnames="metric")
def merged(metric: Metric, first: State, second: State, pairs: Pairs) -> State:
    """Sums over the units of two pieces."""
    return metric.merge(first, second, pairs)


@partial(jax.jit, static_argnames="metric")
def folded(metric: Metric, states: State, pairs: Pairs) -> State:
    """Sums over the units of several devices, from a state with an axis for them."""
    first = jax.tree.map(lambda a: a[0], states)
    rest = jax.tree.map(lambda a: a[1:], states)

    def step(total: State, state: State) -> tuple[State, None]:
        return metric.merge(total, state, pairs), None

    return lax.scan(step, first, rest)[0]


@partial(jax.jit, static_argnames="metric")
def rdm(metric: Metric, state: State, pairs: Pairs) -> Dissimilarities:
    """RDM ``(P,)`` of sums."""
    return metric.compute(state, pairs)

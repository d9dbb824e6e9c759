"""Sums over units and RDMs by definition, in two passes: exact, and the slowest path.

For a whole layer, and for the few units or masks that a faster path says it cannot
subtract safely. A layer comes in pieces, whose sums are merged.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

from ..base.arrays import shifted
from ..base.types import Pairs, State
from ..metrics import Metric


def around_zero(metric: Metric, x: Array, mean: Array, dtype: str) -> Array:
    """Columns ``(m, B)`` in the computing dtype, around 0."""
    if metric.offset_free:
        # Distances do not change if a unit is centred over the conditions of a fold.
        folds = x.reshape(metric.folds, -1, x.shape[1])
        centre = jnp.mean(folds.astype("float64"), 1, keepdims=True)
        return shifted(folds, centre, dtype).reshape(x.shape)
    return shifted(x, mean[:, None], dtype)


def rounded(state: State, dtype: str) -> State:
    """Sums in another precision."""

    def one(values: Array) -> Array:
        return values.astype(dtype) if values.dtype.kind == "f" else values

    return jax.tree.map(one, state)


@partial(jax.jit, static_argnames="metric")
def empty(metric: Metric, mean: Array, pairs: Pairs) -> State:
    """Sums before the first unit; `mean` ``(n,)`` as everywhere."""
    return metric.empty(jnp.zeros_like(mean), pairs)


def several_empty(metric: Metric, mean: Array, pairs: Pairs, count: int) -> State:
    """`empty`, side by side ``(count, ...)``."""
    none = empty(metric, mean, pairs)
    return jax.tree.map(lambda a: jnp.broadcast_to(a, (count, *a.shape)), none)


@partial(jax.jit, static_argnames=("metric", "dtype", "block"))
def totals(
    metric: Metric,
    states: State | None,
    x: Array,
    masks: Array,
    mean: Array,
    pairs: Pairs,
    *,
    dtype: str,
    block: int,
) -> State:
    """Sums over the units of each of several masks, with those of one more piece.

    Parameters
    ----------
    states : (masks, ...) or None
        Sums over the pieces before, in float64.
    x : (n, W)
        A piece of the layer, in its own dtype.
    masks : bool (masks, W)
    mean : (n,)
        Subtracted from the units before they are converted to `dtype`.
    block : int
        Units whose sums are formed together: enough for a matrix product, and few
        enough for a piece of the layer to be nowhere in float64 as a whole.
    """
    if states is None:
        states = several_empty(metric, mean, pairs, len(masks))

    def one(row: tuple[State, Array]) -> State:
        return summed(metric, *row, x, mean, pairs, dtype, block)

    return lax.map(one, (states, masks))


@partial(jax.jit, static_argnames=("metric", "dtype", "block"))
def total(
    metric: Metric,
    x: Array,
    mean: Array,
    mask: Array,
    pairs: Pairs,
    *,
    dtype: str,
    block: int,
) -> State:
    """Sums over the units of one mask ``(W,)``, in `dtype`; otherwise as `totals`."""
    none = empty(metric, mean, pairs)
    return rounded(summed(metric, none, mask, x, mean, pairs, dtype, block), dtype)


def summed(
    metric: Metric,
    state: State,
    mask: Array,
    x: Array,
    mean: Array,
    pairs: Pairs,
    dtype: str,
    block: int,
) -> State:
    """Sums and those over the units of a mask, a block of units after the other."""
    width = x.shape[1]
    block = min(block, width)

    def step(index: Array, state: State) -> State:
        # The last block overlaps the one before it; what it repeats counts once.
        start = jnp.minimum(index * block, width - block)
        new = start + jnp.arange(block, dtype="int32") >= index * block
        chosen = new & lax.dynamic_slice_in_dim(mask, start, block)
        units = lax.dynamic_slice_in_dim(x, start, block, 1)
        added = metric.init(around_zero(metric, units, mean, dtype), pairs, chosen)
        return metric.merge(state, rounded(added, "float64"), pairs)

    return lax.fori_loop(0, -(-width // block), step, state)


@partial(jax.jit, static_argnames="metric")
def folded(metric: Metric, states: State, pairs: Pairs) -> State:
    """Sums ``(masks, ...)`` over the units of several devices ``(D, masks, ...)``."""

    def over_devices(states: State) -> State:
        first = jax.tree.map(lambda a: a[0], states)
        rest = jax.tree.map(lambda a: a[1:], states)

        def step(total: State, state: State) -> tuple[State, None]:
            return metric.merge(total, state, pairs), None

        return lax.scan(step, first, rest)[0]

    return lax.map(over_devices, jax.tree.map(lambda a: jnp.moveaxis(a, 1, 0), states))


@partial(jax.jit, static_argnames="metric")
def rdm(metric: Metric, state: State, pairs: Pairs) -> Float[Array, "*masks P"]:
    """RDM ``(p,)`` of sums; RDMs ``(masks, p)`` of several."""
    return metric.compute(state, pairs)

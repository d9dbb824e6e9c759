"""Scores of a set of units with one more: any metric, any comparison, O(n²) a unit."""

from __future__ import annotations

from functools import partial

import jax
from jax import Array, lax

from ..base.types import Pairs, Prepared, State
from ..comparisons import Comparison
from ..metrics import Metric
from .direct import around_zero
from .finish import finish, in_halves


@partial(jax.jit, static_argnames=("metric", "comparison", "batch", "alone", "dtype"))
def with_one_more(
    metric: Metric,
    comparison: Comparison,
    total: State,
    x: Array,
    start: Array,
    pairs: Pairs,
    mean: Array,
    prepared: Prepared | None,
    *,
    batch: int,
    alone: bool,
    dtype: str,
) -> Array:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) with each unit of a batch.

    Parameters
    ----------
    total : state
        Sums over the set.
    x : (n, W)
        Units that may join, in their own dtype.
    start : int
        First unit of the batch.
    mean : (n,)
        Subtracted from the units before they are converted to `dtype`, as it was from
        those of `total`.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.
    alone : bool
        The set is empty: each unit is the first one.
    """
    units = lax.dynamic_slice_in_dim(x, start, batch, 1)
    columns = around_zero(metric, units, mean, dtype).T

    def joined(column: Array) -> State:
        state = metric.empty(column, pairs) if alone else total
        states = metric.cumulate(state, column[None], pairs)
        return jax.tree.map(lambda a: a[0], states)

    def rdms_with(columns: Array) -> Array:
        return metric.compute(jax.vmap(joined)(columns), pairs)

    return finish(comparison, in_halves(rdms_with, columns), prepared)

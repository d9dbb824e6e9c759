"""Leave-one-out from additive sums: any metric, any comparison, O(n²) a unit."""

from __future__ import annotations

from functools import partial

import jax
from jax import Array, lax

from ..base.types import Pairs, Prepared, State
from ..comparisons import Comparison
from ..metrics import Metric
from .direct import around_zero, rounded
from .finish import finish, in_halves


@partial(jax.jit, static_argnames="dtype")
def only(states: State, *, dtype: str) -> State:
    """The first of several states, in the computing dtype."""
    return rounded(jax.tree.map(lambda a: a[0], states), dtype)


@partial(jax.jit, static_argnames=("metric", "comparison", "batch", "dtype"))
def leave_one_out(
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
    dtype: str,
) -> tuple[Array, Array]:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) without each unit of a batch.

    Parameters
    ----------
    total : state
        Sums over all units.
    x : (n, W)
        Features of a piece of the layer, in their own dtype.
    start : int
        First unit of the batch.
    mean : (n,)
        Subtracted from the units before they are converted to `dtype`, as it was from
        those of `total`.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.

    Returns
    -------
    scores, fragile
        ``fragile`` ``(B,)`` marks the units to do directly.
    """
    units = lax.dynamic_slice_in_dim(x, start, batch, 1)
    columns = around_zero(metric, units, mean, dtype).T

    def rdms_without(columns: Array) -> tuple[Array, Array]:
        states, fragile = metric.remove(total, columns, pairs)
        return metric.compute(states, pairs), fragile

    rdms, fragile = in_halves(rdms_without, columns)
    return finish(comparison, rdms, prepared), fragile

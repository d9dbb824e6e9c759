"""Scores of some prefixes of a ranking: between two sizes, units join as one block.

A block costs one matrix product and one merge of sums, where the scan over all
prefixes pays for the pairs of every single unit.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..base.types import Pairs, Prepared, State
from ..comparisons import Comparison
from ..metrics import Metric
from .direct import rounded
from .finish import finish
from .prefix import columns_of


@partial(jax.jit, static_argnames=("metric", "comparison", "dtype"))
def score_sizes(
    metric: Metric,
    comparison: Comparison,
    state: State,
    columns: Array,
    present: Array,
    wanted: Array,
    mean: Array,
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    dtype: str,
) -> tuple[State, Array]:
    """Scores after each of several blocks of units has joined.

    Parameters
    ----------
    state
        Sums before the first block, in float64.
    columns : (C B, n)
        Units in ranked order, in their own dtype.
    present : (C, B)
        Which units of each block count: blocks of different lengths are filled up.
    wanted : (C,)
        After which blocks a score is wanted; after others there is a zero.
    mean : (n,)
        Subtracted from the units before they are converted to `dtype`.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.

    Returns
    -------
    state, scores
        Sums after the last block, and scores ``(C, k)`` or RDMs ``(C, P)``.
    """

    def scored(state: State) -> Array:
        rdm = metric.compute(rounded(state, dtype), pairs)
        out = finish(comparison, rdm[None], prepared)
        return rdm if prepared is None else out[:, 0]

    def nothing(state: State) -> Array:
        like = jax.eval_shape(scored, state)
        return jnp.zeros(like.shape, like.dtype)

    def step(state: State, block: tuple[Array, Array, Array]) -> tuple[State, Array]:
        units, chosen, asked = block
        added = metric.init(columns_of(metric, units, mean, dtype).T, pairs, chosen)
        state = metric.merge(state, rounded(added, "float64"), pairs)
        return state, lax.cond(asked, scored, nothing, state)

    blocks = columns.reshape(*present.shape, columns.shape[1])
    return lax.scan(step, state, (blocks, present, wanted))

"""RDMs of a whole layer and of subsets of its units, by definition and in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base.arrays import double_precision, pair_index
from ..execution import budget
from ..execution.device import place_of
from ..execution.pieces import pieces_of
from ..execution.shards import Shards
from ..metrics import Metric
from .layer import Layer, constant_rows
from .problem import Problem
from .sums import Sums
from .work import subset_rdms

# Units that are copied to look at their extremes.
COLUMNS = 2**14


def layer_rdms(layer: Layer, masks: np.ndarray) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of the units of a layer."""
    x = layer.features
    place = place_of(x, "auto")
    shards = Shards((place.device,), x.shape[1])
    pieces = pieces_of(x, place, shards)
    block, pairs = budget.units_summed(place, len(x)), pair_index(layer.n_conditions)
    sums = Sums(layer.metric, shards, pieces, pairs, block)
    return masked_rdms(sums, masks, layer.noise)


def problem_rdms(problem: Problem, masks: np.ndarray) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of units, of features as they were given."""
    x, shards, pieces = problem.unscaled, problem.shards, problem.pieces
    if x is not problem.features:
        pieces = pieces_of(x, problem.place, shards)
    pairs = pair_index(len(problem.constant))
    block = budget.units_summed(problem.place, len(x))
    sums = Sums(problem.metric, shards, pieces, pairs, block)
    return masked_rdms(sums, masks, problem.noise)


def masked_rdms(
    sums: Sums, masks: np.ndarray, noise: np.ndarray | None = None
) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of all units, by definition and in float64.

    Subsets are masks rather than columns taken out, so that subsets of another size
    compile nothing. A condition without a pattern has NaN, and only that.
    """
    metric, x, here = sums.metric, sums.pieces[0].source, sums.shards.here
    known, n = replace(sums, metric=replace(metric, undefined="zero")), len(x)
    first, second = sums.pairs
    absent = np.zeros((len(masks), n // metric.folds), bool)
    with double_precision():
        if metric.undefined == "nan":
            for row, mask in zip(absent, masks, strict=True):
                row[:] = _without_pattern(metric, x, mask[here], sums.shards)
        if noise is None:
            out = np.array(known.rdms(masks[:, here]))
        else:
            given = sums.shards.put(x), sums.shards.put(noise), masks, sums.pairs
            out = np.stack(subset_rdms(known.metric, *given))
    out[absent[:, first] | absent[:, second]] = np.nan
    return out


def _without_pattern(
    metric: Metric, x: Any, mask: np.ndarray, shards: Shards
) -> np.ndarray:
    """Conditions without a pattern to compare, in the units of a mask."""
    low, high = np.full(len(x), np.inf), np.full(len(x), -np.inf)
    if isinstance(x, jax.Array):
        # Not x[:, mask]: every number of units would be compiled for itself.
        low = np.asarray(jnp.min(x, 1, where=mask[None], initial=jnp.inf), float)
        high = np.asarray(jnp.max(x, 1, where=mask[None], initial=-jnp.inf), float)
    else:
        # Some at a time: all units of a mask would be a copy of the layer.
        for first in range(0, len(mask), COLUMNS):
            some = np.flatnonzero(mask[first : first + COLUMNS]) + first
            if len(some):
                units = x[:, some]
                low = np.minimum(low, units.min(1))
                high = np.maximum(high, units.max(1))
    return constant_rows(metric, *shards.widest(low, high))

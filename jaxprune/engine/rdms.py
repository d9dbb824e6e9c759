"""RDMs of a whole layer and of subsets of its units, by definition and in float64.

A score does not depend on the scale of the features, an RDM does: what was scaled to be
computed with is scaled back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base.arrays import double_precision
from ..execution.shards import Shards
from ..metrics import Metric
from .layer import Layer, constant_rows
from .subproblem import subset_rdms

# Units that are copied to look at their extremes.
COLUMNS = 2**14


def layer_rdms(layer: Layer, masks: np.ndarray) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of all units, of features as they were given.

    Subsets are masks rather than columns taken out, so that subsets of another size
    compile nothing. A condition without a pattern has NaN, and only that.
    """
    x, metric, shards, sums = layer.features, layer.metric, layer.shards, layer.sums
    zero, (first, second) = replace(metric, undefined="zero"), sums.pairs
    absent = np.zeros((len(masks), layer.n_conditions), bool)
    with double_precision():
        if metric.undefined == "nan":
            for row, mask in zip(absent, masks, strict=True):
                row[:] = _without_pattern(metric, x, mask[shards.here], shards)
        if layer.noise is None:
            out = np.array(sums.rdms(masks[:, shards.here], zero))
        else:
            given = shards.put(x), shards.put(layer.noise), masks, sums.pairs
            out = np.stack(subset_rdms(zero, *given))
    out[absent[:, first] | absent[:, second]] = np.nan
    with np.errstate(over="ignore"):
        found = np.ldexp(out, metric.degree * layer.exponent)
    if np.isinf(found).any():
        raise ValueError(
            "features are so large that their dissimilarities are beyond 1e308; divide "
            "features by a power of ten first."
        )
    return found


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

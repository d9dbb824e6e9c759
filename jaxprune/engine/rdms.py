"""RDMs of a whole layer and of subsets of its units, by definition and in float64.

A score does not depend on the scale of the features, an RDM does: what was scaled to be
computed with is scaled back.
"""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from ..base.arrays import double_precision
from ..execution.pieces import Piece
from ..execution.shards import Shards
from ..kernels import direct
from ..metrics import Metric
from .gathering import COPY
from .layer import Layer, constant_rows, make_layer
from .subproblem import subset_rdms

# Units that are copied to look at their extremes.
COLUMNS = 2**14


def layer_rdms(layer: Layer, masks: np.ndarray) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of all units, of features as they were given.

    A condition without a pattern has NaN, and only that.
    """
    if layer.reading is not None:
        return np.concatenate([_read(layer, mask) for mask in masks])
    metric, shards, (first, second) = layer.metric, layer.shards, layer.sums.pairs
    zero = replace(metric, undefined="zero")
    with double_precision():
        if layer.noise is None:
            out = np.concatenate([_rdm(layer, zero, mask) for mask in masks])
        else:
            given = shards.put(layer.features), shards.put(layer.noise)
            out = np.stack(subset_rdms(zero, *given, masks, layer.sums.pairs))
        if metric.undefined == "nan":
            absent = np.stack([_without_pattern(layer, mask) for mask in masks])
            out[absent[:, first] | absent[:, second]] = np.nan
    with np.errstate(over="ignore"):
        found = np.ldexp(out, metric.degree * layer.exponent)
    if np.isinf(found).any():
        raise ValueError(
            "features are so large that their dissimilarities are beyond 1e308; divide "
            "features by a power of ten first."
        )
    return found


def _read(layer: Layer, mask: np.ndarray) -> np.ndarray:
    """RDM ``(1, P)`` of what is read from the units of a mask."""
    assert layer.reading is not None
    patterns = layer.reading.patterns(mask)
    own = make_layer(patterns, layer.metric, min_units=1)
    return layer_rdms(own, np.ones((1, own.n_units), bool))


def nested_rdms(layer: Layer, masks: np.ndarray) -> np.ndarray:
    """`layer_rdms` of subsets of which each is part of the next.

    On one device, every unit is summed once, whatever the number of masks.
    """
    x, shards, width = layer.features, layer.shards, layer.sums.block
    # Layers of one block are summed at once.
    alone = layer.noise is None and layer.reading is None and not shards.several
    alone = alone and layer.n_units > width
    if not alone or isinstance(x, jax.Array):
        return layer_rdms(layer, masks)
    metric = layer.metric
    zero, (first, second) = replace(metric, undefined="zero"), layer.sums.pairs
    out = np.empty((len(masks), len(first)))
    low, high = np.full(len(x), np.inf), np.full(len(x), -np.inf)
    before, states = np.zeros(layer.n_units, bool), None
    with double_precision():
        mean = shards.put(np.zeros(len(x)))
        for row, mask in zip(out, masks, strict=True):
            if (joining := mask & ~before).any():
                units = x[:, np.flatnonzero(joining)]
                low = np.minimum(low, units.min(1))
                high = np.maximum(high, units.max(1))
                some = layer.sums_over(_pieces(layer, units, width), layer.sums.pairs)
                every = np.ones((1, units.shape[1]), bool)
                states = some.here(every, mean, "float64", states)
            pairs = layer.sums.pairs_on_devices
            row[:] = shards.numbers(shards.call(direct.rdm, (zero,), states, pairs))[0]
            if metric.undefined == "nan":
                absent = constant_rows(metric, low, high)
                row[absent[first] | absent[second]] = np.nan
            before = mask
    return np.ldexp(out, metric.degree * layer.exponent)


def _rdm(layer: Layer, metric: Metric, mask: np.ndarray) -> np.ndarray:
    """RDM ``(1, P)`` of the units of a mask.

    Few units are taken out of the layer, so that a tenth of it costs a tenth. The whole
    layer is summed where it is.
    """
    x, device, count = layer.features, layer.device, int(mask.sum())
    fits = count * len(x) * x.dtype.itemsize <= device.memory // COPY
    on_host = isinstance(x, np.ndarray) and not layer.shards.several
    width = layer.sums.block
    if not (on_host and fits and width < 2 * count < len(mask)):
        return np.array(layer.sums.rdms(mask[None, layer.shards.here], metric))
    units = np.take(x, np.flatnonzero(mask), axis=1)
    sums = layer.sums_over(_pieces(layer, units, width), layer.sums.pairs)
    return np.array(sums.rdms(np.ones((1, count), bool), metric))


def _pieces(layer: Layer, units: np.ndarray, width: int) -> list[Piece]:
    """Some units ``(n, m)``, taken out of the layer, as pieces of their own.

    All of one width, so that another number of units compiles nothing.
    """
    count = units.shape[1]
    alone = Shards((layer.device.jax_device,), count)
    return [
        Piece(alone, [slice(first, min(first + width, count))], units, width, False)
        for first in range(0, count, width)
    ]


def _without_pattern(layer: Layer, mask: np.ndarray) -> np.ndarray:
    """Conditions without a pattern to compare, in the units of a mask."""
    if mask.all():
        return layer.constant
    x, mask = layer.features, mask[layer.shards.here]
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
    return constant_rows(layer.metric, *layer.shards.widest(low, high))

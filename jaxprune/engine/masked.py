"""Scores of arbitrary subsets of units, and leave-one-out as one mask a unit.

The most general path and the slowest; the others are tested against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import add
from typing import Any

import jax
import numpy as np

from ..base.sparse import SparseUnits
from ..execution import budget
from ..execution.run import run
from ..kernels import masked
from .readout_scores import read_masks
from .subproblem import Scores, Subproblem, tie_dead

# Units whose contributions to all pairs are formed at a time on the masked path.
BLOCK = 256


def masked_scores(
    sub: Subproblem,
    masks: Callable[[int, int], np.ndarray],
    n_masks: int,
    batch_size: int | None,
    progress: bool,
    title: str,
) -> np.ndarray:
    """Scores ``(g, n_masks)``; ``masks(start, stop)`` makes a batch of masks."""
    if sub.reading is not None:
        return read_masks(sub, masks, n_masks, batch_size, progress, title)
    layer, device, shards = sub.layer, sub.layer.device, sub.layer.shards
    n_pairs = len(sub.group.pairs[0])
    batch = budget.masks_per_batch(n_pairs, layer.n_units, device, batch_size, n_masks)
    if sub.shares_noise:
        # One after the other: each factors the covariance of its own units.
        batch = 1
    # Of sparse features the most frequent value, 0.
    sparse = isinstance(sub.features, SparseUnits)
    x = np.zeros((len(sub.features), 1)) if sparse else np.asarray(sub.features)
    centre = layer.metric.centre(x).astype("float64")
    # Any would do, if it is the same for all units.
    centre = shards.put(shards.exchanged(centre)[0])
    scores = np.empty((len(sub.targets), n_masks))

    def task(first: int) -> Iterator[int]:
        start = min(first, n_masks - batch)
        chosen = masks(start, start + batch)
        if sub.shares_noise:
            scores[:, start : start + batch] = sub.direct(chosen)
            yield start + batch - first
            return
        inputs = (
            shards.put(chosen.sum(1).astype(device.dtype)),
            _masked_sums(sub, chosen[:, shards.here], centre),
            sub.constants.pairs,
            sub.constants.prepared,
        )
        kinds = layer.metric, sub.comparison
        out, weak = shards.numbers(shards.call(masked.score, kinds, *inputs))[0]
        values, again = sub.scores(out), np.flatnonzero(weak)
        if len(again):
            values = values.copy()
            values[:, again] = sub.direct(chosen[again])
        scores[:, start : start + batch] = values
        yield start + batch - first

    starts = range(0, n_masks, batch)
    run(task, starts, progress=progress, title=title, total=n_masks)
    return scores


def _masked_sums(sub: Subproblem, masks: np.ndarray, centre: jax.Array) -> Any:
    """Sums over the units of masks ``(B, N_here)``, around fixed values."""
    layer, sums = sub.layer, None
    kinds, options = (layer.metric,), {"dtype": layer.device.dtype}
    for piece in sub.pieces:
        inputs = piece.load(), centre, piece.masks(masks), sub.constants.pairs
        block = min(BLOCK, piece.width)
        added = layer.shards.call(masked.sums, kinds, *inputs, block=block, **options)
        sums = added if sums is None else jax.tree.map(add, sums, added)
        jax.block_until_ready(sums)
    return layer.shards.summed(sums)


def masked_leave_one_out(
    sub: Subproblem, batch_size: int | None, progress: bool
) -> Scores:
    """One mask a unit, or a group: the general path, and the oracle of the others."""
    n_units, count = sub.layer.n_units, sub.n_ranked

    def all_but_one(start: int, stop: int) -> np.ndarray:
        return sub.all_but(np.arange(start, stop))

    full = sub.direct(np.ones((1, n_units), bool))
    scores = masked_scores(sub, all_but_one, count, batch_size, progress, "importance")
    if sub.unit_groups is None:
        tie_dead(scores, sub.layer.shards.everywhere(sub.dead))
    return full[:, 0], scores, full - scores

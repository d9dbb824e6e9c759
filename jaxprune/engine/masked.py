"""Scores of arbitrary subsets of units, and leave-one-out as one mask a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import add
from typing import Any

import jax
import numpy as np

from ..execution import budget
from ..execution.run import run
from ..kernels import masked
from .work import Scores, Work, _tie

# Units whose contributions to all pairs are formed at a time on the masked path.
SLAB = 256


def masked_scores(
    work: Work,
    masks: Callable[[int, int], np.ndarray],
    n_masks: int,
    batch_size: int | None,
    progress: bool,
    title: str,
) -> np.ndarray:
    """Scores ``(g, n_masks)``; ``masks(start, stop)`` makes a batch of masks."""
    layer, place, shards = work.layer, work.layer.place, work.layer.shards
    n_pairs = len(work.group.pairs[0])
    batch = budget.masks_per_batch(n_pairs, layer.n_units, place, batch_size, n_masks)
    if work.shares_noise:
        # One after the other: each factors the covariance of its own units.
        batch = 1
    centre = layer.metric.centre(np.asarray(work.features)).astype("float64")
    # Any would do, if it is the same for all units.
    centre = shards.put(shards.exchanged(centre)[0])
    scores = np.empty((len(work.targets), n_masks))

    def task(first: int) -> Iterator[int]:
        start = min(first, n_masks - batch)
        chosen = masks(start, start + batch)
        if work.shares_noise:
            scores[:, start : start + batch] = work.direct(chosen)
            yield start + batch - first
            return
        inputs = (
            shards.put(chosen.sum(1).astype(place.dtype)),
            _masked_sums(work, chosen[:, shards.here], centre),
            work.constants.pairs,
            work.constants.prepared,
        )
        kinds = layer.metric, work.comparison
        out, weak = shards.numbers(shards.call(masked.score, kinds, *inputs))[0]
        values, again = work.scores(out), np.flatnonzero(weak)
        if len(again):
            values = values.copy()
            values[:, again] = work.direct(chosen[again])
        scores[:, start : start + batch] = values
        yield start + batch - first

    starts = range(0, n_masks, batch)
    run(task, starts, progress=progress, title=title, total=n_masks)
    return scores


def _masked_sums(work: Work, masks: np.ndarray, centre: jax.Array) -> Any:
    """Sums over the units of masks ``(B, N_here)``, around fixed values."""
    layer, sums = work.layer, None
    kinds, options = (layer.metric,), {"dtype": layer.place.dtype}
    for piece in work.pieces:
        inputs = piece.load(), centre, piece.masks(masks), work.constants.pairs
        slab = min(SLAB, piece.width)
        added = layer.shards.call(masked.sums, kinds, *inputs, slab=slab, **options)
        sums = added if sums is None else jax.tree.map(add, sums, added)
        jax.block_until_ready(sums)
    return layer.shards.summed(sums)


def masked_leave_one_out(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """One mask a unit: the general path, and the oracle of the others."""
    n_units = work.layer.n_units
    units = np.arange(n_units)

    def all_but_one(start: int, stop: int) -> np.ndarray:
        return units[None, :] != units[start:stop, None]

    full = work.direct(np.ones((1, n_units), bool))
    scores = masked_scores(
        work, all_but_one, n_units, batch_size, progress, "importance"
    )
    _tie(scores, work.layer.shards.everywhere(work.dead))
    return full[:, 0], scores, full - scores

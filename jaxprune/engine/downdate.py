"""Leave-one-out from sums over all units minus those of one: O(n²) a unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..execution import budget
from ..execution.pieces import Piece
from ..kernels import downdate
from .work import Scores, Work, _run, _tie


def downdated(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """Sums over all units minus those of one."""
    layer, place, shards = work.layer, work.layer.place, work.layer.shards
    n_here, n_pairs = work.features.shape[1], len(work.group.pairs[0])
    total = _total(work)
    full = work.direct(np.ones((1, layer.n_units), bool))
    scores, fragile = np.empty((len(work.targets), n_here)), np.zeros(n_here, bool)
    kinds = layer.metric, work.comparison

    def task(item: tuple[Piece, int, int]) -> Iterator[int]:
        piece, batch, first = item
        # The last batch overlaps the one before it: one compiled kernel serves all.
        start = min(first, piece.width - batch)
        inputs = (
            total,
            piece.load(),
            shards.put(np.asarray(start, np.int32)),
            *work.constants,
        )
        out = shards.call(
            downdate.leave_one_out, kinds, *inputs, batch=batch, dtype=place.dtype
        )
        done = 0
        for device, (values, weak) in enumerate(shards.numbers(out)):
            here, some = piece.slice_of(device, start, batch)
            if some:
                scores[:, here] = work.scores(values)[:, :some]
                fragile[here] = weak[:some]
                done += some + start - first
        yield done

    tasks = []
    for piece in work.removals:
        batch = budget.units_per_batch(n_pairs, place, batch_size, piece.width)
        starts = range(0, int(piece.n_units.max()), batch)
        tasks += [(piece, batch, first) for first in starts]
    _run(task, tasks, work, progress)
    scores, fragile, dead = map(shards.everywhere, (scores, fragile, work.dead))
    again = np.flatnonzero(fragile)
    if len(again):
        scores[:, again] = work.without(again)
    _tie(scores, dead)
    return full[:, 0], scores, full - scores


def _total(work: Work) -> Any:
    """Sums over all units, in the computing dtype."""
    shards, dtype = work.layer.shards, work.layer.place.dtype
    everything = np.ones((1, work.features.shape[1]), bool)
    sums = work.sums.over(everything, work.constants.mean, dtype)
    return shards.call(downdate.only, (), sums, dtype=dtype)

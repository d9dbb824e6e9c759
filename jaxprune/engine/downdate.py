"""Leave-one-out from sums over all units minus those of one: O(n²) a unit.

For every metric, since each is a finish of sums over units, and for every comparison. A
unit whose subtraction would cost digits is done again by definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..execution import budget
from ..execution.pieces import Piece
from ..execution.run import run
from ..kernels import downdate
from .subproblem import Scores, Subproblem, tie_dead


def downdated(sub: Subproblem, batch_size: int | None, progress: bool) -> Scores:
    """Sums over all units minus those of one."""
    layer, device, shards = sub.layer, sub.layer.device, sub.layer.shards
    n_here, n_pairs = sub.features.shape[1], len(sub.group.pairs[0])
    total = _total(sub)
    full = sub.direct(np.ones((1, layer.n_units), bool))
    scores, fragile = np.empty((len(sub.targets), n_here)), np.zeros(n_here, bool)
    kinds = layer.metric, sub.comparison

    def task(item: tuple[Piece, int, int]) -> Iterator[int]:
        piece, batch, first = item
        # The last batch overlaps the one before it: one compiled kernel serves all.
        start = min(first, piece.width - batch)
        inputs = (
            total,
            piece.load(),
            shards.put(np.asarray(start, np.int32)),
            *sub.constants,
        )
        out = shards.call(
            downdate.leave_one_out, kinds, *inputs, batch=batch, dtype=device.dtype
        )
        done = 0
        for index, (values, weak) in enumerate(shards.numbers(out)):
            here, some = piece.slice_of(index, start, batch)
            if some:
                scores[:, here] = sub.scores(values)[:, :some]
                fragile[here] = weak[:some]
                done += some + start - first
        yield done

    tasks = []
    for piece in sub.removals:
        batch = budget.units_per_batch(n_pairs, device, batch_size, piece.width)
        starts = range(0, int(piece.n_units.max()), batch)
        tasks += [(piece, batch, first) for first in starts]
    run(
        task,
        tasks,
        workers=sub.workers,
        progress=progress,
        title="importance",
        total=sub.features.shape[1],
    )
    scores, fragile, dead = map(shards.everywhere, (scores, fragile, sub.dead))
    again = np.flatnonzero(fragile)
    if len(again):
        scores[:, again] = sub.without(again)
    tie_dead(scores, dead)
    return full[:, 0], scores, full - scores


def _total(sub: Subproblem) -> Any:
    """Sums over all units, in the computing dtype."""
    shards, dtype = sub.layer.shards, sub.layer.device.dtype
    everything = np.ones((1, sub.features.shape[1]), bool)
    sums = sub.sums.over(everything, sub.constants.mean, dtype)
    return shards.call(downdate.only, (), sums, dtype=dtype)

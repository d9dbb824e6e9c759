"""Leave-one-out by a closed form: matrix products over blocks of units.

The Gram matrix of all pieces comes first, then every block of units by itself. Units
whose removal costs digits are done again by definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import add
from typing import Any

import jax
import numpy as np

from ..execution import budget
from ..execution.pieces import Piece
from ..execution.run import run
from ..kernels import closed_form as unit_rows
from ..kernels import closed_form_sqeuclidean as sqeuclidean
from .downdate import downdated
from .subproblem import Scores, Subproblem, tie_dead
from .targets import square_of

KERNELS = {"unit_rows": unit_rows, "sqeuclidean": sqeuclidean}

# Blocks of a closed form between two updates of the progress bar.
BLOCKS_PER_TASK = 64


def closed_form(sub: Subproblem, batch_size: int | None, progress: bool) -> Scores:
    """Matrix products, in changes; no RDM is formed."""
    group, layer, device = sub.group, sub.layer, sub.layer.device
    n, n_here = sub.features.shape
    kept, shards = square_of(group, np.ones(len(group.pairs[0]))), layer.shards
    kernel = KERNELS[str(layer.metric.closed_form)]
    moments, *arrays = _prepared(sub, kernel, kept)
    full = np.asarray(shards.numbers(moments.full)[0], float)
    if np.isnan(full).any():
        # A constant RDM: there is no full score for changes to be changes of.
        return downdated(sub, batch_size, progress)
    options = {
        "pearson": sub.comparison.centred,
        "complete": bool(kept.sum() == n * (n - 1)),
        "n_controls": sub.comparison.n_controls,
        "dtype": device.dtype,
    }
    importance = np.empty((len(group.which), n_here))
    fragile, dead = np.zeros(n_here, bool), np.zeros(n_here, bool)

    def task(item: tuple[Piece, np.ndarray, int]) -> Iterator[int]:
        piece, starts, block = item
        inputs = moments, piece.load(), shards.put(starts), piece.counts(), *arrays
        out = shards.call(kernel.leave_one_out, (), *inputs, block=block, **options)
        done = 0
        for index, parts in enumerate(shards.numbers(out)):
            for start, values, weak, silent in zip(starts, *parts, strict=True):
                here, some = piece.slice_of(index, start, block)
                importance[:, here] = values[:, :some]
                fragile[here], dead[here] = weak[:some], silent[:some]
                done += some
        yield done

    tasks = []
    for piece in sub.removals:
        block = budget.units_per_block(device, batch_size, piece.width, n)
        most = int(piece.n_units.max())
        for starts in _block_tasks(most, piece.width, block, sub.workers):
            tasks.append((piece, starts, block))
    run(
        task,
        tasks,
        workers=sub.workers,
        progress=progress,
        title="importance",
        total=sub.features.shape[1],
    )
    importance, fragile, dead = map(shards.everywhere, (importance, fragile, dead))
    again = np.flatnonzero(fragile)
    if len(again):
        everything = sub.direct(np.ones((1, layer.n_units), bool))
        importance[:, again] = everything - sub.without(again)
    tie_dead(importance, dead)
    return full, full[:, None] - importance, importance


def _prepared(sub: Subproblem, kernel: Any, kept: np.ndarray) -> tuple[Any, ...]:
    """What a kernel needs of the whole layer: its moments, targets, kept."""
    layer, group, dtype = sub.layer, sub.group, sub.layer.device.dtype
    shards, mean = layer.shards, sub.constants.mean
    targets = square_of(group, sub.prepared).astype(dtype)
    constant = layer.constant if group.rows is None else layer.constant[group.rows]
    sums = None
    for piece in sub.pieces:
        inputs = piece.load(), mean, piece.counts()
        added = shards.call(
            kernel.piece_sums, (), *inputs, dtype=dtype, block=sub.sums.block
        )
        sums = added if sums is None else jax.tree.map(add, sums, added)
        # Or pieces would be loaded faster than they are used, and pile up.
        jax.block_until_ready(sums)
    arrays = shards.put(targets), shards.put(kept.astype(dtype))
    moments = shards.call(
        kernel.prepare,
        (),
        shards.summed(sums),
        mean,
        shards.put(~constant),
        shards.put(np.asarray(layer.n_units, dtype)),
        *arrays,
        centred=layer.metric.centred,
        pearson=sub.comparison.centred,
        n_controls=sub.comparison.n_controls,
    )
    return moments, *arrays


def _block_tasks(
    n_units: int, width: int, block: int, workers: int
) -> list[np.ndarray]:
    """First units of blocks that cover a piece, cut into tasks of equal length.

    How long follows from the width, so that one compiled kernel serves all pieces of
    that width; the blocks that there are go evenly to the tasks, which are filled up
    with starts after the last unit. Where a block would reach over the width it
    overlaps the one before it: one that is narrower would take another matrix-product
    path, whose round-off breaks exact ties between equal units.
    """
    most = -(-width // block)
    n_tasks = workers * -(-most // (workers * BLOCKS_PER_TASK))
    length = -(-most // min(n_tasks, most))
    starts = np.minimum(np.arange(-(-n_units // block)) * block, width - block)
    n_tasks = min(n_tasks, len(starts))
    tasks = np.full((n_tasks, length), width, np.int32)
    for row, some in zip(tasks, np.array_split(starts, max(n_tasks, 1)), strict=False):
        row[: len(some)] = some
    return list(tasks)

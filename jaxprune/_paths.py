"""The paths of leave-one-out, each from a problem to importances.

One function a path, all with the same arguments and results, in `PATHS`. They share
the loop (`execution.run`), the comparison on the host, and the direct computation of
the units whose removal costs digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import add
from typing import Any

import jax
import numpy as np

from ._problem import Group
from ._work import Work
from .execution import budget
from .execution.pieces import Piece
from .execution.run import run
from .kernels import closed_form as unit_rows
from .kernels import closed_form_sqeuclidean as sqeuclidean
from .kernels import downdate, masked

KERNELS = {"unit_rows": unit_rows, "sqeuclidean": sqeuclidean}

# Blocks of a closed form between two updates of the progress bar.
BLOCKS_PER_TASK = 64
# Units whose contributions to all pairs are formed at a time on the masked path.
SLAB = 256

# Full scores (g,), scores without each unit (g, N), importances (g, N).
Scores = tuple[np.ndarray, np.ndarray, np.ndarray]


def closed_form(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """Matrix products, in changes; no RDM is formed."""
    group, problem, place = work.group, work.problem, work.problem.place
    n, n_here = work.features.shape
    kept, shards = square_of(group, np.ones(len(group.pairs[0]))), problem.shards
    kernel = KERNELS[str(problem.metric.closed_form)]
    layer, *arrays = _prepared_layer(work, kernel, kept)
    full = np.asarray(shards.numbers(layer.full)[0], float)
    if np.isnan(full).any():
        # A constant RDM: there is no full score for changes to be changes of.
        return downdated(work, batch_size, progress)
    options = {
        "pearson": problem.comparison.centred,
        "complete": bool(kept.sum() == n * (n - 1)),
        "dtype": place.dtype,
    }
    importance = np.empty((len(group.which), n_here))
    fragile, dead = np.zeros(n_here, bool), np.zeros(n_here, bool)

    def task(item: tuple[Piece, np.ndarray, int]) -> Iterator[int]:
        piece, starts, block = item
        inputs = layer, piece.load(), shards.put(starts), piece.counts(), *arrays
        out = shards.call(kernel.leave_one_out, (), *inputs, block=block, **options)
        done = 0
        for device, parts in enumerate(shards.numbers(out)):
            for start, values, weak, silent in zip(starts, *parts, strict=True):
                here, some = piece.slice_of(device, start, block)
                importance[:, here] = values[:, :some]
                fragile[here], dead[here] = weak[:some], silent[:some]
                done += some
        yield done

    tasks = []
    for piece in work.removals:
        block = budget.units_per_block(place, batch_size, piece.width, n)
        most = int(piece.n_units.max())
        for starts in _block_tasks(most, piece.width, block, _workers(work)):
            tasks.append((piece, starts, block))
    _run(task, tasks, work, progress)
    importance, fragile, dead = map(shards.everywhere, (importance, fragile, dead))
    again = np.flatnonzero(fragile)
    if len(again):
        everything = work.direct(np.ones((1, problem.n_units), bool))
        importance[:, again] = everything - work.without(again)
    _tie(importance, dead)
    return full, full[:, None] - importance, importance


def _prepared_layer(work: Work, kernel: Any, kept: np.ndarray) -> tuple[Any, ...]:
    """What a kernel needs of the whole layer: layer, targets, kept."""
    problem, group, dtype = work.problem, work.group, work.problem.place.dtype
    shards, mean = problem.shards, work.constants.mean
    targets = square_of(group, work.prepared).astype(dtype)
    constant = problem.constant if group.rows is None else problem.constant[group.rows]
    sums = None
    for piece in work.pieces:
        inputs = piece.load(), mean, piece.counts()
        added = shards.call(kernel.moments, (), *inputs, dtype=dtype, block=work.block)
        sums = added if sums is None else jax.tree.map(add, sums, added)
        # Or pieces would be loaded faster than they are used, and pile up.
        jax.block_until_ready(sums)
    arrays = shards.put(targets), shards.put(kept.astype(dtype))
    layer = shards.call(
        kernel.prepare,
        (),
        shards.summed(sums),
        mean,
        shards.put(~constant),
        shards.put(np.asarray(problem.n_units, dtype)),
        *arrays,
        centred=problem.metric.centred,
        pearson=problem.comparison.centred,
    )
    return layer, *arrays


def _workers(work: Work) -> int:
    """Threads: one where every call keeps several devices busy."""
    several = len(work.problem.shards.local) > 1
    return 1 if several else work.problem.place.workers


def _run(task: Any, tasks: list[Any], work: Work, progress: bool) -> None:
    run(
        task,
        tasks,
        workers=_workers(work),
        progress=progress,
        title="importance",
        total=work.features.shape[1],
    )


def square_of(group: Group, values: np.ndarray) -> np.ndarray:
    """Symmetric matrices ``(..., m, m)`` of values ``(..., p)`` of the pairs kept."""
    i, j = group.pairs
    size = int(max(i.max(), j.max())) + 1
    square = np.zeros((*values.shape[:-1], size, size))
    square[..., i, j] = values
    square[..., j, i] = values
    return square


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


def downdated(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """Sums over all units minus those of one."""
    problem, place, shards = work.problem, work.problem.place, work.problem.shards
    n_here, n_pairs = work.features.shape[1], len(work.group.pairs[0])
    total = _total(work)
    full = work.direct(np.ones((1, problem.n_units), bool))
    scores, fragile = np.empty((len(work.targets), n_here)), np.zeros(n_here, bool)
    kinds = problem.metric, problem.comparison

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
    shards, dtype = work.problem.shards, work.problem.place.dtype
    everything = np.ones((1, work.features.shape[1]), bool)
    sums = work.sums.over(everything, work.constants.mean, dtype)
    return shards.call(downdate.only, (), sums, dtype=dtype)


def masked_scores(
    work: Work,
    masks: Callable[[int, int], np.ndarray],
    n_masks: int,
    batch_size: int | None,
    progress: bool,
    title: str,
) -> np.ndarray:
    """Scores ``(g, n_masks)``; ``masks(start, stop)`` makes a batch of masks."""
    problem, place, shards = work.problem, work.problem.place, work.problem.shards
    n_pairs = len(work.group.pairs[0])
    batch = budget.masks_per_batch(n_pairs, problem.n_units, place, batch_size, n_masks)
    if work.shares_noise:
        # One after the other: each factors the covariance of its own units.
        batch = 1
    centre = problem.metric.centre(np.asarray(work.features)).astype("float64")
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
        kinds = problem.metric, problem.comparison
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
    problem, sums = work.problem, None
    kinds, options = (problem.metric,), {"dtype": problem.place.dtype}
    for piece in work.pieces:
        inputs = piece.load(), centre, piece.masks(masks), work.constants.pairs
        slab = min(SLAB, piece.width)
        added = problem.shards.call(masked.sums, kinds, *inputs, slab=slab, **options)
        sums = added if sums is None else jax.tree.map(add, sums, added)
        jax.block_until_ready(sums)
    return problem.shards.summed(sums)


def masked_leave_one_out(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """One mask a unit: the general path, and the oracle of the others."""
    n_units = work.problem.n_units
    units = np.arange(n_units)

    def all_but_one(start: int, stop: int) -> np.ndarray:
        return units[None, :] != units[start:stop, None]

    full = work.direct(np.ones((1, n_units), bool))
    scores = masked_scores(
        work, all_but_one, n_units, batch_size, progress, "importance"
    )
    _tie(scores, work.problem.shards.everywhere(work.dead))
    return full[:, 0], scores, full - scores


def _tie(values: np.ndarray, dead: np.ndarray) -> None:
    """Units that never respond ``(N,)`` share one value ``(g, N)``, exactly."""
    values[:, dead] = values[:, np.argmax(dead)][:, None]


PATHS = {
    "closed_form": closed_form,
    "downdate": downdated,
    "masked": masked_leave_one_out,
}

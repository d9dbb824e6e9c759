"""The paths of leave-one-out, each from a problem to importances.

One function a path, all with the same arguments and results, in `PATHS`. They share
the loop (`execution.run`), the comparison on the host, and the direct computation of
the units whose removal costs digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
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
    kept = _square(group, np.ones(len(group.pairs[0])))
    kernel = KERNELS[str(problem.metric.closed_form)]
    layers = _prepared_layers(work, kernel, kept)
    full = np.asarray(layers[place.device][0].full, float)
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

    def task(item: tuple[Piece, int, np.ndarray]) -> Iterator[int]:
        piece, block, starts = item
        layer, *arrays = layers[piece.place.device]
        x, n_units = piece.load(), np.int32(piece.n_units)
        out = kernel.leave_one_out(
            layer, x, starts, n_units, *arrays, block=block, **options
        )
        values, weak, silent = map(np.asarray, out)
        done = 0
        for index, start in enumerate(starts[starts < n_units]):
            stop = min(start + block, piece.n_units)
            units, some = slice(piece.first + start, piece.first + stop), stop - start
            importance[:, units] = values[index, :, :some]
            fragile[units], dead[units] = weak[index, :some], silent[index, :some]
            done += int(some)
        yield done

    tasks = []
    for piece in work.removals:
        block = budget.units_per_block(place, batch_size, piece.width, n)
        starts = _block_tasks(piece.n_units, piece.width, block, place.workers)
        tasks.append([(piece, block, some) for some in starts])
    _run(task, tasks, work, progress)
    importance, fragile, dead = map(
        problem.shards.everywhere, (importance, fragile, dead)
    )
    again = np.flatnonzero(fragile)
    if len(again):
        everything = work.direct(np.ones((1, problem.n_units), bool))
        importance[:, again] = everything - work.without(again)
    _tie(importance, dead)
    return full, full[:, None] - importance, importance


def _prepared_layers(work: Work, kernel: Any, kept: np.ndarray) -> dict[Any, Any]:
    """What a kernel needs of the whole layer, on each device: layer, targets, kept."""
    problem, group, dtype = work.problem, work.group, work.problem.place.dtype
    targets = _square(group, work.prepared).astype(dtype)
    constant = problem.constant if group.rows is None else problem.constant[group.rows]
    sums: dict[Any, Any] = {}
    for piece in work.pieces:
        mean, device = work.on(piece.place).mean, piece.place.device
        added = kernel.moments(piece.load(), mean, np.int32(piece.n_units), dtype=dtype)
        before = sums.get(device)
        sums[device] = added if before is None else jax.tree.map(add, before, added)
    shared = list(sums.values())
    if problem.shards.several:
        shared = problem.shards.summed(shared)
    layers = {}
    for place, total in zip(problem.places, shared, strict=True):
        arrays = place.put(targets), place.put(kept.astype(dtype))
        layer = kernel.prepare(
            total,
            work.on(place).mean,
            place.put(~constant),
            np.dtype(dtype).type(problem.n_units),
            *arrays,
            centred=problem.metric.centred,
            pearson=problem.comparison.centred,
        )
        layers[place.device] = layer, *arrays
    return layers


def _run(task: Any, tasks: list[list[Any]], work: Work, progress: bool) -> None:
    """Run the tasks of all pieces, one of each device after the other."""
    place = work.problem.place
    devices: dict[Any, list[Any]] = {}
    for piece, some in zip(work.removals, tasks, strict=True):
        devices.setdefault(piece.place.device, []).extend(some)
    turns = zip_longest(*devices.values())
    run(
        task,
        [item for turn in turns for item in turn if item is not None],
        workers=place.workers * len(devices),
        progress=progress,
        title="importance",
        total=work.features.shape[1],
    )


def _square(group: Group, values: np.ndarray) -> np.ndarray:
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
    problem, place = work.problem, work.problem.place
    n_here, n_pairs = work.features.shape[1], len(work.group.pairs[0])
    totals = _totals(work)
    full = work.direct(np.ones((1, problem.n_units), bool))
    scores = np.empty((len(work.targets), n_here))
    fragile = np.zeros(n_here, bool)

    def task(item: tuple[Piece, int, int]) -> Iterator[int]:
        piece, batch, first = item
        # The last batch overlaps the one before it: one compiled kernel serves all.
        start = min(first, piece.width - batch)
        constants = work.on(piece.place)
        out, weak = downdate.leave_one_out(
            problem.metric,
            problem.comparison,
            totals[piece.place.device],
            piece.load(),
            np.int32(start),
            *constants,
            batch=batch,
            dtype=place.dtype,
        )
        stop = min(start + batch, piece.n_units)
        units, some = slice(piece.first + start, piece.first + stop), stop - start
        scores[:, units] = work.scores(out)[:, :some]
        fragile[units] = np.asarray(weak)[:some]
        yield stop - first

    tasks = []
    for piece in work.removals:
        batch = budget.units_per_batch(n_pairs, place, batch_size, piece.width)
        starts = range(0, piece.n_units, batch)
        tasks.append([(piece, batch, first) for first in starts])
    _run(task, tasks, work, progress)
    scores, fragile, dead = map(problem.shards.everywhere, (scores, fragile, work.dead))
    again = np.flatnonzero(fragile)
    if len(again):
        scores[:, again] = work.without(again)
    _tie(scores, dead)
    return full[:, 0], scores, full - scores


def _totals(work: Work) -> dict[Any, Any]:
    """Sums over all units, in the computing dtype, on each device."""
    everything = np.ones((1, work.features.shape[1]), bool)
    totals = work.sums.over(everything, work.mean, work.problem.place.dtype)
    pairs = zip(work.problem.places, totals, strict=True)
    return {place.device: states[0] for place, states in pairs}


def masked_scores(
    work: Work,
    masks: Callable[[int, int], np.ndarray],
    n_masks: int,
    batch_size: int | None,
    progress: bool,
    title: str,
) -> np.ndarray:
    """Scores ``(g, n_masks)``; ``masks(start, stop)`` makes a batch of masks."""
    problem, place = work.problem, work.problem.place
    n_pairs = len(work.group.pairs[0])
    batch = budget.masks_per_batch(n_pairs, problem.n_units, place, batch_size, n_masks)
    if work.shares_noise:
        # One after the other: each factors the covariance of its own units.
        batch = 1
    centre = problem.metric.centre(np.asarray(work.features)).astype("float64")
    # Any would do, if it is the same for all units.
    centre = problem.shards.exchanged(centre)[0]
    scores = np.empty((len(work.targets), n_masks))

    def task(first: int) -> Iterator[int]:
        start = min(first, n_masks - batch)
        chosen = masks(start, start + batch)
        if work.shares_noise:
            scores[:, start : start + batch] = work.direct(chosen)
            yield start + batch - first
            return
        out, weak = masked.score(
            problem.metric,
            problem.comparison,
            place.put(chosen.sum(1).astype(place.dtype)),
            _masked_sums(work, chosen[:, problem.shards.here], centre),
            work.on(place).pairs,
            work.on(place).prepared,
        )
        values = work.scores(out)
        again = np.flatnonzero(np.asarray(weak))
        if len(again):
            values = values.copy()
            values[:, again] = work.direct(chosen[again])
        scores[:, start : start + batch] = values
        yield start + batch - first

    starts = range(0, n_masks, batch)
    run(task, starts, progress=progress, title=title, total=n_masks)
    return scores


def _masked_sums(work: Work, masks: np.ndarray, centre: np.ndarray) -> Any:
    """Sums over the units of masks ``(B, N_here)``, around fixed values."""
    problem, sums = work.problem, {}
    for piece in work.pieces:
        place = piece.place
        chosen = np.zeros((len(masks), piece.width), bool)
        chosen[:, : piece.n_units] = masks[:, piece.units]
        added = masked.sums(
            problem.metric,
            piece.load(),
            place.put(centre),
            place.put(chosen),
            work.on(place).pairs,
            slab=min(SLAB, piece.width),
            dtype=problem.place.dtype,
        )
        before = sums.get(place.device)
        sums[place.device] = (
            added if before is None else jax.tree.map(add, before, added)
        )
    shared = list(sums.values())
    return problem.shards.summed(shared)[0] if problem.shards.several else shared[0]


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

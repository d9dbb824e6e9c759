"""The paths of leave-one-out, each from a problem to importances.

One function a path, all with the same arguments and results, in `PATHS`. They share
the loop (`execution.run`), the comparison on the host, and the direct computation of
the units whose removal costs digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._arrays import shifted
from ._problem import Group
from ._work import Work, means
from .execution import budget
from .execution.run import run
from .kernels import closed_form as unit_rows
from .kernels import closed_form_sqeuclidean as sqeuclidean
from .kernels import downdate, masked

# Blocks of a closed form between two updates of the progress bar.
BLOCKS_PER_TASK = 64
# Units whose contributions to all pairs are formed at a time on the masked path.
SLAB = 256

# Full scores (g,), scores without each unit (g, N), importances (g, N).
Scores = tuple[np.ndarray, np.ndarray, np.ndarray]


def closed_form(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """Matrix products, in changes; no RDM is formed."""
    group, place = work.group, work.problem.place
    n, n_units = work.x.shape
    block = budget.units_per_block(place, batch_size, n_units)
    kept = _square(group, np.ones(len(group.pairs[0])))
    complete = bool(kept.sum() == n * (n - 1))
    kernel, layer, *arrays, options = _prepared_layer(work, kept)
    if np.isnan(layer.full).any():
        # A constant RDM: there is no full score for changes to be changes of.
        return downdated(work, batch_size, progress)
    importance = np.empty((len(group.which), n_units))
    fragile = np.zeros(n_units, bool)
    dead = np.zeros(n_units, bool)

    def task(starts: np.ndarray) -> Iterator[int]:
        values, weak, silent = kernel.leave_one_out(
            layer,
            work.removals,
            starts,
            *arrays,
            complete=complete,
            block=block,
            **options,
        )
        values, weak, silent = map(np.asarray, (values, weak, silent))
        for index, start in enumerate(starts):
            units = slice(start, start + block)
            importance[:, units] = values[index]
            fragile[units], dead[units] = weak[index], silent[index]
        yield len(np.unique(starts)) * block

    run(
        task,
        _block_tasks(n_units, block, place.workers),
        workers=place.workers,
        progress=progress,
        title="importance",
        total=-(-n_units // block) * block,
    )
    again = np.flatnonzero(fragile)
    if len(again):
        everything = work.direct([np.ones(n_units, bool)])
        importance[:, again] = everything - work.without(again)
    _tie(importance, dead)
    full = np.asarray(layer.full, float)
    return full, full[:, None] - importance, importance


def _prepared_layer(work: Work, kept: np.ndarray) -> Any:
    """Kernel of the metric, what it needs of the whole layer, and its options."""
    problem, group, place = work.problem, work.group, work.problem.place
    targets = place.put(_square(group, work.prepared).astype(place.dtype))
    kept_there = place.put(kept.astype(place.dtype))
    options = {"pearson": problem.comparison.centred, "dtype": place.dtype}
    if problem.metric.closed_form == "sqeuclidean":
        layer = sqeuclidean.prepare(work.x, targets, kept_there, **options)
        return sqeuclidean, layer, targets, kept_there, options
    options["centred"] = problem.metric.centred
    constant = problem.constant if group.rows is None else problem.constant[group.rows]
    layer = unit_rows.prepare(
        work.x, means(work), place.put(~constant), targets, kept_there, **options
    )
    return unit_rows, layer, targets, kept_there, options


def _square(group: Group, values: np.ndarray) -> np.ndarray:
    """Symmetric matrices ``(..., m, m)`` of values ``(..., p)`` of the pairs kept."""
    i, j = group.pairs
    size = int(max(i.max(), j.max())) + 1
    square = np.zeros((*values.shape[:-1], size, size))
    square[..., i, j] = values
    square[..., j, i] = values
    return square


def _block_tasks(n_units: int, block: int, workers: int) -> list[np.ndarray]:
    """First units of blocks that cover all units, cut into tasks of equal length.

    Equal, so that one compiled kernel serves all. The last block overlaps the one
    before it: a narrower one would take another matrix-product path, whose round-off
    breaks exact ties between equal units; where tasks do not come out even it repeats.
    """
    n_blocks = -(-n_units // block)
    n_tasks = workers * -(-n_blocks // (workers * BLOCKS_PER_TASK))
    length = -(-n_blocks // min(n_tasks, n_blocks))
    n_tasks = -(-n_blocks // length)
    starts = np.minimum(np.arange(n_tasks * length) * block, n_units - block)
    return list(starts.astype(np.int32).reshape(n_tasks, length))


def downdated(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """Sums over all units minus those of one."""
    problem, place = work.problem, work.problem.place
    n_units = problem.n_units
    n_pairs = len(work.group.pairs[0])
    batch = budget.units_per_batch(n_pairs, place, batch_size, n_units)
    x = _centred(work, work.removals)
    everything = _centred(work, work.x) if work.shares_noise else x
    total = _init(problem.metric, everything, work.pairs)
    prepared = work.prepared_on_device
    full = work.direct([np.ones(n_units, bool)])
    scores = np.empty((len(work.targets), n_units))
    fragile = np.zeros(n_units, bool)

    def task(first: int) -> Iterator[int]:
        # The last batch overlaps the one before it: one compiled kernel serves all.
        start = min(first, n_units - batch)
        out, weak = downdate.leave_one_out(
            problem.metric,
            problem.comparison,
            total,
            x,
            np.int32(start),
            work.pairs,
            prepared,
            batch=batch,
        )
        units = slice(start, start + batch)
        scores[:, units] = work.scores(out)
        fragile[units] = np.asarray(weak)
        yield start + batch - first

    run(
        task,
        range(0, n_units, batch),
        workers=place.workers,
        progress=progress,
        title="importance",
        total=n_units,
    )
    again = np.flatnonzero(fragile)
    scores[:, again] = work.without(again)
    _tie(scores, work.dead)
    return full[:, 0], scores, full - scores


def _centred(work: Work, x: jax.Array) -> jax.Array:
    """Columns in the computing dtype, around 0."""
    metric, dtype = work.problem.metric, work.problem.place.dtype
    if metric.offset_free:
        # Distances do not change if a unit is centred over the conditions of a fold.
        folds = x.reshape(metric.folds, -1, x.shape[1])
        mean = jnp.mean(folds.astype("float64"), 1, keepdims=True)
        return shifted(folds, mean, dtype).reshape(x.shape)
    return shifted(x, means(work)[:, None], dtype)


@partial(jax.jit, static_argnums=0)
def _init(metric: Any, x: jax.Array, pairs: Any) -> Any:
    return metric.init(x, pairs)


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
    if problem.metric.offset_free:
        x = _centred(work, work.x)
    else:
        centre = problem.metric.centre(np.asarray(work.features)).astype("float64")
        x = shifted(work.x, place.put(centre)[:, None], place.dtype)
    prepared = work.prepared_on_device
    scores = np.empty((len(work.targets), n_masks))

    def task(first: int) -> Iterator[int]:
        start = min(first, n_masks - batch)
        chosen = masks(start, start + batch)
        if work.shares_noise:
            scores[:, start : start + batch] = work.direct(chosen)
            yield start + batch - first
            return
        out, weak = masked.score_masks(
            problem.metric,
            problem.comparison,
            x,
            place.put(chosen),
            work.pairs,
            prepared,
            slab=min(SLAB, problem.n_units),
            dtype=place.dtype,
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


def masked_leave_one_out(work: Work, batch_size: int | None, progress: bool) -> Scores:
    """One mask a unit: the general path, and the oracle of the others."""
    n_units = work.problem.n_units
    units = np.arange(n_units)

    def all_but_one(start: int, stop: int) -> np.ndarray:
        return units[None, :] != units[start:stop, None]

    full = work.direct([np.ones(n_units, bool)])
    scores = masked_scores(
        work, all_but_one, n_units, batch_size, progress, "importance"
    )
    _tie(scores, work.dead)
    return full[:, 0], scores, full - scores


def _tie(values: np.ndarray, dead: np.ndarray) -> None:
    """Units that never respond ``(N,)`` share one value ``(g, N)``, exactly."""
    values[:, dead] = values[:, np.argmax(dead)][:, None]


PATHS = {
    "closed_form": closed_form,
    "downdate": downdated,
    "masked": masked_leave_one_out,
}

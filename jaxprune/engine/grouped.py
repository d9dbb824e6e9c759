"""Scores of groups of units, from sums over each: without it, of it alone, prefixes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from ..base.types import State
from ..execution import budget
from ..execution.run import run
from ..kernels import direct
from ..kernels import groups as kernels
from .group_sums import GroupSums
from .readout_scores import read_masks
from .subproblem import MASKS, Scores, Subproblem


def groups_left_out(sub: Subproblem, batch_size: int | None, progress: bool) -> Scores:
    """Sums over all units minus those of one group: O(n²) a group.

    A group whose subtraction would cost digits is done again by definition.
    """
    layer, shards = sub.layer, sub.layer.shards
    pairs, _, prepared = sub.constants
    total = sub.sums_of_groups.total
    rdm = shards.call(direct.rdm, (layer.metric,), total, pairs)
    full = sub.fit(shards.numbers(rdm)[0])
    fragile = np.zeros(sub.n_ranked, bool)

    def without(states: State, which: jax.Array, here: slice) -> Any:
        out, weak = shards.call(
            kernels.leave_one_out,
            (layer.metric, sub.comparison),
            *(total, states, which, pairs, prepared),
            dtype=layer.device.dtype,
        )
        fragile[here] = shards.numbers(weak)[0][: here.stop - here.start]
        return out

    sums, title = sub.removals_of_groups, "importance"
    scores = _each_group(sub, sums, without, batch_size, progress, title)
    again = np.flatnonzero(fragile)
    if len(again):
        scores[:, again] = sub.without(again)
    return full, scores, full[:, None] - scores


def groups_alone(sub: Subproblem, batch_size: int | None, progress: bool) -> np.ndarray:
    """Scores ``(g, G)`` of each group alone."""
    layer, shards, groups = sub.layer, sub.layer.shards, sub.unit_groups
    assert groups is not None
    if sub.reading is not None:

        def masks(start: int, stop: int) -> np.ndarray:
            return groups.masks(np.arange(start, stop))

        return read_masks(sub, masks, len(groups), batch_size, progress, "scores")
    pairs, _, prepared = sub.constants
    if sub.shares_noise:
        parts = np.array_split(np.arange(len(groups)), -(-len(groups) // MASKS))
        return np.concatenate([sub.direct(groups.masks(part)) for part in parts], 1)

    def alone(states: State, which: jax.Array, here: slice) -> Any:
        del here
        return shards.call(
            kernels.alone,
            (layer.metric, sub.comparison),
            *(states, which, pairs, prepared),
            dtype=layer.device.dtype,
        )

    sums, title = sub.sums_of_groups, "scores"
    return _each_group(sub, sums, alone, batch_size, progress, title)


def _each_group(
    sub: Subproblem,
    sums: GroupSums,
    scored: Callable[[State, jax.Array, slice], Any],
    batch_size: int | None,
    progress: bool,
    title: str,
) -> np.ndarray:
    """Scores ``(g, G)``, a batch of groups in each thread.

    `scored` takes sums of groups, which of them are meant, and where these are among
    all groups; and returns what a kernel does.
    """
    shards, n_groups = sub.layer.shards, sub.n_ranked
    n_pairs, device = len(sub.group.pairs[0]), sub.layer.device
    batch = budget.units_per_batch(n_pairs, device, batch_size, n_groups)
    scores = np.empty((len(sub.targets), n_groups))

    def task(item: tuple[State, np.ndarray, int]) -> Iterator[int]:
        states, rows, first = item
        here = slice(first, first + len(rows))
        out = scored(states, shards.put(_filled(rows, batch)), here)
        scores[:, here] = sub.scores(shards.numbers(out)[0])[:, : len(rows)]
        yield len(rows)

    for start, states, rows in sums.parts(np.arange(n_groups), batch):
        firsts = range(0, len(rows), batch)
        run(
            task,
            [(states, rows[f : f + batch], start + f) for f in firsts],
            workers=sub.workers,
            progress=progress,
            title=title,
            total=len(rows),
            unit="groups",
        )
    return scores


def group_curve(
    sub: Subproblem, order: np.ndarray, batch_size: int | None
) -> np.ndarray:
    """Scores ``(g, L)`` of all prefixes of an order of groups ``(L,)``.

    Units that are in no group come before the first.
    """
    layer, device, shards = sub.layer, sub.layer.device, sub.layer.shards
    pairs, mean, prepared = sub.constants
    order = np.append(sub.n_ranked, order)
    n_pairs = len(sub.group.pairs[0])
    batch = budget.prefixes_per_batch(n_pairs, device, batch_size, len(order))
    # RDMs that go to the host do so batch by batch, and never pile up.
    most = 1 if sub.on_host else budget.BATCHES_PER_CHUNK
    chunk = batch * min(most, -(-len(order) // batch))
    scores = np.empty((len(sub.targets), len(order)))
    state = shards.call(direct.empty, (layer.metric,), mean, pairs)
    for start, states, rows in sub.sums_of_groups.parts(order, chunk):
        for first in range(0, len(rows), chunk):
            some = rows[first : first + chunk]
            state, out = shards.call(
                kernels.score_prefixes,
                (layer.metric, sub.comparison),
                *(state, states, shards.put(_filled(some, chunk)), pairs, prepared),
                batch=batch,
                dtype=device.dtype,
            )
            here = slice(start + first, start + first + len(some))
            scores[:, here] = sub.scores(shards.numbers(out)[0])[:, : len(some)]
    return scores[:, 1:]


def _filled(rows: np.ndarray, length: int) -> np.ndarray:
    """Rows, the last of them repeated: one compiled kernel serves all batches."""
    return np.pad(rows, (0, length - len(rows)), mode="edge").astype(np.int32)

"""Importances and curves of groups of units, from sums over each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..execution import budget
from ..execution.run import run
from ..kernels import direct
from ..kernels import groups as kernels
from .subproblem import Scores, Subproblem


def groups_left_out(sub: Subproblem, batch_size: int | None, progress: bool) -> Scores:
    """Sums over all units minus those of one group: O(n²) a group.

    A group whose subtraction would cost digits is done again by definition.
    """
    layer, device, shards = sub.layer, sub.layer.device, sub.layer.shards
    n_groups, n_pairs = sub.n_ranked, len(sub.group.pairs[0])
    pairs, _, prepared = sub.constants
    total = sub.sums_of_groups.total
    rdm = shards.call(direct.rdm, (layer.metric,), total, pairs)
    full = sub.fit(shards.numbers(rdm)[0])
    scores, fragile = np.empty((len(sub.targets), n_groups)), np.zeros(n_groups, bool)
    batch = budget.units_per_batch(n_pairs, device, batch_size, n_groups)

    def task(item: tuple[Any, np.ndarray, int]) -> Iterator[int]:
        states, rows, first = item
        out, weak = shards.call(
            kernels.leave_one_out,
            (layer.metric, sub.comparison),
            *(total, states, shards.put(_filled(rows, batch)), pairs, prepared),
            dtype=device.dtype,
        )
        here = slice(first, first + len(rows))
        scores[:, here] = sub.scores(shards.numbers(out)[0])[:, : len(rows)]
        fragile[here] = shards.numbers(weak)[0][: len(rows)]
        yield len(rows)

    for start, states, rows in sub.removals_of_groups.parts(np.arange(n_groups), batch):
        firsts = range(0, len(rows), batch)
        run(
            task,
            [(states, rows[f : f + batch], start + f) for f in firsts],
            workers=sub.workers,
            progress=progress,
            title="importance",
            total=len(rows),
            unit="groups",
        )
    again = np.flatnonzero(fragile)
    if len(again):
        scores[:, again] = sub.without(again)
    return full, scores, full[:, None] - scores


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

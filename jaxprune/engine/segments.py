"""The curve of an order in lanes: segments that are scanned side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.types import State
from ..execution import budget
from ..execution.run import bar, run
from ..kernels import direct, prefix
from .gathering import Ranked
from .work import Work


@dataclass(frozen=True, eq=False)
class Lanes:
    """Segments of an order, one for each device; of a single device, for each thread.

    Attributes
    ----------
    work : Work
    ranked : Ranked
    n_lanes : int
        In all processes.
    groups : list of list of int
        Lanes of this process: those of its devices, which one call scans; or of its
        only device, each in a thread.
    batch : int
        Prefixes computed side by side.
    chunk : int
        Units that a lane takes at a time.
    """

    work: Work
    ranked: Ranked
    n_lanes: int
    groups: list[list[int]]
    batch: int
    chunk: int

    @staticmethod
    def of(
        work: Work, ranked: Ranked, n_units: int, batch_size: int | None, threads: int
    ) -> Lanes:
        """Lanes for an order of `n_units`, at most as many as there are batches."""
        shards, place = work.layer.shards, work.layer.place
        devices, local = len(shards.devices), len(shards.local)
        n_pairs = len(work.group.pairs[0])
        batch = budget.prefixes_per_batch(n_pairs, place, batch_size, n_units)
        threads = 1 if local > 1 else min(threads, n_units // (devices * batch))
        # What all processes can do.
        batch, threads = map(int, shards.exchanged(np.array([batch, threads])).min(0))
        n_lanes = devices * max(threads, 1)
        unit = n_lanes * len(work.features) * work.features.dtype.itemsize
        chunk = budget.units_per_chunk(place, batch, -(-n_units // n_lanes), unit)
        chunk = int(shards.exchanged(np.array(chunk)).min())
        first = shards.devices.index(shards.local[0]) * n_lanes // devices
        lanes = list(range(first, first + local * n_lanes // devices))
        groups = [lanes] if local > 1 else [[lane] for lane in lanes]
        return Lanes(work, ranked, n_lanes, groups, batch, chunk)

    def curve(self, order: np.ndarray, progress: bool) -> np.ndarray:
        """Scores ``(g, L)`` of all prefixes of an order ``(L,)``."""
        work, n_units = self.work, len(order)
        bounds = np.arange(self.n_lanes + 1) * n_units // self.n_lanes
        states = self._starts(order, bounds)
        scores = np.zeros((len(work.targets), n_units))

        def a_round(done: int) -> int:
            starts = np.minimum(bounds[:-1] + done, bounds[1:])
            stops = np.minimum(starts + self.chunk, bounds[1:])
            # Each chunk is filled up with units that nothing comes after.
            places = starts[:, None] + np.arange(self.chunk)
            indices = order[np.minimum(places, n_units - 1)]
            units = self.ranked.fetch(indices, self.groups)

            def task(group: int) -> Iterator[int]:
                lanes = self.groups[group]
                some = [scores[:, starts[lane] : stops[lane]] for lane in lanes]
                states[group] = self._scan(states[group], units[group](), some)
                yield sum(part.shape[1] for part in some)

            groups = range(len(self.groups))
            run(task, groups, workers=len(groups))
            return int(np.sum(stops - starts))

        longest = int(np.diff(bounds).max())
        with bar("reintroduction", n_units, "units", progress) as advance:
            for done in range(0, longest, self.chunk):
                advance(a_round(done))
        # Every process has the scores of its lanes, and zeros.
        return work.layer.shards.exchanged(scores).sum(0)

    def _scan(self, state: State, units: Any, scores: list[np.ndarray]) -> State:
        """Write the scores of a chunk of each lane ``(g, L)``; sums after it."""
        work, layer = self.work, self.work.layer
        pairs, mean, prepared = work.constants
        # RDMs that go to the host are ranked batch by batch, and never piled up.
        step = self.batch if work.on_host else self.chunk
        if step < self.chunk:
            units = np.asarray(units)
        for start in range(0, max(part.shape[1] for part in scores), step):
            some = units[..., start : start + step, :] if step < self.chunk else units
            state, out = layer.shards.call(
                prefix.score_prefixes,
                (layer.metric, work.comparison),
                *(state, some, mean, pairs, prepared),
                batch=self.batch,
                dtype=layer.place.dtype,
            )
            for part, found in zip(scores, layer.shards.numbers(out), strict=True):
                here = part[:, start : start + step]
                here[:] = work.scores(found)[:, : here.shape[1]]
        return state

    def _starts(self, order: np.ndarray, bounds: np.ndarray) -> list[State]:
        """Sums before the lanes of each group.

        Which lane a unit is in is all that they depend on, so every device sums over
        its own units, and no unit has to travel.
        """
        work, metric = self.work, self.work.layer.metric
        shards, (pairs, mean, _) = work.layer.shards, work.constants
        if self.n_lanes == 1:
            return [shards.call(direct.empty, (metric,), mean, pairs)]
        lane_of = np.full(work.layer.n_units, self.n_lanes)
        lane_of[order] = np.repeat(np.arange(self.n_lanes), np.diff(bounds))
        lanes = np.arange(self.n_lanes - 1)
        masks = lane_of[shards.here] == lanes[:, None]
        sums = work.sums.here(masks, mean, work.layer.place.dtype)
        sums = shards.gathered(sums)
        which = [shards.spread([np.int32(k) for k in lanes]) for lanes in self.groups]
        return [
            shards.call(prefix.before, (metric,), sums, lanes, mean, pairs)
            for lanes in which
        ]

"""The curve of an order in segments that are scanned side by side.

The state of a scan is a sum over the units before it, so the curve need not be walked
from end to end: sums over segments of the order are cheap (a matrix product each), and
from these every thread, or device, scans a segment of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.types import State
from ..execution import budget
from ..execution.run import bar, run
from ..kernels import direct, prefix, prefix_closed_form
from .gathering import UnitGatherer
from .subproblem import Subproblem

# From so many pairs on matrix products take less time than an RDM for every unit:
# processor time a unit at 144, 200 and 872 conditions 29, 49 and 1,460 us in place of
# 34, 64 and 2,360; at 92, 17.5 for 16. They are formed for so many units together: with
# 4 or 16 they take longer.
MANY_PAIRS, BATCH = 2**13, 8


@dataclass(frozen=True, eq=False)
class Segments:
    """Segments of an order, one for each device; of a single device, for each thread.

    Attributes
    ----------
    kernel : module
        Of `score_prefixes`.
    sub : Subproblem
    gatherer : UnitGatherer
    n_segments : int
        In all processes.
    scans : list of list of int
        Segments of this process: those of its devices, which one call scans; or of its
        only device, each scanned in a thread.
    batch : int
        Prefixes computed side by side.
    chunk : int
        Units that a segment takes at a time.
    """

    kernel: Any
    sub: Subproblem
    gatherer: UnitGatherer
    n_segments: int
    scans: list[list[int]]
    batch: int
    chunk: int

    @staticmethod
    def of(
        sub: Subproblem,
        gatherer: UnitGatherer,
        n_units: int,
        batch_size: int | None,
        threads: int,
    ) -> Segments:
        """Segments for an order of `n_units`, at most as many as there are batches."""
        shards, device = sub.layer.shards, sub.layer.device
        devices, local = len(shards.devices), len(shards.local)
        n_pairs = len(sub.group.pairs[0])
        kernel = _kernel_for(sub)
        if kernel is prefix_closed_form:
            batch_size = batch_size or BATCH
        batch = budget.prefixes_per_batch(n_pairs, device, batch_size, n_units)
        threads = 1 if local > 1 else min(threads, n_units // (devices * batch))
        # What all processes can do.
        batch, threads = map(int, shards.exchanged(np.array([batch, threads])).min(0))
        n_segments = devices * max(threads, 1)
        unit = n_segments * len(sub.features) * sub.features.dtype.itemsize
        chunk = budget.units_per_chunk(device, batch, -(-n_units // n_segments), unit)
        chunk = int(shards.exchanged(np.array(chunk)).min())
        first = shards.devices.index(shards.local[0]) * n_segments // devices
        segments = list(range(first, first + local * n_segments // devices))
        scans = [segments] if local > 1 else [[segment] for segment in segments]
        return Segments(kernel, sub, gatherer, n_segments, scans, batch, chunk)

    def curve(self, order: np.ndarray, progress: bool) -> np.ndarray:
        """Scores ``(g, L)`` of all prefixes of an order ``(L,)``."""
        sub, n_units = self.sub, len(order)
        bounds = np.arange(self.n_segments + 1) * n_units // self.n_segments
        states = self._starts(order, bounds)
        scores = np.zeros((len(sub.targets), n_units))

        def a_round(done: int) -> int:
            starts = np.minimum(bounds[:-1] + done, bounds[1:])
            stops = np.minimum(starts + self.chunk, bounds[1:])
            # Each chunk is filled up with units that nothing comes after.
            places = starts[:, None] + np.arange(self.chunk)
            indices = order[np.minimum(places, n_units - 1)]
            units = self.gatherer.fetch(indices, self.scans)

            def task(index: int) -> Iterator[int]:
                segments = self.scans[index]
                some = [
                    scores[:, starts[segment] : stops[segment]] for segment in segments
                ]
                states[index] = self._scan(states[index], units[index](), some)
                yield sum(part.shape[1] for part in some)

            run(task, range(len(self.scans)), workers=len(self.scans))
            return int(np.sum(stops - starts))

        longest = int(np.diff(bounds).max())
        with bar("reintroduction", n_units, "units", progress) as advance:
            for done in range(0, longest, self.chunk):
                advance(a_round(done))
        # Every process has the scores of its segments, and zeros.
        return sub.layer.shards.exchanged(scores).sum(0)

    def _scan(self, state: State, units: Any, scores: list[np.ndarray]) -> State:
        """Write the scores of a chunk of each segment ``(g, L)``; sums after it."""
        sub, layer = self.sub, self.sub.layer
        pairs, mean, prepared = sub.constants
        # RDMs that go to the host are ranked batch by batch, and never piled up.
        step = self.batch if sub.on_host else self.chunk
        if step < self.chunk:
            units = np.asarray(units)
        for start in range(0, max(part.shape[1] for part in scores), step):
            some = units[..., start : start + step, :] if step < self.chunk else units
            state, out = layer.shards.call(
                self.kernel.score_prefixes,
                (layer.metric, sub.comparison),
                *(state, some, mean, pairs, prepared),
                batch=self.batch,
                dtype=layer.device.dtype,
            )
            for part, found in zip(scores, layer.shards.numbers(out), strict=True):
                here = part[:, start : start + step]
                here[:] = sub.scores(found)[:, : here.shape[1]]
        return state

    def _starts(self, order: np.ndarray, bounds: np.ndarray) -> list[State]:
        """Sums before the segments of each scan.

        Which segment a unit is in is all that they depend on, so every device sums over
        its own units, and no unit has to travel.
        """
        sub, metric = self.sub, self.sub.layer.metric
        shards, (pairs, mean, _) = sub.layer.shards, sub.constants
        if self.n_segments == 1:
            return [shards.call(direct.empty, (metric,), mean, pairs)]
        segment_of = np.full(sub.layer.n_units, self.n_segments)
        segment_of[order] = np.repeat(np.arange(self.n_segments), np.diff(bounds))
        segments = np.arange(self.n_segments - 1)
        masks = segment_of[shards.here] == segments[:, None]
        sums = sub.sums.here(masks, mean, sub.layer.device.dtype)
        sums = shards.gathered(sums)
        which = [
            shards.spread([np.int32(k) for k in segments]) for segments in self.scans
        ]
        return [
            shards.call(prefix.before, (metric,), sums, segments, mean, pairs)
            for segments in which
        ]


def _kernel_for(sub: Subproblem) -> Any:
    """What scores prefixes fastest: matrix products, of many conditions on a CPU.

    Where similarities are close to 1 they lose digits: without centring, or in float32,
    more than there are to lose.
    """
    metric, device = sub.layer.metric, sub.layer.device
    n, n_pairs = len(sub.features), len(sub.group.pairs[0])
    safe = metric.centred and device.dtype == "float64"
    forms = metric.closed_form == "unit_rows" and sub.comparison.closed_form
    many = device.on_cpu and MANY_PAIRS <= n_pairs == n * (n - 1) // 2
    return prefix_closed_form if safe and forms and many else prefix

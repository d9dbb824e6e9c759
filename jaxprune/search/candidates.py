"""Scores of a set of units without each of them, or with each of the others.

From additive sums: any metric and any comparison, O(n²) a candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from ..engine.problem import pooled
from ..engine.subproblem import Subproblem
from ..execution import budget
from ..execution.run import run
from ..kernels import direct, downdate
from ..kernels.joining import with_one_more
from ..results import Settings
from .groups import GroupCandidates


class Candidates:
    """Candidates of the next step of a search, scored on all targets.

    Parameters
    ----------
    subproblems : sequence of Subproblem
        One for each group of targets.
    settings : Settings
        Objective, and what becomes of undefined scores.
    batch_size : int or None
        Candidates computed together; None to let memory decide.
    """

    def __init__(
        self,
        subproblems: Sequence[Subproblem],
        settings: Settings,
        batch_size: int | None,
    ) -> None:
        first = subproblems[0]
        kind = _Sums if first.unit_groups is None else GroupCandidates
        self._sums = [kind(sub, batch_size) for sub in subproblems]
        self._settings = settings
        self._dead = np.zeros(first.n_ranked, bool)
        if first.unit_groups is None:
            self._dead = first.dead

    def without(self, left: np.ndarray) -> np.ndarray:
        """Scores ``(m,)`` of a set ``(m,)`` without each of its units."""
        return self._scored(left, [sums.without(left) for sums in self._sums])

    def joined(self, chosen: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Scores ``(m,)`` of a set with each of the units that are out ``(m,)``."""
        return self._scored(out, [sums.joined(chosen, out) for sums in self._sums])

    def _scored(self, units: np.ndarray, found: list[np.ndarray]) -> np.ndarray:
        """Objective, undefined scores, the mean over targets; exact ties."""
        scores = pooled(False, self._settings, np.concatenate(found))
        # Units that never respond are worth the same, and exactly so.
        dead = np.flatnonzero(self._dead[units])
        scores[dead] = scores[dead[:1]]
        return scores


class _Sums:
    """The same for one group of targets, before scores are pooled."""

    def __init__(self, sub: Subproblem, batch_size: int | None) -> None:
        self.sub, self.device = sub, sub.layer.device
        n_pairs, n_units = len(sub.group.pairs[0]), sub.layer.n_units
        self.batch = budget.units_per_batch(n_pairs, self.device, batch_size, n_units)
        self.constants = sub.constants

    def without(self, left: np.ndarray) -> np.ndarray:
        """Scores ``(g, m)``."""
        sub, dtype = self.sub, self.device.dtype
        x, mask = self._columns(left)
        total = self._total(x, mask, dtype)
        fragile = np.zeros(len(left), bool)

        def some(start: np.ndarray, units: slice) -> Any:
            out, weak = downdate.leave_one_out(
                sub.layer.metric,
                sub.comparison,
                total,
                x,
                start,
                *self.constants,
                batch=self.batch,
                dtype=dtype,
            )
            fragile[units] = np.asarray(weak)[: units.stop - units.start]
            return out

        scores = self._batches(len(left), some)
        for unit in np.flatnonzero(fragile):
            others = mask.copy()
            others[unit] = False
            state = self._total(x, others, "float64")
            rdm = direct.rdm(sub.layer.metric, state, self.constants.pairs)
            scores[:, unit] = self.sub.fit(rdm)
        return scores

    def joined(self, chosen: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Scores ``(g, m)``."""
        sub, dtype = self.sub, self.device.dtype
        total = self._total(*self._columns(chosen), dtype)
        x, _ = self._columns(out)

        def some(start: np.ndarray, units: slice) -> Any:
            del units
            return with_one_more(
                sub.layer.metric,
                sub.comparison,
                total,
                x,
                start,
                *self.constants,
                batch=self.batch,
                alone=len(chosen) == 0,
                dtype=dtype,
            )

        return self._batches(len(out), some)

    def _columns(self, units: np.ndarray) -> tuple[jax.Array, np.ndarray]:
        """Some units ``(m, W)``, filled up to a width that many steps have; a mask."""
        # A batch times a power of two: a search of many steps compiles few kernels.
        batches = -(-len(units) // self.batch)
        width = self.batch << max(batches - 1, 0).bit_length()
        filled = np.zeros(width, int)
        filled[: len(units)] = units
        features = self.sub.features
        if isinstance(features, np.ndarray):
            columns = np.take(features, filled, 1)
        else:
            columns = features[:, filled]
        return self.device.put(columns), np.arange(width) < len(units)

    def _total(self, x: jax.Array, mask: np.ndarray, dtype: str) -> Any:
        """Sums over the units of a mask."""
        pairs, mean, _ = self.constants
        inputs = self.sub.layer.metric, x, mean, self.device.put(mask), pairs
        return direct.total(*inputs, dtype=dtype, block=self.sub.sums.block)

    def _batches(self, m: int, some: Callable[[np.ndarray, slice], Any]) -> np.ndarray:
        """Scores ``(g, m)`` of candidates, a batch in each thread."""
        scores = np.empty((len(self.sub.targets), m))

        def task(first: int) -> Iterator[int]:
            units = slice(first, min(first + self.batch, m))
            found = self.sub.scores(some(np.array(first, np.int32), units))
            scores[:, units] = found[:, : units.stop - first]
            yield units.stop - first

        run(task, range(0, m, self.batch), workers=self.device.workers)
        return scores

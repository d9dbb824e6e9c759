"""Scores of some groups of units without each of them, or with each of the others.

From the sums over each group, which stay on the device while a search goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..base.types import State
from ..engine.subproblem import Subproblem
from ..execution import budget
from ..execution.memory import size
from ..execution.run import run
from ..kernels import direct
from ..kernels import groups as kernels


class GroupCandidates:
    """Candidates among the groups of one subproblem, before scores are pooled.

    Units in no group are always in.

    Parameters
    ----------
    sub : Subproblem
    batch_size : int or None
        Candidates computed together; None to let memory decide.
    """

    def __init__(self, sub: Subproblem, batch_size: int | None) -> None:
        self.sub, self.device, sums = sub, sub.layer.device, sub.sums_of_groups
        if not sums.stay:
            raise ValueError(
                f"memory is {size(self.device.memory)}; a search keeps the sums of all "
                f"{sub.n_ranked:,} groups in a quarter of it, {size(sums.n_bytes)}. "
                "Give more, or make fewer groups."
            )
        self.states = sums.everything
        n_pairs = len(sub.group.pairs[0])
        self.batch = budget.units_per_batch(
            n_pairs, self.device, batch_size, sub.n_ranked
        )

    def without(self, left: np.ndarray) -> np.ndarray:
        """Scores ``(g, m)`` of groups ``(m,)`` without each of them."""
        sub, fragile = self.sub, np.zeros(len(left), bool)
        total, (pairs, _, prepared) = self._total(left), sub.constants

        def some(which: np.ndarray, here: slice) -> Any:
            out, weak = kernels.leave_one_out(
                *(sub.layer.metric, sub.comparison, total, self.states),
                *(self.device.put(which), pairs, prepared),
                dtype=self.device.dtype,
            )
            fragile[here] = np.asarray(weak)[: here.stop - here.start]
            return out

        scores = self._batches(left, some)
        for place in np.flatnonzero(fragile):
            others = self._total(np.delete(left, place))
            scores[:, place] = sub.fit(direct.rdm(sub.layer.metric, others, pairs))
        return scores

    def joined(self, chosen: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Scores ``(g, m)`` of groups with each of those that are out ``(m,)``."""
        sub = self.sub
        total, (pairs, _, prepared) = self._total(chosen), sub.constants

        def some(which: np.ndarray, here: slice) -> Any:
            del here
            return kernels.with_one_more(
                *(sub.layer.metric, sub.comparison, total, self.states),
                *(self.device.put(which), pairs, prepared),
                dtype=self.device.dtype,
            )

        return self._batches(out, some)

    def _total(self, groups: np.ndarray) -> State:
        """Sums over some groups, and the units in none."""
        sub, present = self.sub, np.zeros(self.sub.n_ranked + 1, bool)
        present[[*groups, -1]] = True
        pairs, mean, _ = sub.constants
        inputs = self.states, self.device.put(present), mean, pairs
        return kernels.merged(sub.layer.metric, *inputs)

    def _batches(
        self, groups: np.ndarray, some: Callable[[np.ndarray, slice], Any]
    ) -> np.ndarray:
        """Scores ``(g, m)`` of candidates, a batch in each thread."""
        m = len(groups)
        filled = np.pad(groups, (0, -m % self.batch), mode="edge").astype(np.int32)
        scores = np.empty((len(self.sub.targets), m))

        def task(first: int) -> Iterator[int]:
            here = slice(first, min(first + self.batch, m))
            found = self.sub.scores(some(filled[first : first + self.batch], here))
            scores[:, here] = found[:, : here.stop - first]
            yield here.stop - first

        run(task, range(0, m, self.batch), workers=self.device.workers)
        return scores

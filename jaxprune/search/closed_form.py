"""Steps of a search by a closed form: many in one compiled call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..engine.closed_form import KERNELS
from ..engine.subproblem import Subproblem
from ..engine.targets import square_of
from ..execution import budget
from ..kernels import greedy
from ..results import Settings

# Steps between two updates of the progress bar, after which the sums are made anew. As
# many rank-one changes err by some 1e-14 of a pattern's variance; sums cost a quarter
# of a step.
STEPS = 64


class ClosedForm:
    """A layer on the device, and what a search changes of it.

    Parameters
    ----------
    sub : Subproblem
        Of metric and comparison that have a closed form.
    settings : Settings
        Objective, and what becomes of undefined scores.
    batch_size : int or None
        Units computed together; None to let memory decide.
    """

    def __init__(
        self, sub: Subproblem, settings: Settings, batch_size: int | None
    ) -> None:
        metric, group, device = sub.layer.metric, sub.group, sub.layer.device
        self.sub, self.device = sub, device
        n, n_units = sub.features.shape
        kept = square_of(group, np.ones(len(group.pairs[0])))
        block = budget.units_per_block(device, batch_size, budget.bucket(n_units), n)
        self.width = -(-budget.bucket(n_units) // block) * block
        self.rules = greedy.Rules(
            kernel=KERNELS[str(metric.closed_form)],
            centred=metric.centred,
            patterns=metric.scale > 0,
            zero=settings.undefined == "zero",
            squared=settings.objective == "r2",
            pearson=sub.comparison.centred,
            complete=bool(kept.sum() == n * (n - 1)),
            n_controls=sub.comparison.n_controls,
            block=block,
            dtype=device.dtype,
        )
        targets = square_of(group, sub.prepared)
        self.target = [device.put(a.astype(device.dtype)) for a in (targets, kept)]

    def backward(self, left: np.ndarray) -> Iterator[np.ndarray]:
        """Units that leave, first to last, some at a time, as far as this can go."""

        def steps(search: greedy.Search) -> Any:
            return greedy.backward(self.rules, search, *self.target, steps=STEPS)

        return _moved(self._search(left, []), steps)

    def forward(self, chosen: Sequence[int], out: np.ndarray) -> Iterator[np.ndarray]:
        """Units that join, first to last, some at a time, as far as this can go."""
        n_units = np.int32(len(chosen) + len(out))

        def steps(search: greedy.Search) -> Any:
            inputs = search, n_units, *self.target
            return greedy.forward(self.rules, *inputs, steps=STEPS)

        return _moved(self._search(out, chosen), steps)

    def _search(self, candidates: np.ndarray, done: Sequence[int]) -> greedy.Search:
        units = np.zeros(self.width, np.int32)
        order = np.concatenate([candidates, np.array(done, int)[::-1]])
        units[: len(order)] = order
        features = self.sub.features
        if isinstance(features, np.ndarray):
            x = self.device.put(np.take(features, units, 1))
        else:
            x = features[:, units]
        count = np.array(len(candidates), np.int32)
        return greedy.Search(x, self.device.put(units), self.device.put(count))


def _moved(search: greedy.Search, steps: Callable[[Any], Any]) -> Iterator[np.ndarray]:
    """Units that stop being candidates, call by call, until there is no next step."""
    stopped = False
    while not stopped:
        before = int(search.n_candidates)
        search, ended = steps(search)
        units, stopped = np.asarray(search.units), bool(ended)
        yield units[int(search.n_candidates) : before][::-1]

"""Backward elimination: from all units, the one that is missed least leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..engine.work import Work
from ..execution.run import run
from .candidates import Candidates
from .closed_form import ClosedForm


def backward(
    works: Sequence[Work], path: str, batch_size: int | None, progress: bool
) -> np.ndarray:
    """Order of the units ``(N,)``: the last to leave comes first.

    At every step the unit leaves without which the others score best; of equals, the
    last one. A unit without which there is no score stays as long as another can go.

    Parameters
    ----------
    works : sequence of Work
        Groups of targets, whose scores are averaged.
    path : str
        ``"closed_form"`` where there is one and it may be used.
    batch_size : int or None
    progress : bool
    """
    n_units = works[0].problem.n_units
    gone: list[int] = []

    def task(_: int) -> Iterator[int]:
        left = np.arange(n_units)
        if path == "closed_form" and len(works) == 1:
            for units in ClosedForm(works[0], batch_size).backward(left):
                gone.extend(units.tolist())
                yield len(units)
            left = np.setdiff1d(left, gone)
        candidates = Candidates(works, batch_size)
        while len(left):
            worst = best_of(candidates.without(left)[::-1]) if len(left) > 1 else 0
            unit = left[::-1][worst]
            gone.append(int(unit))
            left = left[left != unit]
            yield 1

    run(task, [0], progress=progress, title="backward search", total=n_units)
    return np.array(gone[::-1])


def best_of(scores: np.ndarray) -> int:
    """Place of the best score, the first of equals; undefined ones come last."""
    return int(np.argmax(np.where(np.isnan(scores), -np.inf, scores)))

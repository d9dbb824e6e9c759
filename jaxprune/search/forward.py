"""Forward selection: from no unit, the one joins that scores best with those in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..engine.work import Work
from ..execution.run import run
from .backward import best_of
from .candidates import Candidates
from .closed_form import ClosedForm


def forward(
    works: Sequence[Work], path: str, batch_size: int | None, progress: bool
) -> np.ndarray:
    """Order of the units ``(N,)``: the first to join comes first.

    At every step the unit joins that scores best with those that have; of equals, the
    first one. As long as no set of a size has a score, that is the first unit out.

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
    chosen: list[int] = []

    def task(_: int) -> Iterator[int]:
        out = np.arange(n_units)
        closed_form = None
        if path == "closed_form" and len(works) == 1:
            closed_form = ClosedForm(works[0], batch_size)
        candidates = Candidates(works, batch_size)
        while len(out):
            scores = candidates.joined(np.array(chosen, int), out)
            chosen.append(int(out[best_of(scores)]))
            yield 1
            out = np.setdiff1d(out, chosen)
            if closed_form is None or np.isnan(scores).all() or not len(out):
                continue
            for units in closed_form.forward(chosen, out):
                chosen.extend(units.tolist())
                yield len(units)
            out = np.setdiff1d(out, chosen)

    run(task, [0], progress=progress, title="forward search", total=n_units)
    return np.array(chosen)

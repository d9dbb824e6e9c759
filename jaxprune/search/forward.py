"""Forward selection: the unit that adds most joins, again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.subproblem import Subproblem
from ..execution.run import bar
from ..results import Settings
from .backward import best_of
from .candidates import Candidates
from .closed_form import ClosedForm


def forward(
    subproblems: Sequence[Subproblem],
    settings: Settings,
    path: str,
    batch_size: int | None,
    progress: bool,
) -> np.ndarray:
    """Order of the units ``(N,)``: the first to join comes first.

    At every step the unit joins that scores best together with those that have joined;
    of several that score alike, the first. As long as no set of a size has a score, the
    first unit that is still out joins.

    Parameters
    ----------
    subproblems : sequence of Subproblem
        Groups of targets, whose scores are averaged.
    settings : Settings
        Objective, and what becomes of undefined scores.
    path : str
        ``"closed_form"`` where there is one and it may be used.
    batch_size : int or None
    progress : bool
    """
    n_units = subproblems[0].n_ranked
    chosen: list[int] = []

    with bar("forward search", n_units, "units", progress) as advance:
        out = np.arange(n_units)
        closed_form = None
        if path == "closed_form" and len(subproblems) == 1:
            closed_form = ClosedForm(subproblems[0], settings, batch_size)
        candidates = Candidates(subproblems, settings, batch_size)
        while len(out):
            scores = candidates.joined(np.array(chosen, int), out)
            chosen.append(int(out[best_of(scores)]))
            advance(1)
            out = np.setdiff1d(out, chosen)
            if closed_form is None or np.isnan(scores).all() or not len(out):
                continue
            for units in closed_form.forward(chosen, out):
                chosen.extend(units.tolist())
                advance(len(units))
            out = np.setdiff1d(out, chosen)
    return np.array(chosen)

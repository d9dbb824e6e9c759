"""Backward elimination: the unit that is missed least leaves, again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.subproblem import Subproblem
from ..execution.run import bar
from ..results import Settings
from .candidates import Candidates
from .closed_form import ClosedForm


def backward(
    subproblems: Sequence[Subproblem],
    settings: Settings,
    path: str,
    batch_size: int | None,
    progress: bool,
) -> np.ndarray:
    """Order of the units ``(N,)``: the last to leave comes first.

    At every step the unit leaves whose removal leaves the best score; of several that
    score alike, the last. A unit whose removal leaves no score stays as long as another
    can go.

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
    gone: list[int] = []

    with bar("backward search", n_units, "units", progress) as advance:
        left = np.arange(n_units)
        if path == "closed_form" and len(subproblems) == 1:
            for units in ClosedForm(subproblems[0], settings, batch_size).backward(
                left
            ):
                gone.extend(units.tolist())
                advance(len(units))
            left = np.setdiff1d(left, gone)
        candidates = Candidates(subproblems, settings, batch_size)
        while len(left):
            worst = best_of(candidates.without(left)[::-1]) if len(left) > 1 else 0
            unit = left[::-1][worst]
            gone.append(int(unit))
            left = left[left != unit]
            advance(1)
    return np.array(gone[::-1])


def best_of(scores: np.ndarray) -> int:
    """Place of the best score, the first of equals; undefined ones come last."""
    return int(np.argmax(np.where(np.isnan(scores), -np.inf, scores)))

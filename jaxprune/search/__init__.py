"""Orders of units by a greedy search: importances made anew after every unit.

One search per file; what they share is how candidates are scored, by sums (any metric
and comparison) and by a closed form where there is one.
"""

from __future__ import annotations

import numpy as np

from ..base.arrays import double_precision
from ..engine.problem import Problem
from .backward import backward as backward
from .forward import forward as forward

SEARCHES = {"backward": backward, "forward": forward}


def searched(
    problem: Problem, search: str, path: str, batch_size: int | None, progress: bool
) -> np.ndarray:
    """Order of the units by a search ``(1, N)``; of several targets ``(k, N)``.

    Parameters
    ----------
    search : {"backward", "forward"}
    path : str
        As :func:`jaxprune.select_path` names it: whether a closed form may be used.
    """
    if problem.layer.shards.several:
        count = len(problem.layer.shards.devices)
        raise ValueError(
            f"devices: {count} given with search={search!r}, which takes one step "
            "after the other on a single device. Leave devices out."
        )
    if problem.layer.noise is not None:
        raise ValueError(
            f"noise: units share noise (a precision with entries off its diagonal), "
            f"and search={search!r} would have to factor it anew for every step. Pass "
            "the precision of each unit (n_units,), or search='ranked'."
        )
    run = SEARCHES[search]
    with double_precision():
        subproblems, options = (
            problem.subproblems,
            (problem.settings, path, batch_size, progress),
        )
        if problem.settings.pool == "mean":
            return run(subproblems, *options)[None]
        orders = np.empty((len(problem.targets), problem.n_ranked), int)
        for sub in subproblems:
            for member, which in enumerate(sub.group.which):
                alone = sub.only(np.array([member]))
                orders[which] = run([alone], *options)
    return orders

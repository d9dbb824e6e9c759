"""How others compute it: the research script, rsatoolbox. See also `rank_one`.

A rival returns `Parts`: values of the items asked for (units, or sizes of a prefix),
the seconds spent once whatever their number, and the seconds spent on them. A full
run is ``once + work * (all items / items)``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import script
from .cases import Case


class Parts(NamedTuple):
    """Values, and where the time went."""

    values: np.ndarray
    once: float
    work: float


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def condensed(square: np.ndarray) -> np.ndarray:
    """Upper triangle, row-major."""
    return square[np.triu_indices(len(square), 1)]


def on_all_cores(
    task: Callable[..., Any], x: np.ndarray, target: np.ndarray, items: Any, *more: Any
) -> Parts:
    """Run a function of `script` with joblib, one worker a core.

    Starting and sending the features to the workers counts as spent once.
    """
    from joblib import Parallel, delayed

    n_jobs = min(cores(), len(items))
    # Every n-th item: the cost of a prefix grows with its size.
    shares = [items[first::n_jobs] for first in range(n_jobs)]
    start = time.perf_counter()
    # No memory maps (max_nbytes): joblib's are filled while workers read them.
    done: Any = Parallel(n_jobs=n_jobs, max_nbytes=None)(
        delayed(task)(x, condensed(target), share, *more) for share in shares
    )
    wall = time.perf_counter() - start
    values = np.empty(len(items))
    for first, (fits, _) in enumerate(done):
        values[first::n_jobs] = fits
    work = max(seconds for _, seconds in done)
    return Parts(values, max(wall - work, 0.0), work)


def one_task_each(
    task: Callable[..., Any], x: np.ndarray, target: np.ndarray, items: Any, *more: Any
) -> Parts:
    """Run a function of `script` with joblib, one task an item.

    Every task carries the features, as the arguments of a function do.
    """
    from joblib import Parallel, delayed

    start = time.perf_counter()
    done: Any = Parallel(n_jobs=min(cores(), len(items)), max_nbytes=None)(
        delayed(task)(x, condensed(target), np.array([item]), *more) for item in items
    )
    wall = time.perf_counter() - start
    return Parts(np.array([fits[0] for fits, _ in done]), 0.0, wall)


def warm_up_workers() -> None:
    """Start joblib's workers, which the script would do once."""
    from joblib import Parallel, delayed

    if cores() > 1:
        tasks = (delayed(script.warm_up)(0.5) for _ in range(4 * cores()))
        Parallel(n_jobs=cores(), max_nbytes=None)(tasks)


def script_without(
    case: Case, units: np.ndarray, compare: str = "pearson", each: bool = False
) -> Parts:
    """Delete the column, `np.corrcoef`, upper triangle, correlate.

    A worker gets the features once, the fastest that this way can be; with `each`, one
    joblib task a unit carries them every time.
    """
    way = one_task_each if each else on_all_cores
    return way(script.without, case.x, case.target, units, compare)


def script_prefixes(case: Case, sizes: np.ndarray, order: np.ndarray) -> Parts:
    """Rebuild every prefix of an order."""
    return on_all_cores(script.prefixes, case.x, case.target, sizes, order)


def rsatoolbox_without(case: Case, units: np.ndarray) -> Parts:
    """Loop over `calc_rdm` and `compare` of rsatoolbox.

    The data set is made of the features without the column: `subset_channel` gives
    the same one more slowly, for it looks every channel up in a list.
    """
    from rsatoolbox.data.dataset import Dataset
    from rsatoolbox.rdm.calc import calc_rdm
    from rsatoolbox.rdm.compare import compare
    from rsatoolbox.rdm.rdms import RDMs

    start = time.perf_counter()
    target = RDMs(condensed(case.target)[None])
    once = time.perf_counter() - start
    values = np.empty(len(units))
    for index, unit in enumerate(units):
        data = Dataset(np.delete(case.x, unit, axis=1))
        rdm: Any = calc_rdm(data, method="correlation")
        values[index] = compare(rdm, target, method="corr")[0, 0]
    return Parts(values, once, time.perf_counter() - start - once)

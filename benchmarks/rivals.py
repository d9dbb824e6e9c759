"""How others compute it: the research script, rsatoolbox. See also `rank_one`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from . import script
from .cases import Case, condensed
from .core import Parts
from .machine import cores


def on_all_cores(
    task: Callable[..., Any], case: Case, items: Any, *more: Any, each: bool = False
) -> Parts:
    """Run a function of `script` with joblib, one worker a core.

    A worker gets the features once, the fastest that this way can be: starting and
    sending them counts as spent once. With `each`, there is one task an item, and
    every task carries the features, as the arguments of a function do.
    """
    from joblib import Parallel, delayed

    n_jobs = min(cores(), len(items))
    # Every n-th item: the cost of a prefix grows with its size.
    n_shares = len(items) if each else n_jobs
    shares = [items[first::n_shares] for first in range(n_shares)]
    start = time.perf_counter()
    # No memory maps (max_nbytes): joblib's are filled while workers read them.
    done: Any = Parallel(n_jobs=n_jobs, max_nbytes=None)(
        delayed(task)(case.x, condensed(case.target), share, *more) for share in shares
    )
    wall = time.perf_counter() - start
    values = np.empty(len(items))
    for first, (fits, _) in enumerate(done):
        values[first::n_shares] = fits
    work = wall if each else max(seconds for _, seconds in done)
    return Parts(values, max(wall - work, 0.0), work)


def warm_up_workers() -> None:
    """Start joblib's workers, which the script would do once."""
    from joblib import Parallel, delayed

    if cores() > 1:
        tasks = (delayed(script.warm_up)(0.5) for _ in range(4 * cores()))
        Parallel(n_jobs=cores(), max_nbytes=None)(tasks)


def script_without(
    case: Case, units: np.ndarray, compare: str = "pearson", each: bool = False
) -> Parts:
    """Delete the column, `np.corrcoef`, upper triangle, correlate."""
    return on_all_cores(script.without, case, units, compare, each=each)


def script_prefixes(case: Case, sizes: np.ndarray, order: np.ndarray) -> Parts:
    """Rebuild every prefix of an order."""
    return on_all_cores(script.prefixes, case, sizes, order)


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

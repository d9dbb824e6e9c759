"""What is timed, task by task: ours and the rivals as one table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from . import rank_one, rivals
from .cases import SEED, Case
from .core import DTYPES, Method, timed
from .machine import cores

N_MASKS = 4096


def methods_of(task: str, case: Case, order: np.ndarray | None = None) -> list[Method]:
    """All methods of a task.

    Parameters
    ----------
    task : str
    case : Case
    order : ndarray, optional
        Units in the order in which to reintroduce them.
    """
    if task == "reintroduction":
        if order is None:
            order = np.random.default_rng(0).permutation(case.n_units)
        return reintroduction(case, order)
    makers = {
        "leave_one_out": leave_one_out,
        "spearman": spearman,
        "masks": arbitrary_masks,
    }
    return makers[task](case)


def masks_of(case: Case) -> np.ndarray:
    """Arbitrary subsets: half of the units each."""
    rng = np.random.default_rng([SEED, 2])
    return rng.random((N_MASKS, case.n_units), dtype=np.float32) < 0.5


def ours(
    task: str,
    label: str,
    function: Callable[..., Any],
    items: np.ndarray,
    key: str = "fast",
    **options: Any,
) -> list[Method]:
    """A method of jaxprune in float64 and in float32.

    Parameters
    ----------
    function : callable
        From a dtype and items to values.
    """

    def method(dtype: str) -> Method:
        return Method(
            task,
            f"{key}_{dtype}",
            f"{label}, {dtype}",
            partial(timed, function, dtype),
            items,
            ours=True,
            dtype=dtype,
            **options,
        )

    return [method(dtype) for dtype in DTYPES]


def importances(case: Case, task: str, label: str, **options: Any) -> list[Method]:
    """Leave-one-out of all units by jaxprune."""
    import jaxprune as jp

    key = "masked" if "method" in options else "fast"

    def call(dtype: str, _: np.ndarray) -> np.ndarray:
        found = jp.leave_one_out(case.x, case.target, precision=dtype, **options)
        return found.importance

    units = np.arange(case.n_units)
    return ours(task, label, call, units, key, whole=True, importances=True)


def leave_one_out(case: Case) -> list[Method]:
    """Leave-one-out, Pearson: all rivals, the masked path, the fast path."""
    make = partial(Method, "leave_one_out", items=np.arange(case.n_units))
    script = partial(rivals.script_without, case)
    absent = rank_one.torch_missing()
    device = "GPU" if not absent and rank_one.torch_device() == "cuda" else "CPU"
    torches = [
        make(
            f"torch_{dtype}",
            f"PyTorch batched rank-one, {device}, {dtype}",
            partial(rank_one.torch_without, case, dtype=dtype),
            dtype=dtype,
            skipped=absent,
        )
        for dtype in DTYPES
    ]
    return [
        make("script", f"script, joblib on {cores()} cores", script),
        make("script_each", "the same, one task a unit", partial(script, each=True)),
        make("rsatoolbox", "rsatoolbox loop", partial(rivals.rsatoolbox_without, case)),
        make("numpy", "NumPy rank-one loop", partial(rank_one.numpy_without, case)),
        *torches,
        _masked_path(case),
        *importances(case, "leave_one_out", "jaxprune"),
    ]


def _masked_path(case: Case) -> Method:
    """The whole call where that is a matter of seconds, else some of its masks."""
    import jaxprune as jp

    label, flops = "jaxprune, masked path", case.n**2 * case.n_units
    if flops * case.n_units < 1e12:
        return importances(case, "leave_one_out", label, method="masked")[0]

    def call(dtype: str, units: np.ndarray) -> np.ndarray:
        masks = np.arange(case.n_units) != units[:, None]
        return jp.score_masks(case.x, case.target, masks, precision=dtype)

    # All but few masks, so that forming the products of the units does not show.
    sample = int(np.clip(3e11 // flops, 128, 1024))
    units = np.arange(case.n_units)
    return ours("leave_one_out", label, call, units, "masked", sample=sample)[0]


def spearman(case: Case) -> list[Method]:
    """Leave-one-out, Spearman."""
    call = partial(rivals.script_without, case, compare="spearman")
    label, units = f"script, scipy spearmanr, {cores()} cores", np.arange(case.n_units)
    return [
        Method("spearman", "script", label, call, units),
        *importances(case, "spearman", "jaxprune", compare="spearman"),
    ]


def reintroduction(case: Case, order: np.ndarray) -> list[Method]:
    """Scores of the prefixes of 2, 3, ..., N units of an order."""
    import jaxprune as jp

    def curve(dtype: str, _: np.ndarray) -> np.ndarray:
        found = jp.reintroduce(case.x, case.target, order, precision=dtype)
        return found.curve[1:]

    task, sizes = "reintroduction", np.arange(2, case.n_units + 1)
    call = partial(rivals.script_prefixes, case, order=order)
    label = f"script, joblib on {cores()} cores"
    script = Method(task, "script", label, call, sizes)
    return [script, *ours(task, "jaxprune", curve, sizes, whole=True)]


def arbitrary_masks(case: Case) -> list[Method]:
    """Scores of 4,096 subsets of units."""
    import jaxprune as jp

    masks = masks_of(case)

    def call(dtype: str, items: np.ndarray) -> np.ndarray:
        return jp.score_masks(case.x, case.target, masks[items], precision=dtype)

    label, items = f"jaxprune, {N_MASKS:,} masks", np.arange(N_MASKS)
    return ours("masks", label, call, items, "masked", sample=N_MASKS)

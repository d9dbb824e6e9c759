"""What is timed, task by task: ours and the rivals as one table."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from . import rank_one, rivals
from .cases import SEED, Case
from .methods import Method, timed
from .rivals import Parts

N_MASKS = 4096


def masks_of(case: Case) -> np.ndarray:
    """Arbitrary subsets: half of the units each."""
    rng = np.random.default_rng([SEED, 2])
    return rng.random((N_MASKS, case.n_units), dtype=np.float32) < 0.5


def leave_one_out(case: Case) -> list[Method]:
    """Leave-one-out, Pearson: all rivals, the masked path, the fast path."""
    units = np.arange(case.n_units)
    make = partial(Method, "leave_one_out", items=units)
    absent = rank_one.torch_missing()
    device = "GPU" if not absent and rank_one.torch_device() == "cuda" else "CPU"
    out = [
        make(
            "script",
            f"script, joblib on {rivals.cores()} cores",
            partial(rivals.script_without, case),
        ),
        make(
            "script_each",
            "the same, one task a unit",
            partial(rivals.script_without, case, each=True),
        ),
        make("rsatoolbox", "rsatoolbox loop", partial(rivals.rsatoolbox_without, case)),
        make("numpy", "NumPy rank-one loop", partial(rank_one.numpy_without, case)),
    ]
    for dtype in ("float64", "float32"):
        out.append(
            make(
                f"torch_{dtype}",
                f"PyTorch batched rank-one, {device}, {dtype}",
                partial(rank_one.torch_without, case, dtype=dtype),
                dtype=dtype,
                skipped=absent,
            )
        )
    out.append(_masked_path(case, make))
    for dtype in ("float64", "float32"):
        out.append(_ours(make, case, "fast", f"jaxprune, {dtype}", dtype))
    return out


def _ours(make: Any, case: Case, key: str, label: str, dtype: str, **more: Any) -> Any:
    import jaxprune as jp

    def call(_: np.ndarray) -> Parts:
        return timed(
            lambda: (
                jp.leave_one_out(
                    case.x, case.target, precision=dtype, **more
                ).importance
            )
        )

    return make(
        f"{key}_{dtype}",
        label,
        call,
        whole=True,
        ours=True,
        importances=True,
        dtype=dtype,
    )


def _masked_path(case: Case, make: Any) -> Method:
    """The whole call where that is a matter of seconds, else some of its masks."""
    import jaxprune as jp

    label, flops = "jaxprune, masked path, float64", case.n**2 * case.n_units
    if flops * case.n_units < 1e12:
        return _ours(make, case, "masked", label, "float64", method="masked")

    def call(units: np.ndarray) -> Parts:
        masks = np.arange(case.n_units) != units[:, None]
        return timed(
            lambda: jp.score_masks(case.x, case.target, masks, precision="float64")
        )

    # All but few masks, so that forming the products of the units does not show.
    sample = int(np.clip(3e11 // flops, 128, 1024))
    return make("masked_float64", label, call, ours=True, sample=sample)


def spearman(case: Case) -> list[Method]:
    """Leave-one-out, Spearman."""
    make = partial(Method, "spearman", items=np.arange(case.n_units))
    call = partial(rivals.script_without, case, compare="spearman")
    label = f"script, scipy spearmanr, {rivals.cores()} cores"
    ours = [
        _ours(make, case, "fast", f"jaxprune, {dtype}", dtype, compare="spearman")
        for dtype in ("float64", "float32")
    ]
    return [make("script", label, call), *ours]


def reintroduction(case: Case, order: np.ndarray) -> list[Method]:
    """Scores of the prefixes of 2, 3, ..., N units of an order."""
    import jaxprune as jp

    make = partial(Method, "reintroduction", items=np.arange(2, case.n_units + 1))
    call = partial(rivals.script_prefixes, case, order=order)
    out = [make("script", f"script, joblib on {rivals.cores()} cores", call)]
    for dtype in ("float64", "float32"):

        def curve(_: np.ndarray, dtype: str = dtype) -> Parts:
            return timed(
                lambda: jp.reintroduce(
                    case.x, case.target, order, precision=dtype
                ).curve[1:]
            )

        label = f"jaxprune, {dtype}"
        out.append(
            make(f"fast_{dtype}", label, curve, whole=True, ours=True, dtype=dtype)
        )
    return out


def arbitrary_masks(case: Case) -> list[Method]:
    """Scores of 4,096 subsets of units."""
    import jaxprune as jp

    masks = masks_of(case)
    out = []
    for dtype in ("float64", "float32"):

        def call(items: np.ndarray, dtype: str = dtype) -> Parts:
            chosen = masks[items]
            return timed(
                lambda: jp.score_masks(case.x, case.target, chosen, precision=dtype)
            )

        label = f"jaxprune, {N_MASKS:,} masks, {dtype}"
        out.append(
            Method(
                "masks",
                f"masked_{dtype}",
                label,
                call,
                np.arange(N_MASKS),
                sample=N_MASKS,
                ours=True,
                dtype=dtype,
            )
        )
    return out


def methods_of(task: str, case: Case, order: np.ndarray) -> list[Method]:
    """All methods of a task; `order` is the ranking to reintroduce."""
    if task == "reintroduction":
        return reintroduction(case, order)
    makers = {
        "leave_one_out": leave_one_out,
        "spearman": spearman,
        "masks": arbitrary_masks,
    }
    return makers[task](case)

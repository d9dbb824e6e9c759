"""What very wide layers must reach, and what is derived from what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .core import DTYPES
from .report import Target, find, text

# Times that the features are read: for the Gram matrix and for the importances; and
# for the prefixes. That the input is checked, and put in order, is not counted.
PASSES = {"leave_one_out": 2, "prune": 3, "prune_bounded": 3}
NAMES = {
    "leave_one_out": "leave-one-out",
    "prune": "prune",
    "prune_bounded": "prune, bounded memory",
    "permutations": "permutations",
}
# Of a test, each the whole pruning once more.
PERMUTATIONS = 32
# Growth of a full run with the units: every item rebuilds an RDM, or updates one.
POWERS = {"script": 2, "rsatoolbox": 2, "numpy": 1}
POWERS |= {"torch_float64": 1, "torch_float32": 1}

# On an accelerator: seconds, and the least share of the rate of products with so many
# conditions. On a CPU: most time of leave-one-out in its five products.
GPU_SECONDS = {("leave_one_out", 200, 1_000_000): 0.05, ("prune", 32, 200_704): 0.1}
GPU_SHARE, GPU_CONDITIONS = 0.5, 1000
CPU_PRODUCTS, CPU_LAYER = 2.0, (200, 1_000_000)


def ours(case: dict[str, Any], task: str, dtype: str) -> dict[str, Any]:
    """Record of jaxprune, empty if it was not measured."""
    return find(case, task, f"jaxprune_{dtype}")


def products_seconds(case: dict[str, Any], dtype: str) -> float | None:
    """Seconds of five products ``(n, n) x (n, N)`` at the rate measured beside them."""
    rate = case.get("products", {}).get(dtype)
    return 10 * case["n"] ** 2 * case["n_units"] / rate["flops"] if rate else None


def in_products(case: dict[str, Any], task: str, dtype: str) -> float | None:
    """Time in units of the five products."""
    seconds = ours(case, task, dtype).get("median")
    products = products_seconds(case, dtype)
    return seconds / products if seconds and products else None


def of_bandwidth(case: dict[str, Any], task: str, dtype: str) -> float | None:
    """Share of the bandwidth measured: bytes of the features, once for each pass."""
    seconds = ours(case, task, dtype).get("median")
    if not seconds or not case.get("bandwidth") or task not in PASSES:
        return None
    return PASSES[task] * case["feature_bytes"] / seconds / case["bandwidth"]


def rival(
    cases: list[dict[str, Any]], case: dict[str, Any], key: str, task: str
) -> tuple[float | None, int | None]:
    """Seconds of a rival, and the units it was measured with if not with these.

    Where a layer is too wide for it, extrapolated from the widest one with as many
    conditions. It prunes by leave-one-out and reintroduction.
    """
    if task == "prune":
        first, second = (
            rival(cases, case, key, part)
            for part in ("leave_one_out", "reintroduction")
        )
        if first[0] is None or second[0] is None:
            return None, None
        return first[0] + second[0], first[1] or second[1]
    if seconds := find(case, task, key).get("median"):
        return seconds, None
    narrower = [
        (other["n_units"], found["median"])
        for other in cases
        if other["n"] == case["n"] and other["n_units"] < case["n_units"]
        if "median" in (found := find(other, task, key))
    ]
    if not narrower:
        return None, None
    units, seconds = max(narrower)
    return seconds * (case["n_units"] / units) ** POWERS[key], units


def evaluate(cases: list[dict[str, Any]], on_cpu: bool) -> list[Target]:
    """Rows of the table of targets, for what was measured."""
    rows = [row for case in cases for row in (_cpu if on_cpu else _gpu)(case)]
    rows += [row for case in cases for row in _permutations(case)]
    pruned = [case.get("agreement", {}).get("prune", {}) for case in cases]
    differ = [kept["in_one_only"] for kept in pruned if "in_one_only" in kept]
    if differ:
        what = "prune: units retained in float32 and float64"
        said = f"same in {differ.count(0)} of {len(differ)} layers"
        rows.append(Target(what, "same", said, not any(differ)))
    return rows


def _title(case: dict[str, Any], task: str, dtype: str) -> str:
    return f"{case['n']} x {case['n_units']:,}: {NAMES[task]}, {dtype}"


def _permutations(case: dict[str, Any]) -> Iterator[Target]:
    for dtype in DTYPES:
        if seconds := ours(case, "permutations", dtype).get("median"):
            said = f"{PERMUTATIONS / seconds:.3g} a second"
            yield Target(_title(case, "permutations", dtype), "(none)", said, None)


def _gpu(case: dict[str, Any]) -> Iterator[Target]:
    for dtype in DTYPES:
        for (task, *layer), limit in GPU_SECONDS.items():
            seconds = ours(case, task, dtype).get("median")
            if seconds and [case["n"], case["n_units"]] == layer:
                what = f"{_title(case, task, dtype)}, warm, features on the device"
                yield Target(what, f"< {text(limit)}", text(seconds), seconds < limit)
        ratio = in_products(case, "leave_one_out", dtype)
        if ratio and case["n"] == GPU_CONDITIONS:
            what = f"{_title(case, 'leave_one_out', dtype)}, of the product rate"
            wanted, said = f">= {100 * GPU_SHARE:.0f} %", f"{100 / ratio:.0f} %"
            yield Target(what, wanted, said, 1 / ratio >= GPU_SHARE)


def _cpu(case: dict[str, Any]) -> Iterator[Target]:
    if (case["n"], case["n_units"]) != CPU_LAYER:
        return
    for dtype in DTYPES:
        if ratio := in_products(case, "leave_one_out", dtype):
            what = f"{_title(case, 'leave_one_out', dtype)}, in its five products"
            met = ratio <= CPU_PRODUCTS
            yield Target(what, f"<= {CPU_PRODUCTS:g}", f"{ratio:.2f}", met)
    for dtype in DTYPES:
        for task in ("prune", "prune_bounded"):
            used = ours(case, task, dtype).get("memory")
            if used is None:
                continue
            what = f"{_title(case, task, dtype)}, peak beyond the features"
            wanted, met, said = "(none)", None, f"{used / 2**20:,.0f} MiB"
            if task == "prune_bounded":
                budget = case["memory_mib"]
                wanted, met = f"<= {budget:,.0f} MiB", used <= budget * 2**20
            yield Target(what, wanted, said, met)

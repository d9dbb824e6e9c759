"""What very wide layers must reach, and what is derived from what was measured."""

from __future__ import annotations

from typing import Any

from .targets import find, row
from .words import text

# Times that the features are read: for the Gram matrix and for the importances; and
# for the prefixes. That the input is checked, and put in order, is not counted.
PASSES = {"leave_one_out": 2, "prune": 3, "prune_bounded": 3}
NAMES = {
    "leave_one_out": "leave-one-out",
    "prune": "prune",
    "prune_bounded": "prune, bounded memory",
}
# Growth of a full run with the units: every item rebuilds an RDM, or updates one.
POWERS = {"script": 2, "rsatoolbox": 2, "numpy": 1, "torch_float64": 1}
POWERS["torch_float32"] = 1
DTYPES = ("float64", "float32")

GPU_SECONDS = {("leave_one_out", 200, 1_000_000): 0.05, ("prune", 32, 200_704): 0.1}
GPU_SHARE = 0.5
CPU_PRODUCTS = 2.0


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
    if not seconds or not case.get("bandwidth"):
        return None
    return PASSES[task] * case["feature_bytes"] / seconds / case["bandwidth"]


def beyond_features(record: dict[str, Any]) -> tuple[int | None, bool]:
    """Bytes of the peak beyond the features, where they are; whether it is a bound."""
    if "memory_device" in record:
        return record["memory_device"], record["memory_device_is_bound"]
    return record.get("memory"), False


def rival(
    cases: list[dict[str, Any]], case: dict[str, Any], key: str, task: str
) -> tuple[float | None, int | None]:
    """Seconds of a rival, and the units it was measured with if not with these.

    Where a layer is too wide for it, extrapolated from the widest one with as many
    conditions.
    """
    if task == "prune":
        parts = [
            rival(cases, case, key, t) for t in ("leave_one_out", "reintroduction")
        ]
        if None in (parts[0][0], parts[1][0]):
            return None, None
        return (parts[0][0] or 0) + (parts[1][0] or 0), parts[0][1] or parts[1][1]
    seconds = find(case, task, key).get("median")
    if seconds:
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


def evaluate(cases: list[dict[str, Any]], on_cpu: bool) -> list[dict[str, Any]]:
    """Rows of the table of targets, for what was measured."""
    rows = _cpu(cases) if on_cpu else _gpu(cases)
    compared = [
        (case, kept)
        for case in cases
        if "in_one_only" in (kept := case.get("agreement", {}).get("prune", {}))
    ]
    if compared:
        alike = [case for case, kept in compared if kept["in_one_only"] == 0]
        what = "prune: units retained in float32 and float64"
        said = f"same in {len(alike)} of {len(compared)} layers"
        rows.append(row(what, "same", said, None, len(alike) == len(compared)))
    return rows


def _title(case: dict[str, Any], task: str, dtype: str) -> str:
    return f"{case['n']} x {case['n_units']:,}: {NAMES[task]}, {dtype}"


def _gpu(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for case in cases:
        for dtype in DTYPES:
            for (task, n, n_units), limit in GPU_SECONDS.items():
                seconds = ours(case, task, dtype).get("median")
                if seconds and (case["n"], case["n_units"]) == (n, n_units):
                    what = f"{_title(case, task, dtype)}, warm, features on the device"
                    target, said = f"< {text(limit)}", text(seconds)
                    rows.append(row(what, target, said, None, seconds < limit))
            ratio = in_products(case, "leave_one_out", dtype)
            if ratio and case["n"] == 1000:
                what = f"{_title(case, 'leave_one_out', dtype)}, of the product rate"
                said = f"{100 / ratio:.0f} %"
                target = f">= {100 * GPU_SHARE:.0f} %"
                rows.append(row(what, target, said, None, 1 / ratio >= GPU_SHARE))
    return rows


def _cpu(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for case in cases:
        if (case["n"], case["n_units"]) != (200, 1_000_000):
            continue
        for dtype in DTYPES:
            ratio = in_products(case, "leave_one_out", dtype)
            if ratio:
                what = f"{_title(case, 'leave_one_out', dtype)}, in its five products"
                target, met = f"<= {CPU_PRODUCTS:g}", ratio <= CPU_PRODUCTS
                rows.append(row(what, target, f"{ratio:.2f}", None, met))
        for dtype in DTYPES:
            for task in ("prune", "prune_bounded"):
                record = ours(case, task, dtype)
                if record.get("memory") is None:
                    continue
                used, budget = record["memory"], None
                if task == "prune_bounded":
                    budget = case["memory_mib"] * 2**20
                what = f"{_title(case, task, dtype)}, peak beyond the features"
                target = f"<= {budget / 2**20:,.0f} MiB" if budget else "(none)"
                met = used <= budget if budget else None
                rows.append(row(what, target, f"{used / 2**20:,.0f} MiB", None, met))
    return rows

"""What the engine must reach, and whether a run reached it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# Below this the features are smaller than what a process allocates by the way.
LARGE = 32 * 2**20


@dataclass(frozen=True)
class Speed:
    """A rival must take at least ``times`` as long as we do."""

    case: str
    task: str
    ours: str
    rival: str
    times: float


SPEEDS = [
    Speed("144x4096", "leave_one_out", "fast_float64", "script", 600),
    Speed("144x4096", "leave_one_out", "fast_float32", "script", 1000),
    Speed("92x25088", "leave_one_out", "fast_float64", "script", 4500),
    Speed("92x25088", "leave_one_out", "fast_float32", "script", 7500),
    Speed("32x200704", "leave_one_out", "fast_float64", "script", 35_000),
    Speed("32x200704", "leave_one_out", "fast_float32", "script", 60_000),
    Speed("144x4096", "leave_one_out", "fast_float64", "numpy", 20),
    Speed("144x4096", "leave_one_out", "fast_float32", "numpy", 33),
    Speed("144x4096", "reintroduction", "fast_float64", "script", 100),
    Speed("92x25088", "reintroduction", "fast_float64", "script", 800),
    Speed("32x200704", "reintroduction", "fast_float64", "script", 10_000),
    Speed("144x4096", "spearman", "fast_float64", "script", 35),
]
MATMULS = ("200x100352", 1.4)
MASKS = ("144x4096", 5.0)
DIFFERENCE = {"fast_float64": 1e-12, "fast_float32": 1e-5}
MEMORY = 1.2

NAMES = {
    "leave_one_out": "leave-one-out",
    "spearman": "leave-one-out, Spearman",
    "reintroduction": "reintroduction",
    "masks": "arbitrary masks",
}
RIVALS = {"script": "the script, all cores", "numpy": "the NumPy rank-one loop"}


def find(case: dict[str, Any], task: str, key: str) -> dict[str, Any]:
    """Record of one method, empty if it was not measured."""
    for record in case["methods"]:
        if (record["task"], record["key"]) == (task, key):
            return record
    return {}


def row(what: str, target: str, reached: str, rival: Any, met: Any) -> dict[str, Any]:
    """One line of the table of targets."""
    met = None if met is None else bool(met)
    return {
        "what": what,
        "target": target,
        "reached": reached,
        "rival_seconds": rival,
        "met": met,
    }


def evaluate(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the table of targets, for what was measured."""
    by_name = {case["name"]: case for case in cases}
    rows = []
    for speed in SPEEDS:
        case = by_name.get(speed.case, {"methods": []})
        ours = find(case, speed.task, speed.ours)
        rival = find(case, speed.task, speed.rival)
        if "median" not in ours or "median" not in rival:
            continue
        ratio = rival["median"] / ours["median"]
        what = (
            f"{case['title']}: {NAMES[speed.task]}, {ours['dtype']}, "
            f"against {RIVALS[speed.rival]}"
        )
        rows.append(
            row(
                what,
                f">= {speed.times:,.0f}x",
                f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.2f}x",
                rival["median"],
                ratio >= speed.times,
            )
        )
    for case in cases:
        rows += _products(case) + _masks(case) + _agreement(case) + _memory(case)
    return rows


def _products(case: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for dtype in ("float64", "float32"):
        ours = find(case, "leave_one_out", f"fast_{dtype}")
        products = find(case, "leave_one_out", f"matmul_{dtype}")
        if "median" not in ours or "median" not in products:
            continue
        ratio = ours["median"] / products["median"]
        aimed = case["name"] == MATMULS[0]
        rows.append(
            row(
                f"{case['title']}: leave-one-out, {dtype}, in units of five jnp.matmul",
                f"<= {MATMULS[1]}" if aimed else "(none)",
                f"{ratio:.2f}",
                products["median"],
                ratio <= MATMULS[1] if aimed else None,
            )
        )
    return rows


def _masks(case: dict[str, Any]) -> list[dict[str, Any]]:
    record = find(case, "masks", "masked_float32")
    if "median" not in record or case["name"] != MASKS[0]:
        return []
    what = f"{case['title']}: 4,096 arbitrary masks, float32"
    seconds = record["median"]
    target, met = f"< {MASKS[1]:g} s", seconds < MASKS[1]
    return [row(what, target, f"{seconds:.2f} s", None, met)]


def _agreement(case: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for key, limit in DIFFERENCE.items():
        record = find(case, "leave_one_out", key)
        if "difference" not in record:
            continue
        relative = key == "fast_float32"
        gap = record["difference_relative" if relative else "difference"]
        of = " of the largest importance" if relative else ""
        what = f"{case['title']}: {record['dtype']} against deleting the column"
        rows.append(row(what, f"<= {limit:.0e}{of}", f"{gap:.1e}", None, gap <= limit))
    if case.get("real") and "same_retained" in case:
        what = f"{case['title']}: units retained in float32 and float64"
        same = case["same_retained"]
        rows.append(row(what, "same", "same" if same else "differ", None, same))
    return rows


def _memory(case: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for dtype in ("float64", "float32"):
        record = find(case, "leave_one_out", f"fast_{dtype}")
        if record.get("memory") is None or case.get("device") != "cpu":
            continue
        features = case["n"] * case["n_units"] * np.dtype(dtype).itemsize
        ratio, large = record["memory"] / features, features >= LARGE
        rows.append(
            row(
                f"{case['title']}: peak extra memory, {dtype}, in units of the "
                "features in that dtype",
                f"<= {MEMORY}" if large else "(too small to tell)",
                f"{ratio:.2f}",
                None,
                ratio <= MEMORY if large else None,
            )
        )
    return rows

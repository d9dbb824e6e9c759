"""What the engine must reach, and its report.

``python -m benchmarks.engine_report FILE.json`` renders a result anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from . import figures, machine
from .core import DTYPES, scaled
from .report import Target, find, listed, mib, sections, table, targets, text, times
from .report import with_spread as spread_of

# Case, task, dtype, rival, and how many times as long the rival must take at least.
SPEEDS = [
    ("144x4096", "leave_one_out", "float64", "script", 600),
    ("144x4096", "leave_one_out", "float32", "script", 1000),
    ("92x25088", "leave_one_out", "float64", "script", 4500),
    ("92x25088", "leave_one_out", "float32", "script", 7500),
    ("32x200704", "leave_one_out", "float64", "script", 35_000),
    ("32x200704", "leave_one_out", "float32", "script", 60_000),
    ("144x4096", "leave_one_out", "float64", "numpy", 20),
    ("144x4096", "leave_one_out", "float32", "numpy", 33),
    ("144x4096", "reintroduction", "float64", "script", 100),
    ("92x25088", "reintroduction", "float64", "script", 800),
    ("32x200704", "reintroduction", "float64", "script", 10_000),
    ("144x4096", "spearman", "float64", "script", 35),
]
# Most time in units of the five products, and most seconds of all masks.
PRODUCTS, MASKS = {"200x100352": 1.4}, {"144x4096": 5.0}
# Largest difference to deleting the column; in float32, of the largest importance.
DIFFERENCE = {"float64": 1e-12, "float32": 1e-5}
# Most memory, in units of the features; below LARGE bytes they are smaller than what a
# process allocates by the way.
MEMORY, LARGE = 1.2, 32 * 2**20

NAMES = {
    "leave_one_out": "leave-one-out",
    "spearman": "leave-one-out, Spearman",
    "reintroduction": "reintroduction",
    "masks": "arbitrary masks",
}
RIVALS = {"script": "the script, all cores", "numpy": "the NumPy rank-one loop"}
NOTES = """\
How it was measured. Everything in one process, in turns: in each of {rounds} rounds
every method of a task is timed, fast ones several times. Ours is the whole public
call, NumPy in and NumPy out, warm; *first* is the first call, compilation included.
The time given is the median, in brackets the smallest and the largest. A method that
would take long is timed on a sample of units (or prefix sizes, or masks) spread
evenly, of at least {sample_seconds} s, and scaled; what it does once is not scaled. The
script's workers are started before and get the features once, the fastest that its
way can be; a row shows what it takes with one joblib task a unit, which carries the
features. The masked path on a sample of masks is scaled as a whole. *Difference* is
the largest one to deleting the columns and recomputing in float64 (`numpy.corrcoef`),
over {compared} evenly spread items; in brackets relative to the largest importance.
*Memory* is the peak above what was in use before a warm call, in a process of its own
(the script: of one worker process). The yard-stick is five `jnp.matmul` of (n, n) by
(n, N) on the device, outputs kept."""


def evaluate(cases: list[dict[str, Any]]) -> list[Target]:
    """Rows of the table of targets, for what was measured."""
    by_name = {case["name"]: case for case in cases}
    rows = []
    for name, task, dtype, key, least in SPEEDS:
        case = by_name.get(name, {"methods": []})
        ours, rival = find(case, task, f"fast_{dtype}"), find(case, task, key)
        if "median" in ours and "median" in rival:
            ratio = rival["median"] / ours["median"]
            what = f"{case['title']}: {NAMES[task]}, {dtype}, against {RIVALS[key]}"
            said = f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.2f}x"
            met = ratio >= least
            rows.append(Target(what, f">= {least:,.0f}x", said, met, rival["median"]))
    return rows + [row for case in cases for row in _of_case(case)]


def _of_case(case: dict[str, Any]) -> Iterator[Target]:
    title, name = case["title"], case["name"]
    ours = {d: find(case, "leave_one_out", f"fast_{d}") for d in DTYPES}
    for dtype, one in ours.items():
        products = find(case, "leave_one_out", f"matmul_{dtype}")
        if "median" in one and "median" in products:
            ratio, limit = one["median"] / products["median"], PRODUCTS.get(name)
            what = f"{title}: leave-one-out, {dtype}, in units of five jnp.matmul"
            wanted, met = (f"<= {limit}", ratio <= limit) if limit else ("(none)", None)
            yield Target(what, wanted, f"{ratio:.2f}", met, products["median"])
    seconds = find(case, "masks", "masked_float32").get("median")
    if seconds and name in MASKS:
        wanted, met = f"< {MASKS[name]:g} s", seconds < MASKS[name]
        what = f"{title}: 4,096 arbitrary masks, float32"
        yield Target(what, wanted, f"{seconds:.2f} s", met)
    for dtype, one in ours.items():
        if "difference" in one:
            relative = dtype == "float32"
            gap = one["difference_relative" if relative else "difference"]
            of = " of the largest importance" if relative else ""
            what, limit = (
                f"{title}: {dtype} against deleting the column",
                DIFFERENCE[dtype],
            )
            yield Target(what, f"<= {limit:.0e}{of}", f"{gap:.1e}", gap <= limit)
    if case.get("real") and "same_retained" in case:
        what, same = (
            f"{title}: units retained in float32 and float64",
            case["same_retained"],
        )
        yield Target(what, "same", "same" if same else "differ", same)
    for dtype, one in ours.items():
        if one.get("memory") is not None and case.get("device") == "cpu":
            features = case["n"] * case["n_units"] * np.dtype(dtype).itemsize
            ratio, large = one["memory"] / features, features >= LARGE
            of = "in units of the features in that dtype"
            what = f"{title}: peak extra memory, {dtype}, {of}"
            wanted = f"<= {MEMORY}" if large else "(too small to tell)"
            yield Target(
                what, wanted, f"{ratio:.2f}", ratio <= MEMORY if large else None
            )


def markdown(result: dict[str, Any], picture: str | None = None) -> str:
    """Tables of a result."""
    lines = ["# Benchmarks of the engine", "", machine.line(result["machine"]), ""]
    if rows := evaluate(result["cases"]):
        lines += ["## Targets", "", *targets(rows)]
    if picture:
        lines += [f"![Time per method and case]({picture})", ""]
    for case in result["cases"]:
        load = f"Load of the machine before: {listed(case['load_before'])}."
        lines += [f"## {case['title']}", "", f"{case['source']}. {load}", ""]
        for task, name in NAMES.items():
            records = [r for r in case["methods"] if r["task"] == task]
            if records:
                lines += [f"### {name[0].upper()}{name[1:]}", ""]
                lines += [*_table(case, task, records), ""]
    lines.append(NOTES.format_map(result["settings"]))
    if result.get("unfinished"):
        lines += ["", "The run was interrupted: the last case may be incomplete."]
    return "\n".join(lines) + "\n"


def _table(case: dict[str, Any], task: str, records: list[dict[str, Any]]) -> list[str]:
    ours = find(case, task, "fast_float64").get("median")
    rows = []
    for record in records:
        if record.get("skipped"):
            rows.append([record["label"], f"skipped: {record['skipped']}"])
            continue
        first = record["compile_and_first"]
        rows.append(
            [
                record["label"],
                spread_of(record) + scaled(record),
                *([times(record["median"] / ours)] if ours else []),
                text(first) if first and "matmul" not in record["key"] else "",
                _difference(record),
                _memory(record),
            ]
        )
    ratio = ["/ float64"] if ours else []
    return table(["method", "time", *ratio, "first", "difference", "memory"], rows)


def _difference(record: dict[str, Any]) -> str:
    if "difference" not in record:
        return ""
    out = f"{record['difference']:.1e}"
    if record["task"] in ("leave_one_out", "spearman"):
        out += f" ({record['difference_relative']:.1e})"
    return out if record["same_undefined"] else out + ", undefined ones differ"


def _memory(record: dict[str, Any]) -> str:
    names = {"memory": "", "memory_device": "device "}
    parts = [
        f"{s}{mib(record[k])}" for k, s in names.items() if record.get(k) is not None
    ]
    return ", ".join(parts) or ("failed" if record.get("memory_error") else "")


def write(result: dict[str, Any], folder: Path, stem: str) -> None:
    """Write ``stem.md`` and ``engine.png`` into a folder.

    Sections that other benchmarks put into the file stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures.engine(result, folder / "engine.png")
    file = folder / f"{stem}.md"
    others = sections(file)
    said = markdown(result, "engine.png")
    file.write_text(f"{said}\n{others}" if others else said)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    write(json.loads(file.read_text()), file.parent, file.stem)

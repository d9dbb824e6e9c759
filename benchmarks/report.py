"""From a result to Markdown; ``python -m benchmarks.report FILE.json`` renders anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .figure import draw
from .measure import scaled
from .section import sections
from .targets import NAMES, evaluate, find
from .words import machine_line, table, text, times

NOTES = """\
How it was measured. Everything in one process, in turns: in each of {rounds} rounds
every method of a task is timed, fast ones several times. Ours is the whole public
call, NumPy in and NumPy out, warm; *first* is the first call, compilation included.
The time given is the median, in brackets the smallest and the largest. A method that
would take long is timed on a sample of units (or prefix sizes, or masks) spread
evenly, of at least {sample} s, and scaled; what it does once is not scaled. The
script's workers are started before and get the features once, the fastest that its
way can be; a row shows what it takes with one joblib task a unit, which carries the
features. The masked path on a sample of masks is scaled as a whole. *Difference* is
the largest one to deleting the columns and recomputing in float64 (`numpy.corrcoef`),
over {compared} evenly spread items; in brackets relative to the largest importance.
*Memory* is the peak above what was in use before a warm call, in a process of its own
(the script: of one worker process). The yard-stick is five `jnp.matmul` of (n, n) by
(n, N) on the device, outputs kept.
"""


def markdown(result: dict[str, Any], picture: str | None = None) -> str:
    """Tables of a result."""
    lines = ["# Benchmarks of the engine", "", machine_line(result["machine"]), ""]
    rows = evaluate(result["cases"])
    if rows:
        lines += ["## Targets", "", *_targets(rows), ""]
    if picture:
        lines += [f"![Time per method and case]({picture})", ""]
    for case in result["cases"]:
        lines += [f"## {case['title']}", "", _source(case), ""]
        for task, name in NAMES.items():
            records = [r for r in case["methods"] if r["task"] == task]
            if records:
                lines += [f"### {name[0].upper()}{name[1:]}", ""]
                lines += [*_table(case, task, records), ""]
    settings = result["settings"]
    lines.append(
        NOTES.format(
            rounds=settings["rounds"],
            sample=settings["sample_seconds"],
            compared=settings["compared"],
        ).strip()
    )
    if result.get("unfinished"):
        lines += ["", "The run was interrupted: the last case may be incomplete."]
    return "\n".join(lines) + "\n"


def _source(case: dict[str, Any]) -> str:
    load = ", ".join(map(str, case["load_before"]))
    return f"{case['source']}. Load of the machine before: {load}."


def _targets(rows: list[dict[str, Any]]) -> list[str]:
    said = {True: "yes", False: "**no**", None: ""}
    return table(
        ["", "target", "reached", "rival", "met"],
        [
            [
                row["what"],
                row["target"],
                row["reached"],
                text(row["rival_seconds"]) if row["rival_seconds"] else "",
                said[row["met"]],
            ]
            for row in rows
        ],
    )


def _table(case: dict[str, Any], task: str, records: list[dict[str, Any]]) -> list[str]:
    ours = find(case, task, "fast_float64").get("median")
    header = ["method", "time", "first", "difference", "memory"]
    if ours:
        header.insert(2, "/ float64")
    rows = []
    for record in records:
        if record.get("skipped"):
            cells = [record["label"], f"skipped: {record['skipped']}"]
            rows.append(cells + [""] * (len(header) - 2))
            continue
        spread = f"{text(record['min'])} - {text(record['max'])}"
        first = record["compile_and_first"]
        cells = [
            record["label"],
            f"{text(record['median'])} ({spread}){_scaled(record)}",
            text(first) if first and "matmul" not in record["key"] else "",
            _difference(record),
            _memory(record),
        ]
        if ours:
            cells.insert(2, times(record["median"] / ours))
        rows.append(cells)
    return table(header, rows)


def _scaled(record: dict[str, Any]) -> str:
    return (
        f",{scaled(record).replace('(', '').replace(')', '')}" if scaled(record) else ""
    )


def _difference(record: dict[str, Any]) -> str:
    if "difference" not in record:
        return ""
    out = f"{record['difference']:.1e}"
    if record["task"] in ("leave_one_out", "spearman"):
        out += f" ({record['difference_relative']:.1e})"
    return out if record["same_undefined"] else out + ", undefined ones differ"


def _memory(record: dict[str, Any]) -> str:
    parts = []
    if record.get("memory") is not None:
        parts.append(f"{record['memory'] / 2**20:,.1f} MiB")
    if record.get("memory_device") is not None:
        parts.append(f"device {record['memory_device'] / 2**20:,.1f} MiB")
    return ", ".join(parts) or ("failed" if record.get("memory_error") else "")


def write(result: dict[str, Any], folder: Path, stem: str) -> None:
    """Write ``stem.md`` and ``engine.png`` into a folder.

    Sections that other benchmarks put into the file stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw(result, folder / "engine.png")
    file = folder / f"{stem}.md"
    others = sections(file)
    said = markdown(result, "engine.png")
    file.write_text(f"{said}\n{others}" if others else said)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    write(json.loads(file.read_text()), file.parent, file.stem)

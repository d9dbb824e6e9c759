"""Markdown: durations, ratios, tables, targets, and sections of a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple


class Target(NamedTuple):
    """A line of a table of targets; `met` is None where none is set."""

    what: str
    wanted: str
    reached: str
    met: bool | None
    rival: float | None = None


def targets(rows: list[Target]) -> list[str]:
    """The table, with the seconds of a rival if any row has one."""
    if not rows:
        return []
    rivals = any(row.rival for row in rows)
    said = {True: "yes", False: "**no**", None: ""}
    cells = [
        [
            row.what,
            row.wanted,
            row.reached,
            *([text(row.rival) if row.rival else ""] if rivals else []),
            said[row.met],
        ]
        for row in rows
    ]
    rival = ["rival"] if rivals else []
    return [*table(["", "target", "reached", *rival, "met"], cells), ""]


def find(case: dict[str, Any], task: str, key: str) -> dict[str, Any]:
    """Record of one method, empty if it was not measured."""
    for record in case["methods"]:
        if (record["task"], record["key"]) == (task, key):
            return record
    return {}


def text(seconds: float) -> str:
    """Return a duration in the unit one would say it in."""
    for limit, unit, name in ((1, 1e-3, "ms"), (120, 1, "s"), (7200, 60, "min")):
        if seconds < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / 3600:.3g} h"


def with_spread(record: dict[str, Any]) -> str:
    """Median time of a record, and its smallest and largest."""
    return f"{text(record['median'])} ({text(record['min'])} - {text(record['max'])})"


def times(ratio: float) -> str:
    """Return a ratio in three digits or so."""
    return f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.3g}x"


def mib(n_bytes: float) -> str:
    """Return a size in MiB."""
    return f"{n_bytes / 2**20:,.1f} MiB"


def listed(numbers: list[float]) -> str:
    """Return numbers with commas, such as a load."""
    return ", ".join(map(str, numbers))


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table, numbers to the right; short rows are filled up."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    filled = [row + [""] * (len(header) - len(row)) for row in rows]
    return ["| " + " | ".join(row) + " |" for row in [header, rule, *filled]]


def put(file: Path, name: str, text: str) -> None:
    """Write a section, in the place of the one of that name or at the end.

    A section lies between two comments; whatever lies outside is left alone.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n{text.strip()}\n{end}\n"
    old = file.read_text() if file.is_file() else ""
    if begin in old and end in old:
        before, rest = old.split(begin, 1)
        after = rest.split(end, 1)[1].lstrip("\n")
        section = before + section + (f"\n{after}" if after else "")
    elif old:
        section = f"{old.rstrip()}\n\n{section}"
    file.write_text(section)


def sections(file: Path) -> str:
    """Everything from the first section on; empty if there is none."""
    old = file.read_text() if file.is_file() else ""
    start = old.find("<!-- begin ")
    return "" if start < 0 else old[start:]


def keep(file: Path, result: dict[str, Any]) -> None:
    """Write a result as JSON, at once or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(result, indent=1) + "\n")
    os.replace(draft, file)

"""What users wait for, whole public calls: ``python -m benchmarks.calls``.

Leave-one-out, the curve of all prefixes and `prune`, float64, NumPy in and out. Every
case runs in a process of its own; ``--against REVISION`` also runs it there, just
before. ``--write`` puts the table in ``RESULTS.md``; what was measured is kept as JSON
in ``--out`` and not measured again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from . import machine
from .cases import load
from .core import clock
from .report import keep, listed, mib, put, table, text

# Shape, comparison, rounds. Half as many conditions of THINGS, all units of VGG-16.
CASES = {
    "144x4096": ("pearson", 15),
    "92x25088": ("pearson", 15),
    "32x200704": ("pearson", 9),
    "872x25088": ("pearson", 1),
    "1854x4096": ("pearson", 1),
    "200x1000000": ("pearson", 1),
    "144x4096 spearman": ("spearman", 5),
    "1854x512 spearman": ("spearman", 1),
}
# Goals of `prune`: of leave-one-out and curve together, and in leave-one-outs.
TOGETHER, PRUNE, FIRST = 1.1, 9.0, 11.0
CHILD = """
import sys
sys.path.insert(0, {there!r})
import jaxprune
sys.path[0] = {here!r}
from benchmarks.calls import measured
measured({name!r}, {only!r})
"""


def measured(name: str, only: str | None) -> None:
    """Print as JSON what a case takes; `only` one task leaves nothing compiled before.

    The seconds are pairs, on the clock and of each core.
    """
    import jaxprune as jp

    compare, rounds = CASES[name]
    case = load(name.split()[0])
    calls: dict[str, Any] = {
        "leave-one-out": partial(jp.leave_one_out, case.x, case.target),
        "prune": partial(jp.prune, case.x, case.target),
    }
    calls = {key: partial(call, compare=compare) for key, call in calls.items()}
    found: dict[str, Any] = {"first": {}, "seconds": {}, "load": machine.load()}
    if only is not None:
        calls = {only: calls[only]}
    before, order = machine.status("VmRSS"), np.empty(0, int)
    for key, call in calls.items():
        begun = time.perf_counter()
        result = call()
        found["first"][key] = time.perf_counter() - begun
        if key == "leave-one-out":
            order = np.argsort(-result.importance, kind="stable")
        else:
            found["score"] = float(result.best_score)
            found["retained"] = [int(unit) for unit in result.retained]
    if only is None and compare == "pearson":
        calls["curve"] = partial(jp.reintroduce, case.x, case.target, order)
        calls["curve"]()
    for _ in range(0 if only else rounds):
        for key, call in calls.items():
            found["seconds"].setdefault(key, []).append(clock(call)[1:])
    found |= {"before": before, "peak": machine.status("VmHWM")}
    print(json.dumps(found))


def child(there: Path, name: str, only: str | None = None) -> dict[str, Any]:
    """What `measured` says of a checkout, in a process of its own."""
    here = str(machine.ROOT)
    code = CHILD.format(there=str(there), here=here, name=name, only=only)
    run = [sys.executable, "-c", code]
    out = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=True, cwd=here)
    return json.loads(out.stdout.splitlines()[-1])


def both(found: dict[str, Any], key: str) -> tuple[float, float]:
    """Median seconds of a call on the clock, and its processor time a core."""
    wall, work = zip(*found["seconds"][key], strict=True)
    return statistics.median(wall), statistics.median(work)


def rows(name: str, found: dict[str, Any], old: dict[str, Any] | None) -> list[Any]:
    """Rows of a case."""
    lines = []
    for key in found["seconds"]:
        wall, work = both(found, key)
        cells = [f"{name}, {key}", text(wall), text(work)]
        if old is not None:
            wall_old, work_old = both(old, key)
            ratio = f"{work / work_old:.2f}"
            cells = [cells[0], text(wall_old), text(work_old), *cells[1:], ratio]
        lines.append(cells)
    return lines


def ratios(name: str, found: dict[str, Any]) -> list[str]:
    """Cells about `prune` in units of its parts, its first call, and memory."""
    work = {key: both(found, key)[1] for key in found["seconds"]}
    wall = both(found, "leave-one-out")[0]
    cells = [name]
    if "curve" in work:
        together = work["prune"] / (work["leave-one-out"] + work["curve"])
        cells.append(f"{together:.2f}")
    else:
        cells.append("")
    cells.append(f"{work['prune'] / work['leave-one-out']:.1f}")
    cells.append(f"{found['alone']['first']['prune'] / wall:.1f}")
    cells += [mib(found["alone"][key]) for key in ("before", "peak")]
    return cells


def agreement(name: str, found: dict[str, Any], old: dict[str, Any]) -> str:
    """How the results of two checkouts differ."""
    apart = len(np.setxor1d(found["retained"], old["retained"]))
    difference = abs(found["score"] - old["score"])
    return f"{name}: best score {difference:.1e}, retained units {apart}"


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls")
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--against", metavar="REVISION")
    parser.add_argument("--out", type=Path, default=Path("calls"))
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    given = parser.parse_args()
    new: dict[str, Any] = {}
    old: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder, "other")
        if given.against:
            tree = ["git", "worktree", "add", "--detach", str(other), given.against]
            subprocess.run(tree, check=True, cwd=machine.ROOT, capture_output=True)
        try:
            for name in given.cases:
                file = given.out / f"{name.replace(' ', '-')}.json"
                if not file.is_file():
                    pair = {}
                    if given.against:
                        pair["old"] = child(other, name)
                    pair["new"] = child(machine.ROOT, name)
                    pair["new"]["alone"] = child(machine.ROOT, name, "prune")
                    keep(file, pair)
                pair = json.loads(file.read_text())
                new[name] = pair["new"]
                if "old" in pair:
                    old[name] = pair["old"]
                for cells in rows(name, new[name], old.get(name)):
                    print(*cells, sep=" | ", flush=True)
        finally:
            if given.against:
                drop = ["git", "worktree", "remove", "--force", str(other)]
                subprocess.run(drop, check=True, cwd=machine.ROOT)
    report = "\n".join(summary(new, old, given.against))
    print(report)
    if given.write:
        put(Path(__file__).with_name("RESULTS.md"), "calls", report)


def summary(new: dict[str, Any], old: dict[str, Any], against: str | None) -> list[str]:
    """The section of the report."""
    said = f" --against {against}" if against else ""
    loads = [found["load"][0] for found in new.values() if found["load"]]
    was = [f"{against}: clock", "cores"] if old else []
    head = ["", *was, "clock", "cores", *(["ratio"] if old else [])]
    times = [row for name in new for row in rows(name, new[name], old.get(name))]
    parts = [ratios(name, found) for name, found in new.items()]
    lines = [
        f"## What users wait for: `python -m benchmarks.calls{said} --write`",
        "",
        f"{machine.line(machine.describe())} Load before the cases "
        f"{listed([min(loads), max(loads)])} (least, most). Whole public calls, warm, "
        "float64, correlation RDMs; medians on the clock, and processor time over the "
        "number of cores, of which the ratio is made. Each case in a process of its "
        "own.",
        "",
        *table(head, times),
        "",
        "`prune` in units of its parts, its first call in a fresh process, and "
        "resident memory of that process before and at its peak. Goals: "
        f"{TOGETHER} of leave-one-out plus curve; at 1,854 x 4,096 {PRUNE:g} "
        f"leave-one-outs, {FIRST:g} the first time, within 2 GiB.",
        "",
        *table(
            ["", "of its parts", "leave-one-outs", "first call", "before", "peak"],
            parts,
        ),
    ]
    told = [agreement(name, new[name], old[name]) for name in new if name in old]
    if told:
        lines += ["", f"Differences to {against}: {'; '.join(told)}."]
    return lines


if __name__ == "__main__":
    main()

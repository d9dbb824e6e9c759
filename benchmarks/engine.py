"""Measure the engine against the alternatives: ``python -m benchmarks.engine``.

Runs on any machine, on a CPU or an accelerator, in one process (memory is measured in
processes of its own). What was measured is written after every task, so that an
interrupted run is not lost. Needs the ``bench`` extra; PyTorch if it is there.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from . import report
from .agreement import N_ITEMS, Reference
from .cases import SHAPES, Case, load
from .machine import describe
from .machine import load as load_of_machine
from .measure import QUICK, Protocol, measure, say
from .memory import peak_extra
from .rivals import warm_up_workers
from .tasks import masks_of, methods_of

HERE = Path(__file__).resolve().parent
# Other tasks than these are done for every case.
ONLY = {"spearman": ("144x4096", "92x25088"), "masks": ("144x4096",)}
TASKS = ("leave_one_out", "spearman", "reintroduction", "masks")
MEMORY_TASKS = ("leave_one_out", "reintroduction", "masks")


class Session:
    """One run of the benchmark: options, result so far, and where it is written.

    Parameters
    ----------
    options : argparse.Namespace
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.protocol: Protocol = QUICK if options.quick else Protocol()
        self.result: dict[str, Any] = {
            "machine": describe(),
            "settings": {
                **asdict(self.protocol),
                "quick": options.quick,
                "compared": N_ITEMS,
            },
            "cases": [],
            "unfinished": True,
        }

    def save(self) -> None:
        """Write what there is."""
        self.options.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.result, indent=1)
        (self.options.out / "engine.json").write_text(text + "\n")

    def case(self, name: str) -> None:
        """Measure one case."""
        case = load(name)
        say(f"{case.title}: {case.source}")
        record: dict[str, Any] = {
            "name": name,
            "title": case.title,
            "n": case.n,
            "n_units": case.n_units,
            "source": case.source,
            "real": case.real,
            "device": self.result["machine"]["device"].split()[0],
            "load_before": load_of_machine(),
            "methods": [],
        }
        self.result["cases"].append(record)
        order = None
        for task in self.options.tasks:
            if name in SHAPES and name not in ONLY.get(task, (name,)):
                continue
            if order is None and task != "leave_one_out":
                order = ranking(case)
            say(f"  {task}")
            self.time(case, record, task, order)
            if order is None:
                order = ranking(case)
                record["same_retained"] = same_retained(case)
            agreement(case, record, task, order)
            self.save()
            if self.options.memory and task in MEMORY_TASKS:
                self.memory(record, task)
            self.save()

    def time(self, case: Case, record: dict[str, Any], task: str, order: Any) -> None:
        """Time all methods of a task."""
        from .yardstick import yardstick

        # joblib lets its workers go when they have been idle for minutes.
        warm_up_workers()
        methods = methods_of(task, case, order)
        if task == "leave_one_out":
            methods += yardstick(case)
        record["methods"] += measure(methods, self.protocol)
        self.save()

    def memory(self, record: dict[str, Any], task: str) -> None:
        """Peak extra memory of the methods of a task."""
        say("  memory")
        for one in of_task(record, task):
            if "median" in one and "matmul" not in one["key"]:
                one |= peak_extra(record["name"], task, one["key"])


def of_task(record: dict[str, Any], task: str) -> list[dict[str, Any]]:
    """Records of one task."""
    return [one for one in record["methods"] if one["task"] == task]


def agreement(case: Case, record: dict[str, Any], task: str, order: np.ndarray) -> None:
    """Compare every method of a task with deleting columns."""
    methods = [one for one in methods_of(task, case, order) if not one.skipped]
    chosen = masks_of(case) if task == "masks" else order
    reference = Reference(case, task, methods[0].items, chosen)
    by_key = {one["key"]: one for one in of_task(record, task)}
    largest = None
    for method in methods:
        whole = method.call(method.items).values if method.whole else None
        by_key[method.key] |= reference.compare(method, whole)
        if method.importances and whole is not None and method.dtype == "float64":
            largest = float(np.nanmax(np.abs(whole)))
    if largest:
        for method in methods:
            one = by_key[method.key]
            one["difference_relative"] = one["difference"] / largest


def ranking(case: Case) -> np.ndarray:
    """Units from most to least important."""
    import jaxprune as jp

    drop = jp.leave_one_out(case.x, case.target).importance
    return np.argsort(np.where(np.isnan(drop), -np.inf, -drop), kind="stable")


def same_retained(case: Case) -> bool:
    """Whether float32 retains the units that float64 does."""
    import jaxprune as jp

    double, single = (
        jp.prune(case.x, case.target, precision=precision).retained
        for precision in ("float64", "float32")
    )
    return bool(np.array_equal(double, single))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine")
    parser.add_argument("--cases", nargs="+", default=list(SHAPES), metavar="NxM")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS)
    parser.add_argument("--quick", action="store_true", help="two short rounds")
    parser.add_argument("--no-memory", dest="memory", action="store_false")
    parser.add_argument("--out", type=Path, default=HERE / "results", metavar="DIR")
    parser.add_argument(
        "--write", action="store_true", help="also write benchmarks/RESULTS.md"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    options = parse(arguments)
    session = Session(options)
    status = 0
    try:
        for name in options.cases:
            session.case(name)
        session.result["unfinished"] = False
    except KeyboardInterrupt:
        say("interrupted: writing what was measured")
        status = 130
    session.save()
    report.write(session.result, options.out, "engine")
    if options.write:
        report.write(session.result, HERE, "RESULTS")
    print(report.markdown(session.result))
    return status


if __name__ == "__main__":
    raise SystemExit(main())

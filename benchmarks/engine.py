"""Measure the engine against the alternatives: ``python -m benchmarks.engine``.

Runs on any machine, on a CPU or an accelerator, in one process (memory is measured in
processes of its own). What was measured is written after every task, so that an
interrupted run is not lost. Needs the ``bench`` extra; PyTorch if it is there.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from . import engine_report, machine
from .agreement import N_ITEMS, Reference
from .cases import SHAPES, Case, load
from .core import QUICK, Protocol, measure, say
from .memory import peak_extra
from .methods import masks_of, methods_of
from .report import keep
from .rivals import warm_up_workers
from .yardstick import yardstick

# Other tasks than these are done for every case.
ONLY = {"spearman": ("144x4096", "92x25088"), "masks": ("144x4096",)}
TASKS = ("leave_one_out", "spearman", "reintroduction", "masks")
MEMORY_TASKS = ("leave_one_out", "reintroduction", "masks")


class Session:
    """One run of the benchmark: options, result so far, and where it is written."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.protocol: Protocol = QUICK if options.quick else Protocol()
        self.result: dict[str, Any] = {
            "machine": machine.describe(),
            "settings": {
                "rounds": self.protocol.rounds,
                "sample_seconds": self.protocol.sample_seconds,
                "quick": options.quick,
                "compared": N_ITEMS,
            },
            "cases": [],
            "unfinished": True,
        }

    def save(self) -> None:
        """Write what there is."""
        keep(self.options.out / "engine.json", self.result)

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
            "load_before": machine.load(),
            "methods": [],
        }
        self.result["cases"].append(record)
        for task in self.options.tasks:
            if name not in SHAPES or name in ONLY.get(task, (name,)):
                say(f"  {task}")
                self.task(case, record, task)

    def task(self, case: Case, record: dict[str, Any], task: str) -> None:
        """Time all methods of a task, compare them, and measure their memory."""
        order = ranking(case) if task == "reintroduction" else None
        # joblib lets its workers go when they have been idle for minutes.
        warm_up_workers()
        methods = methods_of(task, case, order)
        sticks = yardstick(case) if task == "leave_one_out" else []
        runs = measure(methods + sticks, self.protocol)
        records = [run.record() for run in runs]
        record["methods"] += records
        self.save()
        chosen = masks_of(case) if task == "masks" else order
        reference = Reference(case, task, methods[0].items, chosen)
        pairs = zip(runs[: len(methods)], records, strict=False)
        able = [(run, one) for run, one in pairs if not run.skipped]
        for run, one in able:
            one |= reference.compare(run.method, run)
        largest = [
            float(np.nanmax(np.abs(run.parts.values)))
            for run, _ in able
            if run.method.importances and run.method.dtype == "float64"
        ]
        for _, one in able if largest else []:
            one["difference_relative"] = one["difference"] / largest[-1]
        if task == "leave_one_out":
            record["same_retained"] = same_retained(case)
        self.save()
        if self.options.memory and task in MEMORY_TASKS:
            say("  memory")
            for run, one in able:
                one |= peak_extra(case.name, task, run.method.key)
            self.save()


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
    parser.add_argument(
        "--out", type=Path, default=machine.HERE / "results", metavar="DIR"
    )
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
    engine_report.write(session.result, options.out, "engine")
    if options.write:
        engine_report.write(session.result, machine.HERE, "RESULTS")
    print(engine_report.markdown(session.result))
    return status


if __name__ == "__main__":
    raise SystemExit(main())

"""Very wide layers: ``python -m benchmarks.scale``.

Leave-one-out importance and whole prunings of 10⁴ to 10⁷ units with 32, 200 and 1,000
conditions, as memory allows, in float64 and float32, against the matrix products and
the memory bandwidth that the same process measures, and against the rivals of
`benchmarks.engine`. On an accelerator the features are on the device, and transfers
are given apart.

Every layer is measured in a process of its own, those with a target first, and kept in
``scale.json`` as soon as it is: an interrupted run goes on when called again with the
same options. The full run, which also rewrites its section of ``RESULTS.md``::

    python -m benchmarks.scale --memory 1024 --write

On an accelerator that is lent for twelve minutes, where nothing is installed, the
layers with a target and how many permutations it does in a second::

    PYTHONPATH=.:ports python3 -m benchmarks.scale --targets --max-seconds 420 --out DIR
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from itertools import product
from pathlib import Path
from typing import Any

from .core import alone, say
from .machine import HERE
from .report import keep
from .scale_report import write

CONDITIONS, UNITS = (32, 200, 1000), (10_000, 100_000, 1_000_000, 10_000_000)
# Those with a target. Two are no powers of ten: a half and a quarter of the first layer
# of a VGG-16 after pooling (64 x 112 x 112).
FIRST = ((200, 1_000_000), (32, 200_704), (1000, 100_352))
QUICK = ((8, 500), (8, 2000))
TASKS = ("leave_one_out", "prune", "permutations")
DTYPES = ("float32", "float64")


def layers(options: argparse.Namespace) -> list[tuple[int, int]]:
    """Shapes to measure, those with a target first."""
    if options.quick:
        return list(QUICK)
    if options.targets:
        return list(FIRST)
    shapes = list(product(options.conditions, options.units))
    if options.units == list(UNITS):
        more = [shape for shape in FIRST if shape[0] in options.conditions]
        shapes += [shape for shape in more if shape not in shapes]
    shapes.sort(key=lambda shape: (shape[0] * shape[1], shape))
    first = [shape for shape in FIRST if shape in shapes]
    return first + [shape for shape in shapes if shape not in first]


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """What a measurement depends on besides the layer and the machine."""
    return {
        "tasks": [*options.tasks, *(["prune_bounded"] if options.memory else [])],
        "dtypes": [dtype for dtype in DTYPES if dtype in options.dtype],
        "rounds": 1 if options.quick else 3,
        "sample_seconds": 0.1 if options.quick else 1.0,
        "memory_mib": options.memory,
        "largest": options.largest,
        "rivals": options.rivals,
    }


class Session:
    """A run: options, the result so far, and where it is written."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.start = options, time.monotonic()
        self.file = options.out / "scale.json"
        machine = json.loads(alone("scale_case", "describe"))
        self.result: dict[str, Any] = {
            "machine": machine,
            "settings": settings(options),
            "cases": [],
        }
        if self.file.is_file():
            self.go_on(json.loads(self.file.read_text()))

    def go_on(self, before: dict[str, Any]) -> None:
        """Take over what an earlier run measured.

        Raises
        ------
        SystemExit
            It was measured with other settings, or elsewhere.
        """
        here = {"settings": self.result["settings"]}
        here["device"] = self.result["machine"]["device"]
        there = {"settings": before["settings"], "device": before["machine"]["device"]}
        if here != there:
            raise SystemExit(
                f"{self.file} was measured with {there}, not {here}: name another "
                "folder with --out, or delete the file to measure anew"
            )
        self.result["cases"] = before["cases"]

    def run(self) -> None:
        """Measure the layers that are not measured yet."""
        finished = {c["name"] for c in self.result["cases"] if c.get("finished")}
        for n, n_units in layers(self.options):
            name = f"{n}x{n_units}"
            if name in finished:
                say(f"{n} x {n_units:,}: measured before")
                continue
            limit, spent = self.options.max_seconds, time.monotonic() - self.start
            if limit is not None and spent > limit:
                say(f"{n} x {n_units:,}: not measured, --max-seconds has passed")
                continue
            say(f"{n} x {n_units:,}")
            self.measure(n, n_units)

    def measure(self, n: int, n_units: int) -> None:
        """Measure a layer in a process of its own, and keep it as far as that came."""
        draft = self.options.out / "scale_case.json"
        draft.unlink(missing_ok=True)
        words = [str(n), str(n_units), json.dumps(self.result["settings"]), str(draft)]
        record: dict[str, Any] = {"name": f"{n}x{n_units}", "n": n, "n_units": n_units}
        record["methods"] = []
        try:
            alone("scale_case", *words)
        except subprocess.CalledProcessError as error:
            record["failed"] = f"its process ended with status {error.returncode}"
        finally:
            if draft.is_file():
                record |= json.loads(draft.read_text())
                draft.unlink()
            # Even of a layer that is interrupted, if anything was measured.
            if record["methods"] or {"finished", "skipped", "failed"} & record.keys():
                self.add(record)
        for key in ("skipped", "failed"):
            if key in record:
                say(f"  {key}: {record[key]}")

    def add(self, record: dict[str, Any]) -> None:
        """Put the record of a layer in the place of an earlier one."""
        cases = [c for c in self.result["cases"] if c["name"] != record["name"]]
        cases.append(record)
        cases.sort(key=lambda case: (case["n"], case["n_units"]))
        self.result["cases"] = cases
        keep(self.file, self.result)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    add = parser.add_argument
    add("--conditions", nargs="+", type=int, default=list(CONDITIONS), metavar="N")
    add("--units", nargs="+", type=int, default=list(UNITS), metavar="N")
    add("--targets", action="store_true", help="only the layers that have a target")
    add("--tasks", nargs="+", default=list(TASKS), choices=TASKS)
    add("--dtype", nargs="+", default=list(DTYPES), choices=DTYPES)
    add(
        "--memory",
        type=int,
        metavar="MIB",
        help="also prune within so much memory beyond the features",
    )
    add(
        "--largest",
        type=float,
        metavar="NUMBER",
        help="most activations of a layer (on a CPU 3.2e8, which takes minutes)",
    )
    add("--no-rivals", dest="rivals", action="store_false")
    add("--max-seconds", type=float, help="start no layer after so long")
    add("--quick", action="store_true", help="tiny layers, to see that it works")
    add("--out", type=Path, default=HERE / "results", metavar="DIR")
    add("--write", action="store_true", help="also write benchmarks/RESULTS.md")
    options = parser.parse_args(arguments)
    options.out = options.out.resolve()
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    options = parse(arguments)
    session, status = Session(options), 0
    try:
        session.run()
    except KeyboardInterrupt:
        say("interrupted: what was measured is kept; call again to go on")
        status = 130
    keep(session.file, session.result)
    print(write(session.result, options.out, HERE if options.write else None))
    return status


if __name__ == "__main__":
    raise SystemExit(main())

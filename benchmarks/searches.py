"""What better orders of units bring and cost: ``python -m benchmarks.searches``.

Orders by ranked leave-one-out importance, by ranked Shapley values, and by backward and
forward search, on 92 conditions of real features: time, best score where units were
chosen, and score on held-out conditions. Times are on the clock, compilation included,
and processor time over the number of cores, which others on the machine change less.
``--out FOLDER`` puts the table in its ``RESULTS.md``.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import jaxprune as jp
from jaxprune.inference import cross_validate

from . import machine
from .cases import load
from .core import clock
from .report import listed, put, table, text

# Backward first: of what methods share, it waits for the compiler.
METHODS: dict[str, dict[str, Any]] = {
    "backward search": {"search": "backward"},
    "forward search": {"search": "forward"},
    "ranked, leave-one-out": {},
    "ranked, Shapley": {"importance": "shapley"},
}
# After a ReLU, few units leave some condition without any response: its similarities
# count as 0, in training and held out, rather than leave scores out of the comparison.
OPTIONS: dict[str, Any] = {"undefined": "zero"}
TARGET_SECONDS, TARGET_ERROR = 20, 0.02


def features(n_units: int) -> tuple[np.ndarray, np.ndarray, str]:
    """VGG-16 pool5, the units of largest variance, and the RDM of human IT."""
    case = load("92x25088")
    chosen = np.argsort(-case.x.var(0), kind="stable")[:n_units]
    return case.x[:, np.sort(chosen)], case.target, case.source


def shapley_line(x: np.ndarray, target: np.ndarray) -> str:
    """How soon standard errors are small enough."""
    found, wall, work = clock(jp.shapley, x, target, **OPTIONS)
    ratio = found.standard_errors.max() / np.abs(found.values).max()
    return (
        f"Shapley values: largest standard error {ratio:.2%} of the largest value "
        f"after {found.n_orders:,} orders, {text(wall)} ({text(work)} of each core); "
        f"wanted: below {TARGET_ERROR:.0%} in about a minute."
    )


def row(name: str, x: np.ndarray, target: np.ndarray, **folds: int) -> dict[str, str]:
    """A row of the table."""
    options = {**OPTIONS, **METHODS[name]}
    result, wall, work = clock(jp.prune, x, target, **options)
    held = cross_validate(x, target, **folds, **options)
    pruned, gain = held.estimate("pruned"), held.estimate("gain")
    cells = {
        "order": name,
        "time": text(wall),
        "processor": text(work),
        "all units": f"{result.full_score:.3f}",
        "best prefix": f"{result.best_score:.3f}",
        "units": f"{result.best_size:,}",
        "best prefix, training": f"{np.mean(held.train_pruned):.3f}",
        "all units, held out": f"{np.mean(held.full):.3f}",
        "best prefix, held out": f"{pruned.mean:.3f}",
        "gain, held out": f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]",
    }
    print(" | ".join(cells.values()), flush=True)
    return cells


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=4096)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, help="folder of RESULTS.md")
    args = parser.parse_args()
    warnings.simplefilter("default")
    x, target, source = features(args.units)
    before = listed(machine.load())
    folds = {"n_folds": args.folds, "repeats": args.repeats}
    rows = [row(name, x, target, **folds) for name in METHODS]
    lines = [
        "## Searches",
        "",
        machine.line(machine.describe()),
        "",
        f"{source}; the {x.shape[1]:,} units of largest variance. Scores of "
        f"correlation RDMs by Pearson, similarities of constant conditions 0. Held "
        f"out: {args.folds} folds of conditions, {args.repeats} time(s); in brackets "
        f"95 %. Time of one `prune` on all conditions, in one process after the other "
        f"methods, what it compiles included (wanted, backward: below "
        f"{TARGET_SECONDS} s). Load of the machine before: {before}.",
        "",
        *table(list(rows[0]), [list(cells.values()) for cells in rows]),
        "",
        shapley_line(x, target),
    ]
    report = "\n".join(lines)
    print(report)
    if args.out is not None:
        put(args.out / "RESULTS.md", "searches", report)


if __name__ == "__main__":
    main()

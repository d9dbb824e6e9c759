"""What a permutation costs: ``python -m benchmarks.permutation``.

The whole pruning for permuted targets, 92 x 25,088 real features, beside one plain
`prune` in the same process, and where the time goes. Time is given as seconds on the
clock and as processor time over the number of cores, which others on the machine do
not change. ``--permutations 1000 --checkpoint FOLDER`` is the real thing: it can be
interrupted, and goes on.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import jaxprune as jp
from jaxprune.base import checks
from jaxprune.engine.curves import curves
from jaxprune.engine.importances import importances, ranking
from jaxprune.engine.problem import make_problem
from jaxprune.engine.targets import target_groups
from jaxprune.inference import permutation_test
from jaxprune.inference.grid import grid
from jaxprune.inference.permutation.permuting import permuted, relabelled

from .cases import Case, load
from .core import clock
from .machine import describe, short
from .machine import load as load_of_machine

TARGET_MINUTES, TARGET_PERMUTATIONS = 8, 1000
REPEATS = 5


def median(call: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, float]:
    """Median seconds on the clock and of each core, after a call that compiles."""
    call()
    both = zip(*(clock(call)[1:] for _ in range(repeats)), strict=True)
    wall, work = map(statistics.median, both)
    return wall, work


def line(what: str, seconds: tuple[float, float], n: int = 1) -> None:
    """Print milliseconds for each of n."""
    wall, work = (1e3 * value / n for value in seconds)
    print(f"{what:52} {wall:9.1f} ms {work:9.1f} ms")


def steps(case: Case, together: int = 16) -> None:
    """Print what the parts of a permutation take in one thread."""
    problem = make_problem(case.x, case.target, metric="correlation", compare="pearson")
    alone = replace(problem.device, threads=1)
    problem = replace(problem, layer=replace(problem.layer, device=alone))
    rows = np.arange(case.n)
    orders = [relabelled(case.n, rows, 0, index) for index in range(together)]
    targets = np.concatenate([permuted(problem.targets, order) for order in orders])

    def aimed_at(targets: np.ndarray) -> Any:
        groups = target_groups(targets, case.n, problem.comparison)
        return replace(problem, targets=targets, groups=groups, stacked=True)

    one, several = aimed_at(targets[:1]), aimed_at(targets)
    path = jp.select_path("correlation", "pearson")
    importance = importances(several, path, None, False)[2]
    order = ranking(importance)
    print("\nin one thread, for each permutation (processor time is over all cores)")
    line("importances, alone", median(lambda: importances(one, path, None, False)))
    line(
        f"importances, {together} at once",
        median(lambda: importances(several, path, None, False), 3),
        together,
    )
    line("ranking", median(lambda: ranking(importance), 3), together)
    line(
        "units in order",
        median(lambda: np.take(np.asarray(problem.layer.features).T, order[0], axis=0)),
    )
    for asked in ("all", grid(None, problem.n_units)):
        sizes = checks.sizes(asked, problem.n_units)
        line(
            f"curve of {len(sizes):,} sizes",
            median(lambda sizes=sizes: curves(one, order[0], None, False, sizes)),
        )


def main() -> None:
    """Print times, and p-values after a whole test."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.permutation")
    parser.add_argument("--case", default="92x25088", help="or any NxM (synthetic)")
    parser.add_argument("--permutations", type=int, default=32)
    parser.add_argument("--checkpoint", help="folder to keep them in, and go on from")
    given = parser.parse_args()
    machine, case = describe(), load(given.case)
    load_before = load_of_machine()
    print(f"{short(machine)}, commit {machine['commit']}")
    print(f"{case.title}: {case.source}. Load {load_before[0]:.1f}.\n")
    print(f"{'':52} {'clock':>12} {'cpu / cores':>12}")
    alone = median(lambda: jp.leave_one_out(case.x, case.target))
    line("leave-one-out", alone)
    plain = median(lambda: jp.prune(case.x, case.target))
    line("one plain prune", plain)
    # Compile for chunks of permutations.
    permutation_test(case.x, case.target, 2 * 16, seed=1)
    m, options = given.permutations, {"checkpoint": given.checkpoint, "progress": True}
    test, wall, work = clock(permutation_test, case.x, case.target, m, **options)
    # The test prunes for the observed target first.
    each = (wall - plain[0]) / m, (work - plain[1]) / m
    line(f"one of {m} permutations", each)
    print(
        f"a permutation is {each[1] / plain[1]:.2f} plain prunes and "
        f"{each[1] / alone[1]:.2f} leave-one-outs (processor time; clock "
        f"{each[0] / alone[0]:.2f}); sizes: {test.settings.sizes}"
    )
    for name, seconds in zip(("clock", "cpu / cores"), each, strict=True):
        minutes = seconds * TARGET_PERMUTATIONS / 60
        met = "yes" if minutes < TARGET_MINUTES else "no"
        print(
            f"{TARGET_PERMUTATIONS:,} permutations, {name}: {minutes:.1f} min "
            f"(< {TARGET_MINUTES}: {met})"
        )
    steps(case)
    print(
        f"\nfull {test.full_score:.4f}, pruned {test.best_score:.4f} with "
        f"{test.best_size:,} units. Of {m} permutations: pruned "
        f"{test.null.mean():.4f} (sd {test.null.std():.4f}, max {test.null.max():.4f})."
        f"\np pruned {test.p_value:.4g}, gain {test.p_gain:.4g}, full {test.p_full:.4g}"
    )


if __name__ == "__main__":
    main()

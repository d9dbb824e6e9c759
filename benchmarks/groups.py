"""What groups of units cost, and how they generalise: ``python -m benchmarks.groups``.

VGG-16 pool5 of 92 objects, 512 channels of 7 x 7 positions. First the time of
`leave_one_out` and `prune` of units, of channels and of positions, and of units beside
a control, in the same process; then units chosen on some conditions and scored on the
others. Random groups of as many units as a channel, or a position, tell what grouping
itself does. ``--write`` puts the tables in ``INFERENCE.md``.
"""

from __future__ import annotations

import argparse
import statistics
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import jaxprune as jp
from jaxprune.inference import corrected_t, cross_validate

from .cases import load
from .core import clock
from .machine import describe, line
from .machine import load as load_of_machine
from .report import listed, put, table, text

SHAPE = (512, 7, 7)
SEED = 0
BESIDE = "units, beside one control"
# Leave-one-out of channels takes at most the time of that of units, a prune a third;
# one control adds at most three tenths to either.
LEAVE_ONE_OUT, PRUNE, CONTROL = 1.0, 1 / 3, 1.3


def groupings() -> dict[str, Any]:
    """Labels of the units by name; None for the units themselves."""
    channel, position = (jp.groups_of(SHAPE, by) for by in ("channel", "position"))
    rng = np.random.default_rng(SEED)
    return {
        "units": None,
        "channels": channel,
        "positions": position,
        "random, as channels": rng.permutation(channel),
        "random, as positions": rng.permutation(position),
    }


def costs(x: np.ndarray, target: np.ndarray, repeats: int) -> list[str]:
    """Lines of the table of times: medians, one after the other in every round."""
    names = ["units", "channels", "positions"]
    labels, seconds = groupings(), {}
    points = np.random.default_rng(SEED).random(len(x))
    control = np.abs(points[:, None] - points)
    calls = {
        (function.__name__, name): partial(function, x, target, **options)
        for function in (jp.leave_one_out, jp.prune)
        for name, options in {
            **{name: {"groups": labels[name]} for name in names},
            BESIDE: {"controls": control},
        }.items()
    }
    for call in calls.values():
        call()
    for _ in range(repeats):
        for key, call in calls.items():
            seconds.setdefault(key, []).append(clock(call)[1:])
    middle = {
        key: [statistics.median(part) for part in zip(*found, strict=True)]
        for key, found in seconds.items()
    }
    rows = []
    for task, most in (("leave_one_out", LEAVE_ONE_OUT), ("prune", PRUNE)):
        for name in (*names, BESIDE):
            wall, work = middle[task, name]
            ratio = work / middle[task, "units"][1]
            wanted = "" if name == "units" else f"{most:.2f}"
            wanted = f"{CONTROL:.2f}" if name == BESIDE else wanted
            row = [f"`{task}`, {name}", text(wall), text(work)]
            rows.append([*row, f"{ratio:.2f}", wanted])
    head = ["", "clock", "processor time / cores", "of that of units", "at most"]
    return table(head, rows)


def generalisation(
    x: np.ndarray, target: np.ndarray, n_folds: int, repeats: int
) -> list[str]:
    """Lines of the table of scores, on the conditions of the choice and on others."""
    rows, units = [], None
    for name, labels in groupings().items():
        options = {} if labels is None else {"groups": labels}
        whole = jp.prune(x, target, **options)
        seeds = range(SEED, SEED + repeats)
        held = cross_validate(x, target, n_folds, seed=seeds, **options)
        units = held if units is None else units
        gain = held.estimate("gain")
        cells = [
            name,
            f"{whole.best_size:,} of {whole.n_ranked:,}",
            f"{whole.best_score:.3f}",
            f"{held.estimate('pruned').mean:.3f}",
            f"{gain.mean:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})",
            f"{gain.p_value:.3f}",
        ]
        if held is not units:
            more = corrected_t(held.pruned - units.pruned, held.ratio("conditions"))
            cells.append(f"{more.mean:+.3f} ({more.low:+.3f} to {more.high:+.3f})")
        print(" | ".join(cells), flush=True)
        rows.append(cells)
    head = ["", "retained", "in-sample", "held out", "gain over all units", "p"]
    return table([*head, "more than units"], rows)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.groups")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=9, help="of the times")
    parser.add_argument("--write", action="store_true", help="also INFERENCE.md")
    given = parser.parse_args()
    case, before = load("92x25088"), listed(load_of_machine())
    if not case.real:
        parser.error("the layer is not in the folder that JAXPRUNE_DATA names")
    lines = [
        "## Channels, positions or units? `python -m benchmarks.groups --write`",
        "",
        f"{line(describe())} Load {before}. {given.rounds} rounds; one pass over the "
        "layer makes the sums of all groups.",
        "",
        *costs(case.x, case.target, given.rounds),
        "",
        f"Human IT, correlation RDMs, Pearson; all units score "
        f"{jp.score(case.x, case.target):.3f} in-sample. What is held out is "
        f"{given.folds} folds of conditions, {given.repeats} times; gains and "
        "differences are on held-out conditions, in brackets 95 % intervals, with the "
        "variance corrected for overlapping folds. Random groups hold as many units as "
        "a channel (49) or a position (512).",
        "",
        *generalisation(case.x, case.target, given.folds, given.repeats),
    ]
    report = "\n".join(lines)
    print(report)
    if given.write:
        put(Path(__file__).with_name("INFERENCE.md"), "groups", report)


if __name__ == "__main__":
    main()

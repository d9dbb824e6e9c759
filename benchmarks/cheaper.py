"""Rivals that claim to be cheaper than leave-one-out: ``python -m benchmarks.cheaper``.

4,096 units of VGG-16 and the RDM of human IT. Every method ranks the units on some
conditions, by the target of these; the best prefix there is scored where it was chosen
and on held-out conditions. ``--write`` puts the table in ``INFERENCE.md``.

*Partial soft-matching* [1]_ keeps the units that optimal transport matches to the
other population at the least cost. An RDM has no units: its principal axes take their
place, each with a mass in proportion to its variance. *Reweighting* [2]_ ranks by
weights.

.. [1] Kapoor, Williams, Khosla (2026), arXiv 2602.19331.
.. [2] Kaniuth, Hebart (2022). NeuroImage 257, 119294.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import spearmanr

import jaxprune as jp
from jaxprune.reweighting import reweight

from . import machine
from .cases import condensed, load
from .core import clock
from .report import listed, put, table, text

UNITS, FOLDS, SEED = 4096, 5, 0
# Importances, and what predicts an RDM of other conditions without choosing units.
Ranked = tuple[np.ndarray, Callable[[np.ndarray], np.ndarray] | None]
Ranking = Callable[[np.ndarray, np.ndarray], Ranked]
# After a ReLU, few units leave some condition without any response.
OPTIONS: dict[str, Any] = {"undefined": "zero"}


def exact(x: np.ndarray, target: np.ndarray) -> Ranked:
    """Importances ``(N,)`` by leave-one-out."""
    return jp.leave_one_out(x, target, **OPTIONS).importance, None


def matched(x: np.ndarray, target: np.ndarray) -> Ranked:
    """Absolute correlation ``(N,)`` of each unit with the axis it is matched to.

    Cost is one less that; every unit has the same mass, and the axes share theirs in
    whole units, so that transport is an assignment.
    """
    n, n_units = x.shape
    centre = np.eye(n) - 1 / n
    variances, axes = np.linalg.eigh(centre @ (1 - target) @ centre)
    found = variances > variances.max() / n**2
    variances, axes = variances[found], axes[:, found]
    bounds = np.rint(np.cumsum(variances) / variances.sum() * n_units).astype(int)
    axis_of = np.searchsorted(bounds, np.arange(n_units), side="right")
    z = x - x.mean(0, dtype=float)
    length = np.sqrt((z * z).sum(0))
    z /= np.where(length > 0, length, 1)
    similar = np.abs(z.T @ axes)
    units, places = linear_sum_assignment(similar[:, axis_of], maximize=True)
    return similar[units, axis_of[places]], None


def weighted(x: np.ndarray, target: np.ndarray, **options: Any) -> Ranked:
    """Weights ``(N,)`` of feature reweighting, the penalty by cross-validation."""
    found = reweight(x, target, **options)
    return found.weights, found.predict


def best_prefix(
    importance: np.ndarray, x: np.ndarray, target: np.ndarray
) -> tuple[float, np.ndarray]:
    """Score and units of the best prefix of a ranking."""
    order = np.argsort(-importance, kind="stable")
    curve = jp.reintroduce(x, target, order, **OPTIONS)
    return float(curve.best_score), order[: int(curve.best_size)]


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson correlation of an RDM with a square one."""
    return float(np.corrcoef(a, condensed(b))[0, 1])


def row(
    name: str, rank: Ranking, x: np.ndarray, target: np.ndarray, folds: list[np.ndarray]
) -> list[list[str]]:
    """Rows of the table: the best prefix of a ranking, and what predicts without."""
    (importance, predict), wall, work = clock(rank, x, target)
    score, units = best_prefix(importance, x, target)
    beyond, predicted = [], []
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(x)), fold)
        among, within = target[np.ix_(rest, rest)], target[np.ix_(fold, fold)]
        there, guess = rank(x[rest], among)
        _, some = best_prefix(there, x[rest], among)
        beyond.append(float(jp.score(x[np.ix_(fold, some)], within, **OPTIONS)))
        if guess is not None:
            predicted.append(correlation(guess(x[fold]), within))
    agree: Any = spearmanr(importance, exact(x, target)[0])
    cells = [name, text(wall), text(work), f"{agree.statistic:.2f}", f"{len(units):,}"]
    rows = [[*cells, f"{score:.3f}", f"{np.mean(beyond):.3f}"]]
    if predict is not None:
        fitted = correlation(predict(x), target)
        cells = [f"{name}: its own RDM", "", "", "", f"{x.shape[1]:,}"]
        rows.append([*cells, f"{fitted:.3f}", f"{np.mean(predicted):.3f}"])
    print(*rows, sep="\n", flush=True)
    return rows


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--nonnegative", action="store_true", help="takes minutes")
    parser.add_argument("--write", action="store_true", help="into INFERENCE.md")
    options = parser.parse_args()
    case, rng = load("92x25088"), np.random.default_rng(SEED)
    chosen = np.sort(rng.choice(case.n_units, options.units, replace=False))
    x, target = np.ascontiguousarray(case.x[:, chosen]), case.target
    folds = [np.sort(f) for f in np.array_split(rng.permutation(case.n), FOLDS)]
    rankings: dict[str, Ranking] = {
        "leave-one-out": exact,
        "soft-matching": matched,
        "reweighting, ridge": weighted,
    }
    if options.nonnegative:
        name = "reweighting, non-negative"
        rankings[name] = partial(weighted, nonnegative=True)
    before = listed(machine.load())
    exact(x, target)
    rows = [r for one in rankings.items() for r in row(*one, x, target, folds)]
    every = [jp.score(x[f], target[np.ix_(f, f)], **OPTIONS) for f in folds]
    score = float(jp.score(x, target, **OPTIONS))
    cells = ["all units", "", "", "", f"{options.units:,}", f"{score:.3f}"]
    rows.append([*cells, f"{np.mean(every):.3f}"])
    header = ["ranking by", "time", "processor", "rank correlation", "units"]
    lines = [
        "## Rivals that claim to be cheaper: `python -m benchmarks.cheaper`",
        "",
        f"{machine.short(machine.describe())}, load {before}. {case.source}; "
        f"{options.units:,} units drawn at random. Time of a ranking of all "
        "conditions, on the clock and of each core (of reweighting, compilation "
        "included); rank correlation with exact importances; units and score of the "
        f"best prefix; its mean score on {FOLDS} folds of conditions that neither the "
        "ranking nor its prefix has seen. Soft-matching matches units to the principal "
        "axes of the RDM, which has no units of its own.",
        "",
        *table([*header, "best, in-sample", "held-out"], rows),
    ]
    said = "\n".join(lines)
    print(said)
    if options.write:
        put(machine.HERE / "INFERENCE.md", "cheaper", said)


if __name__ == "__main__":
    main()

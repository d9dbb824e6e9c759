"""Whether a p-value means what it says: ``python -m benchmarks.calibration``.

Targets that have nothing to do with the features, of two kinds: squared distances of
random points, and the human IT RDM with its conditions shuffled. A valid p is uniform
over them. Corrected: the whole pruning is done again for every permutation of the
target. Uncorrected, as one would do it by hand: the units selected for the target stay,
and the labels of the target are permuted.

Writes ``calibration.json`` and ``calibration.png`` beside this file.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import kstest, kstwo
from tqdm.auto import tqdm

import jaxprune as jp
from jaxprune.base.arrays import condensed
from jaxprune.inference import permutation_test
from jaxprune.inference.permutation.permuting import permuted, relabelled

from .cases import SEED, load
from .figures import GRID, RIVAL, YARDSTICK, Axes, at_ticks, note, plt, save
from .machine import HERE, describe
from .report import keep

N_TARGETS, N_PERMUTATIONS = 200, 199
N_CONDITIONS, N_UNITS, N_DIMENSIONS = 24, 400, 5
KINDS = {
    "corrected": ("selection redone: pruned score", "#0072B2"),
    "gain": ("selection redone: gain over the full layer", "#56B4E9"),
    "uncorrected": ("selected units held fixed: pruned score", "#D55E00"),
}


def layer() -> tuple[np.ndarray, np.ndarray, str]:
    """A small layer, an RDM of the same conditions, and where they are from."""
    case = load("92x25088")
    rng = np.random.default_rng([SEED, 3])
    rows = np.sort(rng.choice(case.n, N_CONDITIONS, replace=False))
    active = np.flatnonzero((case.x[rows] > 0).sum(0) >= 3)
    units = np.sort(rng.choice(active, N_UNITS, replace=False))
    source = f"{N_CONDITIONS} conditions and {N_UNITS} units of {case.source}"
    return case.x[np.ix_(rows, units)], case.target[np.ix_(rows, rows)], source


def target_of(index: int, rdm: np.ndarray) -> np.ndarray:
    """Condensed target without relation to the features."""
    rng = np.random.default_rng([SEED, 4, index])
    n = len(rdm)
    if index % 2:
        order = rng.permutation(n)
        return condensed(rdm[np.ix_(order, order)])
    points = rng.normal(size=(n, N_DIMENSIONS))
    return condensed(((points[:, None] - points) ** 2).sum(-1))


def uncorrected(x: np.ndarray, target: np.ndarray, m: int, seed: int) -> float:
    """The p of a pruned score if the selected units are taken as given."""
    pruned = jp.prune(x, target)
    rows = np.arange(len(x))
    null = [
        np.corrcoef(
            pruned.pruned_rdm,
            permuted(target[None], relabelled(len(x), rows, seed, index))[0],
        )[0, 1]
        for index in range(m)
    ]
    return float((np.sum(np.array(null) >= pruned.best_score) + 1) / (m + 1))


def measure(n_targets: int, m: int) -> dict[str, Any]:
    """All p-values, and what Kolmogorov and Smirnov say to them."""
    x, rdm, source = layer()
    p: dict[str, list[float]] = {name: [] for name in KINDS}
    scores: dict[str, list[float]] = {"full": [], "pruned": []}
    for index in tqdm(range(n_targets), desc="targets"):
        target = target_of(index, rdm)
        test = permutation_test(x, target, m, seed=index)
        p["corrected"].append(test.p_value)
        p["gain"].append(test.p_gain)
        p["uncorrected"].append(uncorrected(x, target, m, index))
        scores["full"].append(test.full_score)
        scores["pruned"].append(test.best_score)
    return {
        "source": source,
        "n_targets": n_targets,
        "n_permutations": m,
        "mean_full": float(np.mean(scores["full"])),
        "mean_pruned": float(np.mean(scores["pruned"])),
        "kolmogorov_smirnov_p": {
            name: float(kstest(values, "uniform").pvalue) for name, values in p.items()
        },
        "below_0.05": {
            name: float(np.mean(np.array(values) <= 0.05)) for name, values in p.items()
        },
        "p": p,
        "machine": describe(),
    }


def draw(result: dict[str, Any], path: Path) -> None:
    """Save the figure: distributions of p, and their small values."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5.8), layout="constrained")
    n, m = result["n_targets"], result["n_permutations"]
    _distribution(left, result, n)
    _small_values(right, result, n, m)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=RIVAL)
    # Above the panels, so that nothing hides a curve.
    figure.legend(
        *left.get_legend_handles_labels(),
        title=f"p-values of {n} targets that have nothing to do with the layer\n",
        title_fontproperties={"size": 13, "weight": "bold"},
        alignment="left",
        loc="outside upper left",
        ncols=len(KINDS),
        fontsize=9.5,
        frameon=False,
    )
    figure.supxlabel(
        f"{result['source']}. {m} permutations a target. Mean score "
        f"{abs(result['mean_full']):.2f} before pruning, {result['mean_pruned']:.2f} "
        "after: all of it selection.",
        fontsize=8.5,
        color=RIVAL,
    )
    save(figure, path)


def _distribution(axes: Axes, result: dict[str, Any], n: int) -> None:
    """Empirical distributions in the band where 99 % of uniform ones stay."""
    grid, band = np.linspace(0, 1, 201), kstwo.ppf(0.99, n)
    axes.fill_between(grid, grid - band, grid + band, color=GRID, lw=0)
    axes.plot([0, 1], [0, 1], color=YARDSTICK, lw=1)
    for name, (label, colour) in KINDS.items():
        p = np.r_[0, np.sort(result["p"][name]), 1]
        share = np.r_[np.arange(n + 1) / n, 1]
        label = f"{label}\n{_verdict(result, name)}"
        axes.step(p, share, where="post", color=colour, lw=2, label=label)
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.set(xlabel="p", ylabel="share of targets with a p as small")
    axes.set_title("Distribution", loc="left", fontsize=11)
    axes.annotate(
        "99 % of uniform samples\nstay in the band",
        (0.3, 0.3 - band),
        xytext=(0.42, 0.08),
        fontsize=8.5,
        color=RIVAL,
        arrowprops={"arrowstyle": "-", "color": YARDSTICK},
    )


def _small_values(axes: Axes, result: dict[str, Any], n: int, m: int) -> None:
    """Sorted p against those expected."""
    expected, floor = np.arange(1, n + 1) / (n + 1), 1 / (m + 1)
    axes.plot([1e-3, 1], [1e-3, 1], color=YARDSTICK, lw=1)
    axes.axhline(floor, color=YARDSTICK, lw=1, ls=":")
    axes.axhline(0.05, color=YARDSTICK, lw=1, ls="--")
    for name, (_, colour) in KINDS.items():
        axes.plot(expected, np.sort(result["p"][name]), ".", ms=5, color=colour)
    axes.set(xscale="log", yscale="log")
    axes.set(xlim=(1 / (n + 1) / 1.3, 1.15), ylim=(floor / 1.8, 1.25))
    for axis in (axes.xaxis, axes.yaxis):
        at_ticks(axis, {p: f"{p:g}" for p in (0.005, 0.01, 0.05, 0.1, 0.5, 1)})
    said, style = f"smallest possible: 1 / {m + 1}", {"ha": "right", "color": RIVAL}
    note(axes, said, (1.1, floor), (0, -11), fontsize=8.5, **style)
    axes.set(xlabel="p expected of a valid test", ylabel="p found")
    axes.set_title("Small values", loc="left", fontsize=11)


def _verdict(result: dict[str, Any], name: str) -> str:
    share, ks = result["below_0.05"][name], result["kolmogorov_smirnov_p"][name]
    fit = f"= {ks:.2f}" if ks >= 0.01 else "< .01" if ks > 1e-6 else "< 1e-6"
    return f"p ≤ .05 in {100 * share:.3g} %; uniform: KS p {fit}"


def main() -> None:
    """Measure, draw, and print the verdict."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration")
    parser.add_argument("--targets", type=int, default=N_TARGETS)
    parser.add_argument("--permutations", type=int, default=N_PERMUTATIONS)
    parser.add_argument("--out", type=Path, default=HERE)
    given = parser.parse_args()
    result = measure(given.targets, given.permutations)
    keep(given.out / "calibration.json", result)
    draw(result, given.out / "calibration.png")
    for name, (label, _) in KINDS.items():
        print(f"{label:45} {_verdict(result, name)}")


if __name__ == "__main__":
    main()

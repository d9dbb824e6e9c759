"""The figure: time per method and case, logarithmic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from .targets import find
from .words import text, times

OURS, RIVAL, YARDSTICK = "#c2410c", "#475569", "#94a3b8"
TICKS = {
    1e-3: "1 ms",
    3e-2: "30 ms",
    1: "1 s",
    60: "1 min",
    3600: "1 h",
    86_400: "1 day",
}
ROWS = [
    ("leave_one_out", "leave-one-out importance"),
    ("reintroduction", "reintroduction of all units"),
    ("spearman", "leave-one-out, Spearman"),
    ("masks", "4,096 arbitrary masks"),
]


def draw(result: dict[str, Any], path: Path) -> None:
    """Save the figure: one column a case, one band a task, one line a method."""
    cases = [case for case in result["cases"] if case["methods"]]
    bands = [
        (task, title, labels)
        for task, title in ROWS
        if (labels := _labels(cases, task))
    ]
    if not bands:
        return
    lines = sum(len(labels) for *_, labels in bands)
    figure, grid = plt.subplots(
        len(bands),
        len(cases),
        squeeze=False,
        sharex=True,
        figsize=(3.6 + 2.9 * len(cases), 1.5 + 0.3 * lines + 0.45 * len(bands)),
        gridspec_kw={"height_ratios": [len(labels) + 0.6 for *_, labels in bands]},
        layout="constrained",
    )
    for axes_row, (task, title, labels) in zip(grid, bands, strict=True):
        for axes, case in zip(axes_row, cases, strict=True):
            _panel(axes, case, task, labels)
        axes_row[0].set_title(title, loc="left", fontsize=10, fontweight="bold")
        axes_row[0].set_yticks(range(len(labels)), labels.values(), fontsize=8.5)
        for tick, label in zip(
            axes_row[0].get_yticklabels(), labels.values(), strict=True
        ):
            tick.set_color(OURS if label.startswith("jaxprune") else "#1e293b")
    for axes, case in zip(grid[0], cases, strict=True):
        kind = "real" if case["real"] else "synthetic"
        axes.annotate(
            f"{case['title']}  ({kind})",
            (0.5, 1),
            xytext=(0, 22),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            fontsize=11,
        )
    _scale(grid, cases)
    machine = result["machine"]
    figure.supxlabel(
        f"Logarithmic. Open: scaled from a sample. Line: smallest to largest. "
        f"x: as long as jaxprune in float64.   {machine['cpu']}, "
        f"{machine['cores']} cores, {machine['device']}",
        fontsize=8.5,
        color="#475569",
    )
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _labels(cases: list[dict[str, Any]], task: str) -> dict[str, str]:
    labels = {}
    for case in cases:
        for record in case["methods"]:
            if record["task"] == task and "median" in record:
                labels[record["key"]] = record["label"]
    # The yard-stick is not a method: last, next to what it measures.
    return dict(sorted(labels.items(), key=lambda item: "matmul" in item[0]))


def _panel(axes: Axes, case: dict[str, Any], task: str, labels: dict[str, str]) -> None:
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), [""] * len(labels))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e2e8f0", linewidth=0.8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_axisbelow(True)
    ours = find(case, task, "fast_float64").get("median")
    shown = 0
    for record in case["methods"]:
        if record["task"] != task or "median" not in record:
            continue
        shown += 1
        y, seconds = list(labels).index(record["key"]), record["median"]
        colour = OURS if record["ours"] else RIVAL
        if "matmul" in record["key"]:
            colour = YARDSTICK
        whole = record["done"] == record["of"]
        axes.plot([record["min"], record["max"]], [y, y], color=colour, linewidth=2)
        axes.plot(
            seconds,
            y,
            "o",
            color=colour,
            markerfacecolor=colour if whole else "white",
            markersize=6,
        )
        ratio = f"   {times(seconds / ours)}" if ours and seconds > 2 * ours else ""
        axes.annotate(
            text(seconds) + ratio,
            (max(seconds, record["max"]), y),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=colour,
        )
    if not shown:
        axes.axis("off")


def _scale(grid: Any, cases: list[dict[str, Any]]) -> None:
    seconds = [r["median"] for c in cases for r in c["methods"] if "median" in r]
    low, high = min(seconds) / 2, max(seconds) * 400
    ticks = [tick for tick in TICKS if low <= tick <= high]
    for column in grid.T:
        # Under the lowest panel that is drawn; the ones below it are empty.
        drawn = [axes for axes in column if axes.axison]
        for axes in drawn:
            axes.tick_params(labelbottom=axes is drawn[-1])
    for axes in grid.ravel():
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticks(ticks, [TICKS[tick] for tick in ticks], fontsize=7.5)

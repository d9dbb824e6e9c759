"""The figures: times of the engine, very wide layers, and p-values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from . import scale_targets as derived
from .core import DTYPES
from .machine import short
from .report import find, text, times

OURS, RIVAL, YARDSTICK = "#c2410c", "#475569", "#94a3b8"
INK, PALE, GRID, EDGE = "#1e293b", "#64748b", "#e2e8f0", "#cbd5e1"
# Of numbers of conditions.
COLOURS = ("#0f766e", "#c2410c", "#6d28d9", "#1d4ed8")
TASKS = [
    ("leave_one_out", "leave-one-out importance"),
    ("reintroduction", "reintroduction of all units"),
    ("spearman", "leave-one-out, Spearman"),
    ("masks", "4,096 arbitrary masks"),
]
SECONDS = {1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s", 1: "1 s"}
SECONDS |= {10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 36_000: "10 h"}
SECONDS |= {432_000: "5 days", 4_320_000: "50 days", 31_557_600: "1 year"}
SECONDS |= {315_576_000: "10 years"}
FEW_SECONDS = {1e-3: "1 ms", 3e-2: "30 ms", 1: "1 s", 60: "1 min", 3600: "1 h"}
FEW_SECONDS |= {86_400: "1 day"}
WIDE_RIVALS = {
    "rsatoolbox": "rsatoolbox loop",
    "script": "script, joblib",
    "numpy": "NumPy rank-one",
    "torch_float64": "PyTorch batched",
}
# Points, style, and what is said at their end.
Line = tuple[list[Any], dict[str, Any], str | None]
# Height of a label, of that of a panel.
LABEL = 0.042
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
DASHED, DOTTED = (0, (4, 2)), (0, (1, 1.6))
DOUBLE = {"linewidth": 1.8, "marker": "o", "markersize": 5.5, "zorder": 3}
SINGLE = {"linewidth": 1.2, "marker": "o", "markersize": 4.5, "zorder": 2}
SINGLE |= {"linestyle": DASHED}
PRODUCTS = {"linewidth": 1.1, "linestyle": DOTTED, "zorder": 1}
MEASURED = {"color": PALE, "linewidth": 1.4, "marker": "o", "markersize": 4.5}
EXTRAPOLATED = {"color": PALE, "linewidth": 1, "linestyle": DOTTED}


def save(figure: Any, path: Path) -> None:
    """Write a figure, and forget it."""
    figure.savefig(path, dpi=150)
    plt.close(figure)


def note(axes: Axes, said: str, at: Any, by: tuple[float, float], **style: Any) -> None:
    """Write text some points away from a place."""
    axes.annotate(said, at, xytext=by, textcoords="offset points", **style)


def at_ticks(axis: Axis, ticks: dict[float, str], **style: Any) -> None:
    """Put ticks at some values, and nowhere else."""
    axis.set_ticks(list(ticks), labels=list(ticks.values()), **style)
    axis.set_minor_locator(NullLocator())


def engine(result: dict[str, Any], path: Path) -> None:
    """Time per method and case: a column a case, a band a task, a line a method."""
    cases = [case for case in result["cases"] if case["methods"]]
    bands = [(task, said, _labels(cases, task)) for task, said in TASKS]
    bands = [band for band in bands if band[2]]
    if not bands:
        return
    heights = [len(labels) + 0.6 for *_, labels in bands]
    lines = sum(len(labels) for *_, labels in bands)
    figure, grid = plt.subplots(
        len(bands),
        len(cases),
        squeeze=False,
        sharex=True,
        figsize=(3.6 + 2.9 * len(cases), 1.5 + 0.3 * lines + 0.45 * len(bands)),
        gridspec_kw={"height_ratios": heights},
        layout="constrained",
    )
    for panels, (task, said, labels) in zip(grid, bands, strict=True):
        for axes, case in zip(panels, cases, strict=True):
            _methods(axes, case, task, labels)
        panels[0].set_title(said, loc="left", fontsize=10, fontweight="bold")
        panels[0].set_yticks(range(len(labels)), labels.values(), fontsize=8.5)
        for tick in panels[0].get_yticklabels():
            tick.set_color(OURS if tick.get_text().startswith("jaxprune") else INK)
    for axes, case in zip(grid[0], cases, strict=True):
        said = f"{case['title']}  ({'real' if case['real'] else 'synthetic'})"
        style: dict[str, Any] = {"xycoords": "axes fraction", "ha": "center"}
        note(axes, said, (0.5, 1), (0, 22), fontsize=11, **style)
    seconds = [r["median"] for c in cases for r in c["methods"] if "median" in r]
    low, high = min(seconds) / 2, max(seconds) * 400
    for column in grid.T:
        # Under the lowest panel that is drawn; the ones below it are empty.
        drawn = [axes for axes in column if axes.axison]
        for axes in drawn:
            axes.tick_params(labelbottom=axes is drawn[-1])
    for axes in grid.ravel():
        axes.set(xscale="log", xlim=(low, high))
        ticks = {at: said for at, said in FEW_SECONDS.items() if low <= at <= high}
        at_ticks(axes.xaxis, ticks, fontsize=7.5)
    machine = result["machine"]
    figure.supxlabel(
        f"Logarithmic. Open: scaled from a sample. Line: smallest to largest. x: as "
        f"long as jaxprune in float64.   {short(machine)}, {machine['device']}",
        fontsize=8.5,
        color=RIVAL,
    )
    save(figure, path)


def _labels(cases: list[dict[str, Any]], task: str) -> dict[str, str]:
    labels = {
        record["key"]: record["label"]
        for case in cases
        for record in case["methods"]
        if record["task"] == task and "median" in record
    }
    # The yard-stick is not a method: last, next to what it measures.
    return dict(sorted(labels.items(), key=lambda item: "matmul" in item[0]))


def _methods(axes: Axes, case: Any, task: str, labels: dict[str, str]) -> None:
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), [""] * len(labels))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_axisbelow(True)
    ours = find(case, task, "fast_float64").get("median")
    records = [find(case, task, key) for key in labels]
    for y, record in enumerate(records):
        if "median" not in record:
            continue
        seconds = record["median"]
        colour = OURS if record["ours"] else RIVAL
        if "matmul" in record["key"]:
            colour = YARDSTICK
        filled = colour if record["done"] == record["of"] else "white"
        ends = [record["min"], record["max"]]
        axes.plot(ends, [y, y], color=colour, linewidth=2)
        style: dict[str, Any] = {"color": colour, "markerfacecolor": filled}
        axes.plot(seconds, y, "o", markersize=6, **style)
        ratio = f"   {times(seconds / ours)}" if ours and seconds > 2 * ours else ""
        place = max(seconds, record["max"]), y
        style = {"va": "center", "fontsize": 8, "color": colour}
        note(axes, text(seconds) + ratio, place, (6, 0), **style)
    if not any(records):
        axes.axis("off")


def scale(result: dict[str, Any], path: Path) -> str | None:
    """Time against units: a panel a task, a line a number of conditions; and rivals.

    Returns the path, or None if nothing was measured.
    """
    cases = [case for case in result["cases"] if case["methods"]]
    dtype = result["settings"]["dtypes"][-1]
    conditions = sorted({case["n"] for case in cases})
    colours = {n: COLOURS[i % len(COLOURS)] for i, n in enumerate(conditions)}
    tasks = ("leave_one_out", "prune")
    found = {task: _of_task(cases, task, colours, dtype) for task in tasks}
    panels = {
        f"{derived.NAMES[task]}, all units": lines
        for task, lines in found.items()
        if any(points for points, *_ in lines)
    }
    if not panels:
        return None
    n_tasks = len(panels)
    if (n := _compared(cases)) is not None:
        lines = _of_rivals(cases, n, colours[n])
        panels[f"leave-one-out, {n:,} conditions, float64"] = lines
    size = (4.9 * len(panels), 5.4)
    figure, grid = plt.subplots(
        1, len(panels), squeeze=False, figsize=size, layout="constrained"
    )
    units = sorted({case["n_units"] for case in cases})
    for index, (axes, title) in enumerate(zip(grid[0], panels, strict=True)):
        axes.set_title(title, loc="left", fontsize=10.5, color=INK)
        _draw(axes, panels[title], units)
        if index < n_tasks:
            style: dict[str, Any] = {"xycoords": "axes fraction", "ha": "right"}
            note(axes, "conditions", (1, 1), (0, 6), fontsize=9, color=PALE, **style)
    grid[0][0].set_ylabel("time of a call, warm", fontsize=9.5, color=PALE)
    styles = {
        "float64": DOUBLE,
        "float32": SINGLE | {"markerfacecolor": "white"},
        f"five matrix products, {dtype}": PRODUCTS,
        "rivals, extrapolated": EXTRAPOLATED,
    }
    handles = [
        Line2D([], [], label=label, **{"color": INK} | style)
        for label, style in styles.items()
    ]
    where: dict[str, Any] = {"loc": "outside lower center", "ncols": 4}
    figure.legend(handles=handles, frameon=False, fontsize=9, **where)
    machine = result["machine"]
    device = short(machine) if machine["device"] == "cpu" else machine["device"]
    said = f"Very wide layers on {device}"
    figure.suptitle(said, x=0.01, ha="left", fontsize=13, color=INK)
    save(figure, path)
    return str(path)


def _points(cases: list[Any], seconds: Callable[[Any], Any]) -> list[Any]:
    found = ((case["n_units"], seconds(case)) for case in cases)
    return [point for point in found if point[1]]


def _of_task(
    cases: list[Any], task: str, colours: dict[int, str], dtype: str
) -> list[Line]:
    lines: list[Line] = []
    for n, colour in colours.items():
        some = [case for case in cases if case["n"] == n]
        double, single = (
            _points(some, lambda case, d=d: derived.ours(case, task, d).get("median"))
            for d in DTYPES
        )
        style, name = {"color": colour}, f"{n:,}"
        lines.append((double, DOUBLE | style, name))
        named = None if double else name
        lines.append((single, SINGLE | style | {"markerfacecolor": "white"}, named))
        if double or single:
            products = _points(some, lambda c: derived.products_seconds(c, dtype))
            lines.append((products, PRODUCTS | style, None))
    return lines


def _compared(cases: list[dict[str, Any]]) -> int | None:
    """Number of conditions whose rivals are shown: the one with most of them."""
    counts: dict[int, int] = {}
    for case in cases:
        for key in WIDE_RIVALS:
            seconds, _ = derived.rival(cases, case, key, "leave_one_out")
            counts[case["n"]] = counts.get(case["n"], 0) + (seconds is not None)
    # Of several, the middle one.
    best = [n for n, count in counts.items() if count == max(counts.values()) > 0]
    return best[len(best) // 2] if best else None


def _of_rivals(cases: list[Any], n: int, colour: str) -> list[Line]:
    some, task, lines = [case for case in cases if case["n"] == n], "leave_one_out", []
    for key, name in WIDE_RIVALS.items():
        known = _points(some, lambda c, k=key: derived.rival(cases, c, k, task)[0])
        measured = _points(some, lambda c, k=key: find(c, task, k).get("median"))
        lines.append((known, EXTRAPOLATED, name))
        lines.append((measured, MEASURED, None))
    ours = _points(some, lambda c: derived.ours(c, task, "float64").get("median"))
    return [*lines, (ours, DOUBLE | {"color": colour}, "jaxprune")]


def _draw(axes: Axes, lines: list[Line], units: list[int]) -> None:
    """Lines on logarithmic scales, and at their ends what they are."""
    drawn = [line for line in lines if line[0]]
    for points, style, _ in drawn:
        axes.plot(*np.array(sorted(points)).T, **style)
    axes.set(xscale="log", yscale="log")
    powers = [p for p in range(1, 10) if units[0] <= 10**p <= units[-1]]
    ticks = {10**p: f"10{str(p).translate(SUPERSCRIPTS)}" for p in powers}
    at_ticks(axes.xaxis, ticks or {n: f"{n:,}" for n in (units[0], units[-1])})
    # Room for what is said at the ends of the lines.
    axes.set_xlim(units[0] / 1.4, 2 * units[-1] * (units[-1] / units[0]) ** 0.35)
    low, high = axes.get_ylim()
    at_ticks(axes.yaxis, {s: said for s, said in SECONDS.items() if low <= s <= high})
    axes.set_xlabel("units", fontsize=9.5, color=PALE)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=8.5, labelcolor=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(EDGE)
    low, high = np.log(axes.get_ylim())
    ends = [(max(points), said, style) for points, style, said in drawn if said]
    last = -np.inf
    for (n_units, seconds), said, style in sorted(ends, key=lambda end: end[0][1]):
        # None over another.
        last = max(np.log(seconds), last + LABEL * (high - low))
        given: dict[str, Any] = {"va": "center", "color": style["color"]}
        note(axes, said, (n_units, np.exp(last)), (8, 0), fontsize=9, **given)

"""The figure of very wide layers: time against units, both logarithmic."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from . import scale_targets as derived

Points = list[tuple[int, float]]

COLOURS = ("#0f766e", "#c2410c", "#6d28d9", "#1d4ed8")
INK, PALE, GRID = "#1e293b", "#64748b", "#e2e8f0"
SECONDS = {
    1e-4: "0.1 ms",
    1e-3: "1 ms",
    1e-2: "10 ms",
    0.1: "0.1 s",
    1: "1 s",
    10: "10 s",
    60: "1 min",
    600: "10 min",
    3600: "1 h",
    36_000: "10 h",
    432_000: "5 days",
    4_320_000: "50 days",
    31_557_600: "1 year",
    315_576_000: "10 years",
}
# Height of a label, of that of a panel.
LABEL = 0.042
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
RIVALS = {
    "rsatoolbox": "rsatoolbox loop",
    "script": "script, joblib",
    "numpy": "NumPy rank-one",
    "torch_float64": "PyTorch batched",
}

_DOUBLE = {"linewidth": 1.8, "marker": "o", "markersize": 5.5, "zorder": 3}
_SINGLE = {"linewidth": 1.2, "marker": "o", "markersize": 4.5, "zorder": 2} | {
    "linestyle": (0, (4, 2))
}
_PRODUCTS = {"linewidth": 1.1, "linestyle": (0, (1, 1.6)), "zorder": 1}
_EXTRAPOLATED = {"linewidth": 1, "linestyle": (0, (1, 1.6))}


def draw(result: dict[str, Any], path: Path) -> str | None:
    """Save the figure; its path, or None if nothing was measured.

    A panel a task with a line for each number of conditions, and one with the rivals.
    """
    cases = [case for case in result["cases"] if case["methods"]]
    tasks = [
        task
        for task in ("leave_one_out", "prune")
        if any(_ours(cases, task, dtype) for dtype in derived.DTYPES)
    ]
    if not tasks:
        return None
    compared = _compared(cases)
    n_panels = len(tasks) + (compared is not None)
    figure, panels = plt.subplots(
        1,
        n_panels,
        squeeze=False,
        figsize=(4.9 * n_panels, 5.4),
        layout="constrained",
    )
    dtypes = result["settings"]["dtypes"]
    conditions = sorted({case["n"] for case in cases})
    colours = {n: COLOURS[i % len(COLOURS)] for i, n in enumerate(conditions)}
    for axes, task in zip(panels[0], tasks, strict=False):
        _task(axes, cases, task, colours, dtypes[-1])
    if compared is not None:
        _rivals(panels[0][-1], cases, compared, colours[compared])
    panels[0][0].set_ylabel("time of a call, warm", fontsize=9.5, color=PALE)
    figure.legend(
        handles=_legend(dtypes[-1]),
        loc="outside lower center",
        ncols=4,
        frameon=False,
        fontsize=9,
    )
    machine = result["machine"]
    where = machine["device"]
    if where == "cpu":
        where = f"{machine['cpu']}, {machine['cores']} cores"
    figure.suptitle(
        f"Very wide layers on {where}", x=0.01, ha="left", fontsize=13, color=INK
    )
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return str(path)


def _ours(
    cases: list[dict[str, Any]], task: str, dtype: str = "float64"
) -> dict[int, Points]:
    """Points of jaxprune for each number of conditions."""
    out: dict[int, Points] = {}
    for case in cases:
        seconds = derived.ours(case, task, dtype).get("median")
        if seconds:
            out.setdefault(case["n"], []).append((case["n_units"], seconds))
    return out


def _line(axes: Axes, points: Iterable[tuple[int, float]], **style: Any) -> None:
    axes.plot(*np.array(sorted(points)).T, **style)


def _ends(axes: Axes, ends: list[tuple[tuple[int, float], str, str]]) -> None:
    """Say at its end what each line is: point, text, colour; none over another."""
    low, high = np.log(axes.get_ylim())
    least, last = LABEL * (high - low), -np.inf
    for (units, seconds), text, colour in sorted(ends, key=lambda end: end[0][1]):
        last = max(np.log(seconds), last + least)
        axes.annotate(
            text,
            (units, np.exp(last)),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=colour,
        )


def _task(
    axes: Axes,
    cases: list[dict[str, Any]],
    task: str,
    colours: dict[int, str],
    reference: str,
) -> None:
    axes.set_title(
        f"{derived.NAMES[task]}, all units", loc="left", fontsize=10.5, color=INK
    )
    ends = []
    for n, colour in colours.items():
        shown: Points = []
        for dtype, style in (("float64", _DOUBLE), ("float32", _SINGLE)):
            points = _ours(cases, task, dtype).get(n)
            if points:
                filled = colour if dtype == "float64" else "white"
                _line(axes, points, color=colour, markerfacecolor=filled, **style)
                shown = shown or points
        if not shown:
            continue
        ends.append((max(shown), f"{n:,}", colour))
        products = [
            (case["n_units"], seconds)
            for case in cases
            if case["n"] == n and (seconds := derived.products_seconds(case, reference))
        ]
        if products:
            _line(axes, products, color=colour, **_PRODUCTS)
    _scales(axes, sorted({case["n_units"] for case in cases}))
    _ends(axes, ends)
    axes.annotate(
        "conditions",
        (1, 1),
        xytext=(0, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=PALE,
    )


def _compared(cases: list[dict[str, Any]]) -> int | None:
    """Number of conditions whose rivals are shown: the one with most of them."""
    counts: dict[int, int] = {}
    for case in cases:
        for key in RIVALS:
            seconds, _ = derived.rival(cases, case, key, "leave_one_out")
            counts[case["n"]] = counts.get(case["n"], 0) + (seconds is not None)
    # Of several, the middle one.
    best = [n for n, count in counts.items() if count == max(counts.values()) > 0]
    return best[len(best) // 2] if best else None


def _rivals(axes: Axes, cases: list[dict[str, Any]], n: int, colour: str) -> None:
    axes.set_title(
        f"leave-one-out, {n:,} conditions, float64",
        loc="left",
        fontsize=10.5,
        color=INK,
    )
    some, ends = [case for case in cases if case["n"] == n], []
    for key, name in RIVALS.items():
        measured: Points = []
        everything: Points = []
        for case in some:
            seconds, narrower = derived.rival(cases, case, key, "leave_one_out")
            if seconds is not None:
                everything.append((case["n_units"], seconds))
                if not narrower:
                    measured.append(everything[-1])
        if not everything:
            continue
        _line(axes, everything, color=PALE, **_EXTRAPOLATED)
        if measured:
            style = {"color": PALE, "linewidth": 1.4, "marker": "o", "markersize": 4.5}
            _line(axes, measured, **style)
        ends.append((max(everything), name, PALE))
    points = _ours(some, "leave_one_out").get(n)
    if points:
        _line(axes, points, color=colour, **_DOUBLE)
        ends.append((max(points), "jaxprune", colour))
    _scales(axes, sorted({case["n_units"] for case in cases}))
    _ends(axes, ends)


def _scales(axes: Axes, units: list[int]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    powers = [p for p in range(1, 10) if units[0] <= 10**p <= units[-1]]
    ticks = [10**p for p in powers] or [units[0], units[-1]]
    labels = [f"10{str(p).translate(SUPERSCRIPTS)}" for p in powers] or [
        f"{tick:,}" for tick in ticks
    ]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xticks(ticks, labels)
    # Room for what is said at the ends of the lines.
    axes.set_xlim(units[0] / 1.4, 2 * units[-1] * (units[-1] / units[0]) ** 0.35)
    low, high = axes.get_ylim()
    seconds = [s for s in SECONDS if low <= s <= high]
    axes.yaxis.set_major_locator(FixedLocator(seconds))
    axes.set_yticks(seconds, [SECONDS[s] for s in seconds])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.set_xlabel("units", fontsize=9.5, color=PALE)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=8.5, labelcolor=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#cbd5e1")


def _legend(dtype: str) -> list[Line2D]:
    def line(label: str, **style: Any) -> Line2D:
        return Line2D([], [], color=INK, label=label, **style)

    return [
        line("float64", **_DOUBLE),
        line("float32", **_SINGLE, markerfacecolor="white"),
        line(f"five matrix products, {dtype}", **_PRODUCTS),
        Line2D([], [], color=PALE, label="rivals, extrapolated", **_EXTRAPOLATED),
    ]

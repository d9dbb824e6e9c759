"""Figures 1 to 3 of the paper, the course of training, and the overlap of sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from ...plots import COLOURS, HEADING
from ..framework import Found, Measured
from . import results
from .results import KNOWN, MAX_POZ, R2, spread
from .tracking import KEPT, RANDOM, after
from .tracking import PUBLISHED as AS_PUBLISHED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, *OTHERS = COLOURS
ORANGE = OTHERS[0]
# The last part of it is too light on white.
SHADES = colormaps["viridis"]
# Lighter cells have dark text on them.
DARK_TEXT = 0.6
COLUMNS = 3
# Inches.
WIDTH, HEIGHT, NARROWEST = 4.6, 4.1, 6.4
PUBLISHED: dict[str, Any] = {
    "marker": "D",
    "ms": 4.5,
    "color": "black",
    "lw": 1,
    "label": "published",
}
LEGEND: dict[str, Any] = {"fontsize": 8, "frameon": False}
# Of random orders.
LIGHT = "0.62"


def networks_figure(found: Found) -> Figure | None:
    """Experiment 1: fit and largest percentage of zeros over the units kept."""
    if not found.having("network"):
        return None
    figure, (left, middle, right) = panels(1, 3)
    for axes, which in ((left, R2), (middle, MAX_POZ)):
        _draw_mean(axes, found, which)
        axes.plot(KEPT, _published(which), **PUBLISHED)
    shown = results.networks(found)
    given = [one for one in found.having("network") if one not in shown]
    for one, colour in zip(given, OTHERS, strict=False):
        name = one.about["network"]
        left.plot(KEPT, results.curve(one), ":", color=colour, label=name)
    random = results.curves(found, R2, RANDOM).mean(0)
    left.plot(KEPT, random, "--", color=LIGHT, label="random order")
    _draw_training(right, found)
    tidy(left, "Fit of the units kept to all units", "R² of r² RDMs")
    tidy(middle, "Most silent unit kept", "percentage of zeros")
    tidy(right, "In the course of training", "R² of r² RDMs")
    for axes, top in ((left, 1), (middle, 100), (right, 1)):
        axes.set_ylim(0, 1.03 * top)
    left.legend(loc="lower left", **LEGEND)
    middle.legend(loc="upper right", **LEGEND)
    right.legend(loc="lower left", **LEGEND)
    return figure


def _draw_mean(axes: Axes, found: Found, which: str) -> None:
    curves = results.curves(found, which)
    mean, sd, label = curves.mean(0), spread(curves), "ours"
    if len(curves) > 1:
        axes.fill_between(KEPT, mean - sd, mean + sd, color=BLUE, alpha=0.2, lw=0)
        label = f"ours, mean and SD of {len(curves)}"
    axes.plot(KEPT, mean, "o-", ms=4, color=BLUE, label=label)


def _draw_training(axes: Axes, found: Found) -> None:
    networks = results.networks(found)
    epochs = [int(epoch) for epoch in networks[0]["accuracy"]]
    for i, epoch in enumerate(epochs):
        name = AS_PUBLISHED if epoch == epochs[-1] else after(epoch)
        right = np.mean([one["accuracy"][str(epoch)] for one in networks])
        axes.plot(
            KEPT,
            results.curves(found, R2, name).mean(0),
            color=SHADES(0.9 * i / max(len(epochs) - 1, 1)),
            label=f"{after(epoch)}, {100 * right:.0f} % right",
        )
    axes.plot(KEPT, _published(R2), **PUBLISHED)


def sets_figure(found: Found) -> Figure | None:
    """Experiment 2: fit to human matrices over the units kept, a panel for each set."""
    sets = found.having("set")
    if not sets:
        return None
    columns = min(COLUMNS, len(sets))
    figure, axes = panels(-(-len(sets) // columns), columns)
    for spare in axes[len(sets) :]:
        spare.remove()
    for panel, one in zip(axes, sets, strict=False):
        _draw_set(panel, one)
        tidy(panel, one.about["set"], "R² of r² RDM and human matrix")
    return figure


def _draw_set(axes: Axes, one: Measured) -> None:
    low, mean, high = (one[f"null_{name}"] for name in ("low", "mean", "high"))
    percent = results.percent_kept(one)
    axes.fill_between(percent, low, high, color="0.88", lw=0)
    axes.plot(percent, mean, "--", color=LIGHT, label="random order, 95 %")
    axes.axhline(one["full"], color="0.3", lw=0.9, ls=":", label="all units")
    axes.plot(percent, one["curve"], color=BLUE, lw=1.8, label="fewest zeros")
    kept = 100 * one["best_size"] / one["n_units"]
    axes.plot(kept, one["best"], "x", ms=8, mew=2, color=ORANGE)
    if known := results.published_fits(one.about["set"]):
        axes.plot([*known], [*map(float, known.values())], **PUBLISHED)
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower left", **LEGEND)


def zeros_figure(found: Found) -> Figure | None:
    """Experiment 2: units by their zeros, and what any two sets have in common."""
    sets = found.having("set")
    if not sets:
        return None
    pairs = results.pairs(found)
    figure, (left, *others) = panels(1, 3 if pairs else 1)
    edges = np.linspace(0, 100, 201)
    for i, one in enumerate(sets):
        colour, name = COLOURS[i % len(COLOURS)], one.about["set"]
        share = [results.below(one, edge) for edge in edges]
        left.plot(edges, share, color=colour, label=name)
        for edge, value in results.published_below(name).items():
            left.plot(edge, float(value), "D", ms=6, mec="black", color=colour)
    left.legend(loc="upper left", **LEGEND)
    left.set_title("Units by their percentage of zeros", **HEADING)
    left.set_xlabel("percentage of zeros")
    left.set_ylabel("% of units with at most that")
    left.spines[["top", "right"]].set_visible(False)
    if pairs:
        kept = {(one, other): units.jaccard for one, other, units, _ in pairs}
        dropped = {(one, other): units.jaccard for one, other, _, units in pairs}
        names = [one.about["set"] for one in sets]
        for axes, values in zip(others, (kept, dropped), strict=True):
            _draw_jaccard(axes, names, values)
        others[0].set_title("Jaccard index of the units kept", **HEADING)
        others[1].set_title("Jaccard index of the units dropped", **HEADING)
    return figure


def _draw_jaccard(
    axes: Axes, names: list[str], values: dict[tuple[str, str], float]
) -> None:
    """Half a matrix: all sets but the first, by all but the last."""
    square = np.full((len(names) - 1, len(names) - 1), np.nan)
    for (first, second), value in values.items():
        row, column = names.index(second) - 1, names.index(first)
        square[row, column] = value
        colour = "black" if value > DARK_TEXT else "white"
        middle = {"ha": "center", "va": "center", "fontsize": 9}
        axes.text(column, row, f"{value:.2f}", color=colour, **middle)
    axes.imshow(square, cmap="viridis", vmin=0, vmax=1)
    axes.set_xticks(range(len(names) - 1), names[:-1], rotation=30, ha="right")
    axes.set_yticks(range(len(names) - 1), names[1:])
    axes.spines[["top", "right"]].set_visible(False)


def _published(which: str) -> list[float]:
    """The published curve."""
    return [float(KNOWN.value(which, percent=kept) or "nan") for kept in KEPT]


def panels(rows: int, columns: int) -> tuple[Figure, list[Axes]]:
    """Make a figure, and its panels row by row."""
    size = max(WIDTH * columns, NARROWEST), HEIGHT * rows
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.1)  # type: ignore[union-attr]
    return figure, list(np.ravel(figure.subplots(rows, columns, squeeze=False)))


def tidy(axes: Axes, title: str, y: str) -> None:
    """Label a panel over the units kept, from all to none."""
    axes.set_title(title, **HEADING)
    axes.set_xlabel("% of units kept")
    axes.set_ylabel(y)
    axes.set_xlim(102, 0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.92")
    axes.set_axisbelow(True)

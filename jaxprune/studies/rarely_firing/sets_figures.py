"""Figures 2 and 3 of the paper, and the overlap of sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...plots import COLOURS, HEADING
from . import published
from .panels import LEGEND, LIGHT, PUBLISHED, panels, tidy
from .results import Predicted, RarelyFiring

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, *_ = COLOURS
COLUMNS = 3
# Lighter cells have dark text on them.
DARK_TEXT = 0.6


def sets_figure(study: RarelyFiring) -> Figure:
    """Fit to human matrices over the units kept, a panel for each set."""
    columns = min(COLUMNS, len(study.sets))
    figure, axes = panels(-(-len(study.sets) // columns), columns)
    for spare in axes[len(study.sets) :]:
        spare.remove()
    for panel, one in zip(axes, study.sets, strict=False):
        _draw_set(panel, one)
        tidy(panel, one.name, "R² of r² RDM and human matrix")
    return figure


def _draw_set(axes: Axes, one: Predicted) -> None:
    arrays, record = one.arrays, one.record
    low, mean, high = (arrays[f"null_{name}"] for name in ("low", "mean", "high"))
    axes.fill_between(one.percent, low, high, color="0.88", lw=0)
    axes.plot(one.percent, mean, "--", color=LIGHT, label="random order, 95 %")
    axes.axhline(record["full"], color="0.3", lw=0.9, ls=":", label="all units")
    axes.plot(one.percent, arrays["curve"], color=BLUE, lw=1.8, label="fewest zeros")
    kept = 100 * record["best_size"] / record["n_units"]
    axes.plot(kept, record["best"], "x", ms=8, mew=2, color=ORANGE)
    known = published.CATEGORIES.get(one.name)
    if known is not None:
        values = np.array((known.full, *known.at), float)
        axes.plot((100, *published.LEVELS), values, **PUBLISHED)
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower left", **LEGEND)


def zeros_figure(study: RarelyFiring) -> Figure:
    """Cumulative share of units by their zeros, and what any two sets share."""
    pairs = study.pairs()
    figure, (left, *others) = panels(1, 3 if pairs else 1)
    edges = np.linspace(0, 100, 201)
    for i, one in enumerate(study.sets):
        colour = COLOURS[i % len(COLOURS)]
        share = [one.below(edge) for edge in edges]
        left.plot(edges, share, color=colour, label=one.name)
        known = published.CATEGORIES.get(one.name)
        if known is not None:
            for edge, value in ((80, known.below_80), (90, known.below_90)):
                if value is not None:
                    left.plot(edge, float(value), "D", ms=6, mec="black", color=colour)
    left.legend(loc="upper left", **LEGEND)
    left.set_title("Units by their percentage of zeros", **HEADING)
    left.set_xlabel("percentage of zeros")
    left.set_ylabel("% of units with at most that")
    left.spines[["top", "right"]].set_visible(False)
    if pairs:
        kept = {(one, other): units.jaccard for one, other, units, _ in pairs}
        dropped = {(one, other): units.jaccard for one, other, _, units in pairs}
        names = [one.name for one in study.sets]
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

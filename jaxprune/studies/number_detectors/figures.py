"""Figures with a panel for each network: scores, curves, overlap, held-out gain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...base.means import mean_of_defined
from ...plots import COLOURS, HEADING
from ..framework import Found
from .measure import CORRECT, FACTORIAL, PUBLISHED_RULE, REVERSED
from .tables import KNOWN, VERSION, by_layer, heading, published_of, values

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, *_ = COLOURS
DARK, LIGHT = "0.3", "0.62"
SCORE = "score (Pearson r)"
# As it is called among the published numbers.
ANOVA = "ANOVA units, as published"
# Panels, and names in the legend, side by side.
COLUMNS, ENTRIES = 2, 3
# Name, colour, marker, column and rule, and what was published of it.
KINDS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("all units", DARK, "s", "full", PUBLISHED_RULE, "all units"),
    ("random units", LIGHT, "X", "random", PUBLISHED_RULE, ""),
    ("retained units", ORANGE, "o", "pruned", PUBLISHED_RULE, "retained units"),
    ("ANOVA, as published", BLUE, "^", "anova", PUBLISHED_RULE, ANOVA),
    ("ANOVA, factorial", GREEN, "D", "anova", FACTORIAL, ""),
)
SETS: tuple[tuple[str, str, str, str], ...] = (
    ("as published", BLUE, PUBLISHED_RULE, CORRECT),
    ("as published, reversed ranking", "#9CCBE6", PUBLISHED_RULE, REVERSED),
    ("factorial", GREEN, FACTORIAL, CORRECT),
    ("factorial, reversed ranking", "#9ED9C5", FACTORIAL, REVERSED),
)
EVALUATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("same conditions", ORANGE, "full", "pruned"),
    ("held-out conditions", BLUE, "heldout_full", "heldout_pruned"),
    ("held-out field size", GREEN, "field_full", "field_pruned"),
)


def scores(found: Found) -> Figure:
    """All kinds of units in every layer, beside the published scores."""
    marks = [_mark(colour, marker, name) for name, colour, marker, *_ in KINDS]
    return _panels(found, _draw_scores, [*marks, _line("black", "published")], SCORE)


def curves(found: Found) -> Figure:
    """Score of the first units of the ranking, for all layers and seeds."""
    ends = [_mark(DARK, "o", "best"), _mark(DARK, "s", "all units")]
    return _panels(found, _draw_curves, ends, SCORE)


def overlap(found: Found) -> Figure:
    """Overlap by both rules and both rankings, beside chance."""
    marks = [_mark(colour, "s", f"ANOVA {name}", ms=9) for name, colour, *_ in SETS]
    others = _line("black", "chance"), _mark(ORANGE, "*", "published", ms=13)
    return _panels(found, _draw_overlap, [*marks, *others], "overlap coefficient")


def heldout(found: Found) -> Figure:
    """Gain by pruning, in sample and held out."""
    lines = [_line(colour, name) for name, colour, *_ in EVALUATIONS]
    ends = _mark(DARK, "s", "all units"), _mark(DARK, "o", "retained units")
    return _panels(found, _draw_heldout, [*lines, *ends], SCORE)


def _panels(
    found: Found, draw: Callable[[Axes, Found], None], legend: list[Any], unit: str
) -> Figure:
    """One panel for each network and version, and a legend below all of them."""
    groups = found.groups(*VERSION)
    columns = min(COLUMNS, len(groups))
    lines = -(-len(groups) // columns)
    below = 0.28 * -(-len(legend) // ENTRIES) + 0.15
    size = 2.4 + 5.0 * columns, 4.3 * lines + below
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    drawn: Any = figure.subplots(lines, columns, squeeze=False, sharey=True)
    for axes in drawn.flat[len(groups) :]:
        axes.remove()
    for axes, group in zip(drawn.flat, groups.values(), strict=False):
        draw(axes, group)
        axes.set_title(heading(group), **HEADING)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="0.92")
        axes.set_axisbelow(True)
    for axes in drawn[:, 0]:
        axes.set_ylabel(unit)
    figure.legend(
        handles=legend,
        loc="outside lower center",
        ncols=ENTRIES,
        frameon=False,
        fontsize=9,
    )
    return figure


def _draw_scores(axes: Axes, found: Found) -> None:
    for middle, keys, group in _layers(axes, found):
        for offset, (_, colour, marker, column, rule, quantity) in zip(
            _offsets(len(KINDS)), KINDS, strict=True
        ):
            x = middle + offset
            _draw_mean(axes, x, values(group, column, rule=rule), colour, marker)
            if line := KNOWN.value(quantity, **keys):
                ends = x - 0.085, x + 0.085
                axes.hlines(float(line), *ends, color="black", lw=2.2, zorder=1.5)
    axes.axhline(0, color="0.6", lw=0.8, zorder=0)


def _draw_curves(axes: Axes, found: Found) -> None:
    most = 1
    handles = []
    for colour, (layer, group) in zip(cycle(COLOURS), by_layer(found), strict=False):
        handles.append(_line(colour, layer))
        for one in group:
            row = one["rows"][0]
            axes.plot(one["sizes"], one["curve"], color=colour, lw=1.2, alpha=0.8)
            for size, score, marker in (
                ("n_retained", "pruned", "o"),
                ("n_units", "full", "s"),
            ):
                at = row[size], row[score]
                axes.plot(*at, marker, ms=6, mec="white", color=colour)
            most = max(most, row["n_units"])
    axes.legend(handles=handles, frameon=False, fontsize=8, loc="best")
    axes.set_xscale("log")
    axes.set_xlim(0.9, most * 1.4)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("number of units, most important first")


def _draw_overlap(axes: Axes, found: Found) -> None:
    for middle, keys, group in _layers(axes, found):
        for offset, (_, colour, rule, ranking) in zip(
            _offsets(len(SETS)), SETS, strict=True
        ):
            x, wanted = middle + offset, {"rule": rule, "ranking": ranking}
            seen = values(group, "overlap", **wanted)
            chance = mean_of_defined(values(group, "overlap_chance", **wanted))
            axes.bar(x, mean_of_defined(seen), 0.16, color=colour)
            if len(seen) > 1:
                axes.plot(np.full(len(seen), x), seen, ".", color=DARK, ms=4)
            axes.hlines(chance, x - 0.08, x + 0.08, color="black", lw=1.6)
        if line := KNOWN.value("overlap", **keys):
            axes.plot(middle, float(line), "*", color=ORANGE, ms=13, mec="white")
    axes.set_ylim(-0.03, 1.06)


def _draw_heldout(axes: Axes, found: Found) -> None:
    for middle, _, group in _layers(axes, found):
        for offset, (_, colour, *columns) in zip(
            _offsets(len(EVALUATIONS)), EVALUATIONS, strict=True
        ):
            x, both = middle + offset, [values(group, column) for column in columns]
            ends = [mean_of_defined(seen) for seen in both]
            axes.plot([x, x], ends, "-", color=colour, lw=1.4, zorder=1)
            for seen, marker in zip(both, "so", strict=True):
                _draw_mean(axes, x, seen, colour, marker)
    axes.axhline(0, color="0.6", lw=0.8, zorder=0)


def _draw_mean(
    axes: Axes, x: float, seen: np.ndarray, colour: str, marker: str
) -> None:
    """Every seed as a point, and their mean."""
    if len(seen) > 1:
        axes.plot(np.full(len(seen), x), seen, ".", color=colour, ms=4, alpha=0.55)
    middle = mean_of_defined(seen)
    axes.plot(x, middle, marker, color=colour, ms=7, mec="white", mew=0.8)


def _layers(axes: Axes, found: Found) -> Iterator[tuple[int, dict[str, str], Found]]:
    """Position of every layer of a panel, what it is of, and what was found."""
    layers = dict(by_layer(found))
    axes.set_xticks(range(len(layers)), list(layers))
    axes.set_xlim(-0.55, len(layers) - 0.45)
    axes.tick_params(axis="x", length=0)
    for border in range(1, len(layers)):
        axes.axvline(border - 0.5, color="0.88", lw=0.8, zorder=0)
    for middle, group in enumerate(layers.values()):
        yield middle, published_of(group), group


def _offsets(n: int) -> np.ndarray:
    """Places of n marks beside each other."""
    return 0.17 * (np.arange(n) - (n - 1) / 2)


def _mark(colour: str, marker: str, label: str, **style: Any) -> Line2D:
    style = {"ms": 7, "mec": "white", **style}
    return Line2D([], [], ls="", color=colour, marker=marker, label=label, **style)


def _line(colour: str, label: str) -> Line2D:
    return Line2D([], [], color=colour, lw=1.8, label=label)

"""Panels of the figures: one network, in one version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from ...plots import COLOURS
from . import published
from .running import NumberDetectors
from .table import (
    CORRECT,
    FACTORIAL,
    PUBLISHED_RULE,
    REVERSED,
    Row,
    mean,
    values,
    where,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, *_ = COLOURS
DARK, LIGHT = "0.3", "0.62"
# Name, colour, marker, column and rule, and which of the published scores.
KINDS: tuple[tuple[str, str, str, str, str, int | None], ...] = (
    ("all units", DARK, "s", "full", PUBLISHED_RULE, published.FULL),
    ("random units", LIGHT, "X", "random", PUBLISHED_RULE, None),
    ("retained units", ORANGE, "o", "pruned", PUBLISHED_RULE, published.PRUNED),
    ("ANOVA, as published", BLUE, "^", "anova", PUBLISHED_RULE, published.ANOVA),
    ("ANOVA, factorial", GREEN, "D", "anova", FACTORIAL, None),
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


def draw_scores(axes: Axes, found: NumberDetectors, network: str, version: str) -> None:
    """All kinds of units in every layer, beside the published scores."""
    for middle, layer, rows in _layers(axes, found, network, version):
        for offset, (_, colour, marker, column, rule, which) in zip(
            _offsets(len(KINDS)), KINDS, strict=True
        ):
            seen = values(rows, column, rule=rule)
            _draw_mean(axes, middle + offset, seen, colour, marker)
            if which is not None:
                line = published.score(network, version, layer, which)
                _draw_published(axes, middle + offset, line)
    axes.axhline(0, color="0.6", lw=0.8, zorder=0)


def _draw_mean(
    axes: Axes, x: float, seen: np.ndarray, colour: str, marker: str
) -> None:
    """Every seed as a point, and their mean."""
    if len(seen) > 1:
        axes.plot(np.full(len(seen), x), seen, ".", color=colour, ms=4, alpha=0.55)
    axes.plot(x, mean(seen), marker, color=colour, ms=7, mec="white", mew=0.8)


def _draw_published(axes: Axes, x: float, line: str | None) -> None:
    if line is not None:
        axes.hlines(
            float(line), x - 0.085, x + 0.085, color="black", lw=2.2, zorder=1.5
        )


def draw_curves(axes: Axes, found: NumberDetectors, network: str, version: str) -> None:
    """Curves of all layers and seeds."""
    most = 1
    for (case, layer), result in found.layers.items():
        if (case.network, case.version) != (network, version):
            continue
        colour = COLOURS[published.AREAS.index(layer)]
        row = result.rows[0]
        axes.plot(result.sizes, result.curve, color=colour, lw=1.2, alpha=0.8)
        axes.plot(row.n_retained, row.pruned, "o", ms=6, mec="white", color=colour)
        axes.plot(row.n_units, row.full, "s", ms=6, mec="white", color=colour)
        most = max(most, row.n_units)
    axes.set_xscale("log")
    axes.set_xlim(0.9, most * 1.4)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("number of units, most important first")


def draw_overlap(
    axes: Axes, found: NumberDetectors, network: str, version: str
) -> None:
    """Overlap by both rules and both rankings, beside chance."""
    offsets = _offsets(len(SETS))
    for middle, layer, rows in _layers(axes, found, network, version):
        for offset, (_, colour, rule, ranking) in zip(offsets, SETS, strict=True):
            x, wanted = middle + offset, {"rule": rule, "ranking": ranking}
            seen = values(rows, "overlap", **wanted)
            chance = mean(values(rows, "overlap_chance", **wanted))
            axes.bar(x, mean(seen), 0.16, color=colour)
            if len(seen) > 1:
                axes.plot(np.full(len(seen), x), seen, ".", color=DARK, ms=4)
            axes.hlines(chance, x - 0.08, x + 0.08, color="black", lw=1.6)
        line = published.overlap(network, version, layer)
        if line is not None:
            axes.plot(middle, float(line), "*", color=ORANGE, ms=13, mec="white")
    axes.set_ylim(-0.03, 1.06)


def draw_heldout(
    axes: Axes, found: NumberDetectors, network: str, version: str
) -> None:
    """Gain by pruning, in sample and held out."""
    offsets = _offsets(len(EVALUATIONS))
    for middle, _, rows in _layers(axes, found, network, version):
        for offset, (_, colour, full, pruned) in zip(offsets, EVALUATIONS, strict=True):
            before, after = (values(rows, column) for column in (full, pruned))
            ends = mean(before), mean(after)
            axes.plot([middle + offset] * 2, ends, "-", color=colour, lw=1.4, zorder=1)
            _draw_mean(axes, middle + offset, before, colour, "s")
            _draw_mean(axes, middle + offset, after, colour, "o")
    axes.axhline(0, color="0.6", lw=0.8, zorder=0)


def _layers(
    axes: Axes, found: NumberDetectors, network: str, version: str
) -> Iterator[tuple[int, str, list[Row]]]:
    """Position, name and rows of every layer of a panel, whose axis is labelled."""
    layers = found.options.layers
    axes.set_xticks(range(len(layers)), list(layers))
    axes.set_xlim(-0.55, len(layers) - 0.45)
    axes.tick_params(axis="x", length=0)
    for border in range(1, len(layers)):
        axes.axvline(border - 0.5, color="0.88", lw=0.8, zorder=0)
    for middle, layer in enumerate(layers):
        rows = where(found.rows, network=network, version=version, layer=layer)
        yield middle, layer, rows


def _offsets(n: int) -> np.ndarray:
    """Places of n marks beside each other."""
    return 0.17 * (np.arange(n) - (n - 1) / 2)


def _mark(colour: str, marker: str, label: str, **style: Any) -> Line2D:
    style = {"ms": 7, "mec": "white", **style}
    return Line2D([], [], ls="", color=colour, marker=marker, label=label, **style)


def _line(colour: str, label: str) -> Line2D:
    return Line2D([], [], color=colour, lw=1.8, label=label)


def score_legend() -> list[Any]:
    """Legend of the scores."""
    marks = [_mark(colour, marker, name) for name, colour, marker, *_ in KINDS]
    return [*marks, _line("black", "published")]


def curve_legend(found: NumberDetectors) -> list[Any]:
    """Legend of the curves."""
    lines = [
        _line(COLOURS[published.AREAS.index(layer)], layer)
        for layer in found.options.layers
    ]
    return [*lines, _mark(DARK, "o", "best"), _mark(DARK, "s", "all units")]


def overlap_legend() -> list[Any]:
    """Legend of the overlap."""
    marks = [_mark(colour, "s", f"ANOVA {name}", ms=9) for name, colour, *_ in SETS]
    return [*marks, _line("black", "chance"), _mark(ORANGE, "*", "published", ms=13)]


def heldout_legend() -> list[Any]:
    """Legend of the held-out scores."""
    lines = [_line(colour, name) for name, colour, *_ in EVALUATIONS]
    return [*lines, _mark(DARK, "s", "all units"), _mark(DARK, "o", "retained units")]

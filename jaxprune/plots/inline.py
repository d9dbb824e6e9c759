"""Pictures inside a notebook: SVG in the colours of the page around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

from . import COLOURS, linear_below

BLUE, ORANGE, *_ = COLOURS
# Stands for the colour of the text around the picture, light or dark.
INK = "#010203"
SETTINGS: dict[Any, Any] = {
    "font.size": 9,
    "font.family": "sans-serif",
    "svg.fonttype": "none",
    "svg.hashsalt": "jaxprune",
    "axes.facecolor": "none",
    "legend.frameon": False,
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color"), INK
    ),
    "ytick.color": INK,
}
BINS = 40
# Of a line whose values are in order.
POINTS = 1000


def inline_svg(draw: Callable[[Axes], None], title: str) -> str:
    """Return what is drawn as an SVG element; the same drawing gives the same text.

    Parameters
    ----------
    draw : callable
        Draws into axes.
    title : str
        For screen readers.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    file = StringIO()
    with rc_context(SETTINGS):
        figure = Figure(figsize=(4.4, 2.5), layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    label = f'<svg role="img" aria-label="{escape(title)}"'
    return text.replace("<svg", label, 1)


def draw_curve(
    axes: Axes, sizes: np.ndarray, curves: Any, best: Any, ranked: str = "unit"
) -> None:
    """Scores of the first units of an order, and the best number of them.

    Parameters
    ----------
    axes : Axes
    sizes : ndarray (S,)
    curves : array_like (S,) or (k, S)
    best : int or array_like (k,)
        Numbers of units to mark.
    ranked : str
        What is counted.
    """
    rows = np.atleast_2d(curves)
    faint = 1.0 if len(rows) == 1 else 0.5
    for curve, size in zip(rows, np.atleast_1d(best), strict=True):
        axes.plot(sizes, curve, color=BLUE, lw=1.5, alpha=faint)
        axes.plot(size, curve[np.searchsorted(sizes, size)], "o", color=ORANGE, ms=5)
    _on_sizes(axes, sizes, ranked)


def draw_band(
    axes: Axes, sizes: np.ndarray, low: np.ndarray, high: np.ndarray, label: str
) -> None:
    """Where most curves lie, size by size."""
    axes.fill_between(sizes, low, high, color=BLUE, alpha=0.4, lw=0, label=label)
    _on_sizes(axes, sizes, "unit")
    axes.legend(fontsize="small", loc="best")


def _on_sizes(axes: Axes, sizes: np.ndarray, ranked: str) -> None:
    axes.set_xscale("log")
    axes.set_xlim(0.9 * sizes[0], 1.1 * sizes[-1])
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter("")
    axes.set_xlabel(f"number of {ranked}s")
    axes.set_ylabel("score")


def draw_ranked(axes: Axes, values: Any, name: str, ranked: str = "unit") -> None:
    """Values of units, largest first; of several targets those of the first."""
    row = np.atleast_2d(values)[0]
    row = np.sort(row[~np.isnan(row)])[::-1]
    shown = np.unique(np.linspace(0, len(row) - 1, POINTS).astype(int))
    axes.plot(shown + 1, row[shown], color=BLUE, lw=1.5)
    axes.axhline(0, color=INK, lw=0.6)
    axes.set_yscale("symlog", linthresh=linear_below(row), linscale=0.6)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(f"rank of the {ranked}")
    axes.set_ylabel(name)


def draw_null(
    axes: Axes, null: np.ndarray, observed: float | None, name: str, things: str
) -> None:
    """A null distribution beside what was observed."""
    values = null[np.isfinite(null)]
    axes.hist(values, BINS, color=BLUE, label=things)
    if observed is not None and np.isfinite(observed):
        axes.axvline(observed, color=ORANGE, lw=2, label="observed")
        axes.legend(fontsize="small", loc="best")
    axes.set_xlabel(name)
    axes.set_ylabel(things)


def draw_rows(
    axes: Axes,
    names: Sequence[str],
    rows: Sequence[Any],
    label: str,
) -> None:
    """Values of several things, a row each, with their means."""
    for place, values in enumerate(rows):
        seen = np.atleast_1d(values)
        seen = seen[~np.isnan(seen)]
        axes.plot(seen, np.full(len(seen), place), "o", color=BLUE, ms=4, alpha=0.8)
        if len(seen):
            axes.plot(seen.mean(), place, "D", color=ORANGE, ms=6)
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.axvline(0, color=INK, lw=0.6)
    axes.set_xlabel(label)


def draw_intervals(
    axes: Axes, names: Sequence[str], middle: Any, ends: Any, label: str
) -> None:
    """Values with intervals ``(m, 2)``, a row each."""
    for place, (value, (low, high)) in enumerate(zip(middle, ends, strict=True)):
        axes.plot([low, high], [place, place], color=BLUE, lw=1.5)
        axes.plot(value, place, "o", color=BLUE, ms=5)
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.axvline(0, color=INK, lw=0.6)
    axes.set_xlabel(label)

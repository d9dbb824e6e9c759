"""The curve: scores of the first units of the ranking, and where they are best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..records import PruningFields
    from .common import View
from ...plots import COLOURS, count, number
from .common import RETAINED, SMALL, opened, score_name, titled

# Beyond this many, curves are no longer told apart one by one.
NAMED_CURVES = len(COLOURS)


def draw_curve(axes: Axes, view: View) -> None:
    """Draw the curve, or those of all targets."""
    result = view.result if view.target is None else view.one
    curves = np.atleast_2d(result.curve)
    best = np.atleast_1d(result.best_size)
    sizes = result.sizes
    several = len(curves) > 1
    named = len(curves) <= NAMED_CURVES
    for target, (curve, size) in enumerate(zip(curves, best, strict=True)):
        colour = COLOURS[target] if named else COLOURS[0]
        score = curve[np.searchsorted(sizes, size)]
        label = f"target {target}: {count(size, result.ranked)}, {number(score)}"
        style: dict[str, Any] = {} if named else {"lw": 0.8, "alpha": 0.6}
        axes.plot(sizes, curve, color=colour, label=label, **style)
        axes.plot(size, score, "o", mec="white", mew=0.6, color=colour)
        axes.plot(sizes[-1], curve[-1], "s", mec="white", mew=0.6, color=colour)
    on_sizes(axes, result.n_ranked)
    axes.set_ylabel(f"score ({score_name(result)})")
    text = f"score of the first {result.ranked}s of the ranking"
    if several:
        typical = f"{np.median(best):,.0f}"
        text = f"{len(curves)} targets, best at {typical} {result.ranked}s (median)"
        text += "   ● best  ■ all units"
    elif view.target is not None:
        text = f"{view.named}: {text}"
    titled(axes, text)
    opened(axes)
    note = shade_undefined(axes, np.atleast_1d(np.isnan(curves).all(0)), "size")
    axes.set_xlabel(f"number of {result.ranked}s, most important first" + note)
    if several and named:
        axes.legend(loc="best", edgecolor="none", framealpha=1, **SMALL)
    elif not several:
        _annotate_best(axes, result)


def on_sizes(axes: Axes, n: int) -> None:
    """Make the axis of x one of numbers of units, up to n."""
    axes.set_xscale("log")
    axes.set_xlim(0.9, n * 1.1)
    axes.margins(y=0.16)
    axes.xaxis.set_major_formatter("{x:,.0f}")


def _annotate_best(axes: Axes, result: PruningFields) -> None:
    size = int(np.atleast_1d(result.best_size)[0])
    score = float(np.atleast_1d(result.best_score)[0])
    full = float(np.mean(result.full_score))
    if not np.isfinite([score, full]).all():
        return
    low, high = axes.get_ylim()
    axes.axhline(full, color="0.45", lw=0.7, ls="--", zorder=0)
    axes.vlines(size, low, score, color=RETAINED, lw=1, ls=":", zorder=0)
    axes.set_ylim(low, high)
    first, last = np.log(axes.get_xlim())
    place = (np.log(size) - first) / (last - first)
    side = "left" if place < 0.2 else "right" if place > 0.8 else "center"
    text = f"best: {count(size, result.ranked)}, {number(score)}"
    offset: dict[str, Any] = {"textcoords": "offset points", **SMALL}
    axes.annotate(text, (size, score), (0, 6), ha=side, **offset)
    end = (axes.get_xlim()[1], full)
    axes.annotate(f"all units:\n{number(full)}", end, (3, 0), va="center", **offset)


def shade_undefined(axes: Axes, undefined: np.ndarray, things: str) -> str:
    """Shade ranks or sizes without a value, and return the note that says so."""
    if not undefined.any():
        return ""
    edges = np.flatnonzero(np.diff(np.r_[False, undefined, False]))
    for first, end in edges.reshape(-1, 2):
        axes.axvspan(first + 0.5, end + 0.5, color="0.9", lw=0, zorder=0)
    return f" (grey: undefined, {count(int(undefined.sum()), things)})"

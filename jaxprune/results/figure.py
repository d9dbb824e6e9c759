"""Figure of a pruning: curve, importances, and RDMs before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from .records import PruningFields
from ..plots import (
    COLOURS,
    HEADING,
    MISSING,
    STYLE,
    count,
    heading,
    lettered,
    number,
)

RETAINED, OTHERS = "#D55E00", "#7F9DB5"


# Beyond this many, curves are no longer told apart one by one.
NAMED_CURVES = len(COLOURS)


def pruning_figure(result: PruningFields) -> Figure:
    """Draw the curve, the importances, and the RDMs before and after pruning.

    Parameters
    ----------
    result : Pruning
        With several targets the curves are overlaid, and the rest shows the first
        target, or the mean of all where they were pooled.

    Returns
    -------
    matplotlib.figure.Figure
        Tied to no window and to no pyplot state; ``savefig`` works anywhere.

    Notes
    -----
    The RDMs differ in unit and range (``1 - r``, a distance between numbers), so
    each is shown as the percentile of a pair among the pairs of its own RDM. That
    keeps what rank correlations see, and one colour bar is true of all three.
    """
    figure = Figure(figsize=(12, 8.2), dpi=150, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08, hspace=0.04)  # type: ignore[union-attr]
    figure.suptitle(_title(result), fontsize=12)
    parts: Any = figure.subfigures(2, 1, height_ratios=(1, 1.02))
    top, bottom = parts
    left, right = top.subplots(1, 2, width_ratios=(1.25, 1))
    _draw_curves(left, result)
    _draw_importance(right, result)
    _draw_rdms(bottom, result)
    return figure


def _title(result: PruningFields) -> str:
    settings = result.settings
    sizes = np.atleast_1d(result.best_size)
    kept = f"{sizes[0]:,}" if len(sizes) == 1 else _span(sizes)
    return (
        f"{kept} of {result.n_ranked:,} {result.ranked}s kept, "
        f"{result.n_conditions} conditions"
        f"  ·  {settings.metric} RDMs compared by {_score_name(result)}"
    )


def _span(sizes: np.ndarray) -> str:
    return f"{sizes.min():,} to {sizes.max():,}"


def _score_name(result: PruningFields) -> str:
    squared = "²" if result.settings.objective == "r2" else ""
    return f"{result.settings.compare}{squared}"


def _draw_curves(axes: Axes, result: PruningFields) -> None:
    curves = np.atleast_2d(result.curve)
    best = np.atleast_1d(result.best_size)
    full = float(np.mean(result.full_score))
    sizes = result.sizes
    several = len(curves) > 1
    named = len(curves) <= NAMED_CURVES
    for target, (curve, size) in enumerate(zip(curves, best, strict=True)):
        colour = COLOURS[target] if named else COLOURS[0]
        score = curve[np.searchsorted(sizes, size)]
        label = f"target {target}: {count(size, result.ranked)}, {number(score)}"
        style: dict[str, Any] = {"lw": 1.6} if named else {"lw": 0.8, "alpha": 0.6}
        axes.plot(sizes, curve, color=colour, label=label, **style)
        axes.plot(size, score, "o", ms=6, mec="white", color=colour)
        axes.plot(sizes[-1], curve[-1], "s", ms=5, mec="white", color=colour)
    axes.set_xscale("log")
    axes.set_xlim(0.9, result.n_ranked * 1.1)
    axes.margins(y=0.16)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel(f"score ({_score_name(result)})")
    text = f"score of the first {result.ranked}s of the ranking"
    if several:
        typical = f"{np.median(best):,.0f}"
        text = f"{len(curves)} targets, best at {typical} {result.ranked}s (median)"
        text += "   ● best  ■ all units"
    heading(axes, "a", text)
    note = _shade_undefined(axes, np.atleast_1d(np.isnan(curves).all(0)), "size")
    axes.set_xlabel(f"number of {result.ranked}s, most important first" + note)
    if several and named:
        axes.legend(loc="best", edgecolor="none", framealpha=1, **STYLE)
    elif not several:
        score = float(np.atleast_1d(result.best_score)[0])
        kept = count(int(best[0]), result.ranked)
        _annotate_best(axes, int(best[0]), kept, score, full)


def _annotate_best(axes: Axes, size: int, kept: str, score: float, full: float) -> None:
    if not np.isfinite([score, full]).all():
        return
    low, high = axes.get_ylim()
    axes.axhline(full, color="0.45", lw=0.9, ls="--", zorder=0)
    axes.vlines(size, low, score, color=RETAINED, lw=1.2, ls=":", zorder=0)
    axes.set_ylim(low, high)
    first, last = np.log(axes.get_xlim())
    place = (np.log(size) - first) / (last - first)
    side = "left" if place < 0.2 else "right" if place > 0.8 else "center"
    text = f"best: {kept}, {number(score)}"
    offset: dict[str, Any] = {"textcoords": "offset points", **STYLE}
    axes.annotate(text, (size, score), (0, 8), ha=side, **offset)
    end = (axes.get_xlim()[1], full)
    axes.annotate(f"all units:\n{number(full)}", end, (3, 0), va="center", **offset)


def _shade_undefined(axes: Axes, undefined: np.ndarray, things: str) -> str:
    """Shade ranks or sizes without a value, and return the note that says so."""
    if not undefined.any():
        return ""
    edges = np.flatnonzero(np.diff(np.r_[False, undefined, False]))
    for first, end in edges.reshape(-1, 2):
        axes.axvspan(first + 0.5, end + 0.5, color="0.9", lw=0, zorder=0)
    return f" (grey: undefined, {count(int(undefined.sum()), things)})"


def _draw_importance(axes: Axes, result: PruningFields) -> None:
    order = np.atleast_2d(result.order)[0]
    importance = np.atleast_2d(result.importance)[0][order]
    size = int(np.atleast_1d(result.best_size)[0])
    rank = np.arange(1, len(order) + 1)
    axes.set_yscale("symlog", linthresh=_linear_below(importance), linscale=0.6)
    for name, shown, colour in (
        ("retained", rank <= size, RETAINED),
        ("not retained", rank > size, OTHERS),
    ):
        axes.fill_between(
            np.repeat(rank, 2) + np.tile([-0.5, 0.5], len(rank)),
            np.repeat(importance, 2),
            where=np.repeat(shown, 2),
            color=colour,
            lw=0.4,
            label=f"{name} ({shown.sum():,})",
        )
    axes.axhline(0, color="0.2", lw=0.9)
    axes.set_xlim(0, len(order) * 1.02 + 0.5)
    axes.legend(frameon=False, loc="upper right", **STYLE)
    # Six numbers of seven characters are what fits side by side.
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    note = _shade_undefined(axes, np.isnan(importance), result.ranked)
    zeros = int((importance == 0).sum())
    note += f" (zero: {count(zeros, result.ranked)})" if zeros else ""
    axes.set_xlabel(f"rank of the {result.ranked}" + note)
    axes.set_ylabel("importance")
    which = "target 0: " if _each(result) else ""
    heading(axes, "b", which + f"fall of the score without each {result.ranked}")


def _linear_below(importance: np.ndarray) -> float:
    """Return where a symmetric log axis turns linear, a power of ten."""
    size = np.abs(importance[np.isfinite(importance) & (importance != 0)])
    if not size.size:
        return 1.0
    # Five decades at most: beyond, the axis would mostly show round-off.
    smallest = max(np.quantile(size, 0.02), size.max() * 1e-5)
    return float(10 ** np.floor(np.log10(smallest)))


def _draw_rdms(figure: SubFigure, result: PruningFields) -> None:
    full = float(
        np.mean(np.atleast_1d(result.full_score)[: 1 if _each(result) else None])
    )
    best = float(np.atleast_1d(result.best_score)[0])
    which = "target"
    if result.target_rdm.ndim > 1:
        which = (
            "target 0" if _each(result) else f"mean of {len(result.target_rdm)} targets"
        )
    drawn = [
        (which, _first_or_mean(result.target_rdm, result)),
        (f"all units: {number(full)}", np.atleast_2d(result.full_rdm)[0]),
        (f"retained units: {number(best)}", np.atleast_2d(result.pruned_rdm)[0]),
    ]
    colours = colormaps["viridis"].with_extremes(bad=MISSING)
    panels = figure.subplots(1, 3)
    for axes, letter, (name, rdm) in zip(panels, "cde", drawn, strict=True):
        square = _square(100 * _percentiles(rdm), result.n_conditions)
        axes.imshow(square, cmap=colours, vmin=0, vmax=100, aspect="equal")
        missing = "  (grey: missing)" if np.isnan(rdm).any() else ""
        axes.set_title(lettered(letter, name + missing), **HEADING)
        axes.set_xticks([])
        axes.set_yticks([])
    bar = figure.colorbar(
        panels[0].images[0], ax=panels, shrink=0.9, aspect=24, pad=0.015
    )
    bar.set_label("dissimilarity\n(percentile of the RDM's own pairs)")


def _each(result: PruningFields) -> bool:
    """Whether every target has a ranking of its own, of which the first is shown."""
    return np.ndim(result.importance) > 1


def _first_or_mean(rdms: np.ndarray, result: PruningFields) -> np.ndarray:
    if rdms.ndim == 1:
        return rdms
    if _each(result):
        return rdms[0]
    present = np.isfinite(rdms)
    count = present.sum(0)
    total = np.where(present, rdms, 0).sum(0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _percentiles(rdm: np.ndarray) -> np.ndarray:
    """Return average ranks scaled to 0..1; NaN stays NaN.

    >>> _percentiles(np.array([0.5, np.nan, 0.1, 0.1, 0.9]))
    array([0.66..., nan, 0.16..., 0.16..., 1. ])
    """
    shares = np.full(len(rdm), np.nan)
    present = np.isfinite(rdm)
    _, group, counts = np.unique(rdm[present], return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts + 1) / 2
    shares[present] = ranks[group] / max(present.sum() - 1, 1)
    return shares


def _square(condensed: np.ndarray, n: int) -> np.ndarray:
    square = np.zeros((n, n))
    square[np.triu_indices(n, 1)] = condensed
    return square + square.T

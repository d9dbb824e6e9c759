"""The figure of the demo: stimuli, curves, and scores next to the published ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ..plots import COLOURS, HEADING
from ..results import Pruning
from ..stimuli import StimulusSet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Scores = Mapping[str, tuple[float, float]]


def draw(
    stimuli: StimulusSet,
    target: np.ndarray,
    results: Mapping[str, Pruning],
    published: Scores,
) -> Figure:
    """Draw the whole figure.

    Parameters
    ----------
    stimuli : StimulusSet
    target : ndarray (n, n)
        The log-number RDM.
    results : mapping of str to Pruning
        By area.
    published : mapping of str to (float, float)
        Scores of all units and of the retained ones, by area.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawn = Figure(figsize=(12, 7.6), dpi=150, layout="constrained")
    drawn.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # type: ignore[union-attr]
    drawn.suptitle(
        "Units of an untrained CORnet-Z, pruned against log number", fontsize=13
    )
    parts: Any = drawn.subfigures(2, 1, height_ratios=(1, 1.75), hspace=0.04)
    _draw_stimuli(parts[0], stimuli, target)
    curves, scores = parts[1].subplots(1, 2, width_ratios=(1.7, 1))
    _draw_curves(curves, results)
    _draw_scores(scores, results, published)
    return drawn


def _draw_stimuli(part: Any, stimuli: StimulusSet, target: np.ndarray) -> None:
    panels = part.subplots(1, 5)
    numbers = stimuli.factors["numerosity"]
    # Dots of one size in one field: only their number differs.
    area = stimuli.factors["item_area"] == np.unique(stimuli.factors["item_area"])[1]
    field = stimuli.factors["field_area"] == stimuli.factors["field_area"].max()
    shown = np.flatnonzero(area & field)
    for axes, condition in zip(panels, shown, strict=False):
        first = np.flatnonzero(stimuli.condition == condition)[0]
        axes.imshow(stimuli.images[first], cmap="gray", vmin=0, vmax=255)
        axes.set_title(f"{numbers[condition]} dots", **HEADING)
    panels[-1].imshow(target, cmap="viridis")
    panels[-1].set_title("target: |log $N_i$ − log $N_j$|", **HEADING)
    for axes in panels:
        axes.set_xticks([])
        axes.set_yticks([])


def _draw_curves(axes: Axes, results: Mapping[str, Pruning]) -> None:
    for (area, result), colour in zip(results.items(), COLOURS, strict=False):
        n, size = result.n_units, int(result.best_size)
        label = f"{area}: best with {size:,} of {n:,} units"
        axes.plot(np.arange(1, n + 1), result.curve, color=colour, lw=1.6, label=label)
        axes.plot(size, result.best_score, "o", ms=7, mec="white", color=colour)
        axes.plot(n, result.full_score, "s", ms=6, mec="white", color=colour)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("number of units, most important first")
    axes.set_ylabel("score (pearson)")
    axes.set_xlim(left=0.9)
    axes.set_title("score of the first units of the ranking", **HEADING)
    axes.legend(frameon=False, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_scores(axes: Axes, results: Mapping[str, Pruning], published: Scores) -> None:
    for row, (area, colour) in enumerate(zip(results, COLOURS, strict=False)):
        ours = results[area].full_score, results[area].best_score
        _draw_pair(axes, ours, row - 0.12, colour, colour)
        _draw_pair(axes, published[area], row + 0.16, "0.55", "white")
    axes.set_yticks(range(len(results)), list(results))
    axes.set_ylim(len(results) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xlabel("score (pearson)")
    axes.set_title("■ all units   ● best;  grey: published", **HEADING)
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _draw_pair(
    axes: Axes, scores: tuple[float, float], y: float, colour: str, fill: str
) -> None:
    style: dict[str, Any] = {"color": colour, "mfc": fill, "mew": 1.5}
    axes.plot(scores, (y, y), "-", lw=1.8, color=colour, zorder=1)
    axes.plot(scores[0], y, "s", ms=7, **style)
    axes.plot(scores[1], y, "o", ms=8, **style)

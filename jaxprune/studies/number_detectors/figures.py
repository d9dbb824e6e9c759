"""Figures of the study: scores, curves, overlap, and held-out conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from ...plots import HEADING
from . import panels
from .cases import title
from .running import NumberDetectors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Panels, and names in the legend, side by side.
COLUMNS, ENTRIES = 2, 3
SCORE = "score (Pearson r)"


def figures(found: NumberDetectors) -> dict[str, Figure]:
    """Draw all figures, by the names of their files."""
    return {
        "scores": _grid(found, panels.draw_scores, panels.score_legend(), SCORE),
        "curves": _grid(found, panels.draw_curves, panels.curve_legend(found), SCORE),
        "overlap": _grid(
            found, panels.draw_overlap, panels.overlap_legend(), "overlap coefficient"
        ),
        "heldout": _grid(found, panels.draw_heldout, panels.heldout_legend(), SCORE),
    }


def _grid(
    found: NumberDetectors,
    draw: Callable[[Axes, NumberDetectors, str, str], None],
    legend: list[Any],
    unit: str,
) -> Figure:
    """One panel for each network and version, and a legend below all of them."""
    columns = min(COLUMNS, len(found.versions))
    lines = -(-len(found.versions) // columns)
    below = 0.28 * -(-len(legend) // ENTRIES) + 0.15
    size = 2.4 + 5.0 * columns, 4.3 * lines + below
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    drawn: Any = figure.subplots(lines, columns, squeeze=False, sharey=True)
    for axes in drawn.flat[len(found.versions) :]:
        axes.remove()
    for axes, (network, version) in zip(drawn.flat, found.versions, strict=False):
        draw(axes, found, network, version)
        axes.set_title(title(network, version), **HEADING)
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

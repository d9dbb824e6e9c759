"""One figure: overlap of the sets, their transfer, and swapped subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ...plots import COLOURS, heading, matrix
from .measure import Compared
from .tables import ALL_UNITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, *_ = COLOURS
BINS = 30


def figure(compared: Compared) -> Figure:
    """Overlap of the sets, transfer on held-out conditions, and swapped subjects."""
    found = compared.targets
    one_pair = len(found.null) == 1 and len(found.names) == 2
    side = max(2.9, 0.62 * len(found.names) + 1.7)
    width = side * (2 + one_pair) + 2.2
    drawn = Figure(figsize=(width, side + 0.9), dpi=150, layout="constrained")
    panels: Any = drawn.subplots(1, 2 + one_pair, squeeze=False)[0]
    k = len(found.names)
    overlap = np.eye(k)
    chance = np.full((k, k), np.nan)
    for i, j in found.pairs:
        common = found.overlap(i, j)
        overlap[i, j] = overlap[j, i] = common.coefficient
        chance[i, j] = chance[j, i] = common.chance
    matrix(panels[0], overlap, found.names, found.names, (0, 1), chance)
    heading(panels[0], "a", "overlap (chance)")
    means = np.array(
        [[found.estimate(i, j).mean for j in range(k)] for i in range(k + 1)]
    )
    ends = min(0, float(np.nanmin(means))), float(np.nanmax(means))
    matrix(panels[1], means, (*found.names, ALL_UNITS), found.names, ends)
    panels[1].set_ylabel("units chosen for")
    panels[1].set_xlabel("scored on")
    heading(panels[1], "b", "score, held out")
    if one_pair:
        _swaps(panels[2], compared)
        heading(panels[2], "c", "subjects swapped")
    return drawn


def _swaps(axes: Axes, compared: Compared) -> None:
    """Jaccard index of sets of swapped groups, and of the observed ones."""
    found = compared.targets
    observed = found.overlap(0, 1).jaccard
    axes.hist(found.null[0, 1], BINS, color=BLUE, alpha=0.8, label="swapped")
    axes.axvline(observed, color=ORANGE, lw=2.2, label="observed")
    axes.set_xlabel("Jaccard index of both sets")
    axes.set_ylabel("swaps")
    # Room for the legend above the bars.
    axes.margins(y=0.3)
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")
    axes.set_box_aspect(1)

"""The RDMs: target, all units, retained units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .common import View
from ...plots import MISSING
from .common import SMALL, as_square, side_by_side, titled


def draw_rdms(axes: Axes, view: View) -> None:
    """Draw three RDMs side by side.

    The RDMs differ in unit and range (``1 - r``, a distance between numbers), so each
    is shown as the percentile of a pair among the pairs of its own RDM. That keeps
    what rank correlations see, and one colour bar is true of all three.
    """
    colours = colormaps["viridis"].with_extremes(bad=MISSING)
    panels = side_by_side(axes, 3, right=0.13)
    for panel, (name, rdm) in zip(panels, view.rdms.items(), strict=True):
        square = as_square(rdm)
        panel.imshow(square, cmap=colours, vmin=0, vmax=100, interpolation="none")
        titled(panel, name)
        if np.isnan(rdm).any():
            panel.set_xlabel("grey: missing", **SMALL)
        panel.set_xticks([])
        panel.set_yticks([])
    bar = axes.inset_axes((0.905, 0.08, 0.018, 0.84))
    axes.figure.colorbar(panels[0].images[0], cax=bar)
    bar.set_ylabel("dissimilarity\n(percentile)")

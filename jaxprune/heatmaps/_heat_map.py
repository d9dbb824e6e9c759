"""The result: how much a score drops where an image is occluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.facts import described, number
from ..plots.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class HeatMap(Record):
    """How much a score drops where an image is occluded.

    Attributes
    ----------
    maps : ndarray (n_sizes, h, w)
        Score of the whole image minus that of the occluded one, for every size of the
        square; positive where the region carries the fit. NaN where the occluded image
        has no pattern left (constant over the units), or a constant row.
    baseline : float
        Score of the whole image.
    positions : ndarray (h, w, 2)
        Row and column of the centre of the squares, in pixels from the upper left
        corner.
    sizes : tuple of int
        Sides of the squares in pixels.
    stride : int
        Distance between neighbouring positions in pixels.
    """

    maps: np.ndarray
    baseline: float
    positions: np.ndarray
    sizes: tuple[int, ...]
    stride: int

    def _facts(self) -> Sequence[tuple[str, str]]:
        facts = [
            ("whole image", f"score {number(self.baseline)}"),
            ("loss", described(self.heat)),
            ("squares", f"{described(self.sizes)} pixels, every {self.stride}"),
        ]
        if self.n_undefined:
            facts.append(("undefined", f"{self.n_undefined:,} occluded images"))
        return [*facts, ("next", "jaxprune.heatmaps.figure.heatmap_figure(...)")]

    def _draw(self, axes: Axes) -> None:
        draw_heat(axes, self.heat)

    @property
    def heat(self) -> np.ndarray:
        """Mean of the maps over sizes ``(h, w)``; NaN where one of them is."""
        return self.maps.mean(0)

    @property
    def reach(self) -> tuple[float, float]:
        """Height and width in pixels that the heat covers: whole cells."""
        height, width = self.positions.shape[:2]
        return height * self.stride, width * self.stride

    @property
    def n_undefined(self) -> int:
        """Number of occluded images without a score."""
        return int(np.isnan(self.maps).sum())


def draw_heat(axes: Axes, heat: np.ndarray) -> None:
    """Draw heat ``(h, w)``, red where it is positive."""
    top = float(np.nanmax(np.abs(heat), initial=0)) or 1.0
    axes.imshow(heat, cmap="RdBu_r", vmin=-top, vmax=top)
    axes.set_xticks([])
    axes.set_yticks([])

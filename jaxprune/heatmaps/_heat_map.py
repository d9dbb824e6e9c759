"""The result: how much a score drops where an image is occluded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class HeatMap:
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

"""The result: feature maps of an image, weighted by what the fit loses without each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..base.facts import described, number
from ..plots.record import Record
from ._heat_map import draw_heat

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class WeightedMaps(Record):
    """Feature maps of an image, and what its score loses without each of them.

    Attributes
    ----------
    maps : ndarray (C, h, w)
        Responses of the maps to the image, perhaps each scaled to 0..1.
    weights : ndarray (C,)
        Score of the image minus its score without the map; NaN where it has no score
        without it.
    baseline : float
        Score of the image with all maps.
    size : tuple of int
        Height and width of the image in pixels.
    """

    maps: np.ndarray
    weights: np.ndarray
    baseline: float
    size: tuple[int, int]

    def _facts(self) -> Sequence[tuple[str, str]]:
        facts = [
            ("whole image", f"score {number(self.baseline)}"),
            ("weights", described(self.weights)),
            ("maps", described(self.maps)),
        ]
        if self.n_undefined:
            facts.append(("undefined", f"without {self.n_undefined:,} maps"))
        return [*facts, ("next", "jaxprune.heatmaps.figure.heatmap_figure(...)")]

    def _draw(self, axes: Axes) -> None:
        draw_heat(axes, self.heat)

    @property
    def heat(self) -> np.ndarray:
        """Mean of the maps times their weights ``(h, w)``, undefined ones left out."""
        defined = ~np.isnan(self.weights)
        weights = self.weights[defined]
        total = np.tensordot(weights, self.maps[defined].astype(float), 1)
        return total / max(len(weights), 1)

    @property
    def positions(self) -> np.ndarray:
        """Row and column of the centre of every cell ``(h, w, 2)``, in pixels."""
        shape = self.maps.shape[1:]
        sides = np.reshape(np.divide(self.size, shape), (2, 1, 1))
        return np.moveaxis((np.indices(shape) + 0.5) * sides, 0, -1)

    @property
    def reach(self) -> tuple[float, float]:
        """Height and width in pixels that the heat covers: those of the image."""
        return self.size

    @property
    def n_undefined(self) -> int:
        """Number of maps without which the image has no score."""
        return int(np.isnan(self.weights).sum())

    def some(self, which: Sequence[int] | np.ndarray | None) -> WeightedMaps:
        """The same of some maps, others weighing nothing; of all if None."""
        if which is None:
            return self
        kept = np.isin(np.arange(len(self.weights)), which)
        return replace(self, weights=np.where(kept, self.weights, 0.0))

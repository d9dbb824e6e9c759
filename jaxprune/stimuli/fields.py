"""Where dots may go: regions that know how far their edge is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .shapes import Polygon

Clearance = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Field:
    """A region around the origin.

    Attributes
    ----------
    name : str
        Such as ``"a circle of diameter 5"``, for messages.
    area : float
        Area of the region.
    half_width : float
        The region lies within this distance of both axes.
    clearance : callable
        ``clearance(x, y)``: largest radius of a dot that fits there; negative outside.
    """

    name: str
    area: float
    half_width: float
    clearance: Clearance

    def without(
        self, centres: np.ndarray, radii: np.ndarray, gap: float, name: str
    ) -> Field:
        """Return the region around discs that are there already.

        >>> around = disc(10.0).without(np.zeros((1, 2)), np.ones(1), 0.5, "a ring")
        >>> x = np.array([0.0, 2.0])
        >>> around.clearance(x, 0 * x)
        array([-1.5,  0.5])
        """

        def clearance(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            free = self.clearance(x, y)
            for (x0, y0), radius in zip(centres, radii, strict=True):
                free = np.minimum(free, np.hypot(x - x0, y - y0) - radius - gap)
            return free

        taken = float(np.sum(np.pi * np.asarray(radii) ** 2))
        return replace(self, name=name, area=self.area - taken, clearance=clearance)


def disc(diameter: float) -> Field:
    """Circular field.

    >>> disc(5.0).clearance(np.array([0.0, 1.5]), np.array([0.0, 2.0]))
    array([2.5, 0. ])
    """
    radius = _positive("diameter", diameter) / 2
    return Field(
        f"a circle of diameter {diameter:.4g}",
        math.pi * radius**2,
        radius,
        lambda x, y: radius - np.hypot(x, y),
    )


def square(side: float) -> Field:
    """Square field, such as an image without its border.

    >>> square(4.0).clearance(np.array([0.0, 1.5]), np.array([1.0, 0.0]))
    array([1. , 0.5])
    """
    half = _positive("side", side) / 2
    return Field(
        f"a square of side {side:.4g}",
        float(side) ** 2,
        half,
        lambda x, y: half - np.maximum(np.abs(x), np.abs(y)),
    )


def inside(polygon: Polygon) -> Field:
    """Field within a convex polygon."""
    return Field(
        f"a polygon of area {polygon.area:.4g}",
        polygon.area,
        polygon.reach,
        polygon.clearance,
    )


def _positive(name: str, length: float) -> float:
    if not (length > 0 and math.isfinite(length)):
        raise ValueError(f"{name}: expected a positive, finite length, got {length}")
    return length

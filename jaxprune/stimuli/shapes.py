"""Outlines of items, for a nominal radius of 1 around the origin.

The shapes of the second control set of Nasr et al. (2019), sized as in Kim et al.
(2021): all fit into a square of side 2, and differ in area.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ellipse:
    """An ellipse with half-axes along x and y; a circle if they are equal.

    >>> bool(Ellipse(1, 0.5).covers(0.9, 0.0)), bool(Ellipse(1, 0.5).covers(0.0, 0.9))
    (True, False)
    """

    along_x: float
    along_y: float

    @property
    def area(self) -> float:
        """Area, pi a b."""
        return math.pi * self.along_x * self.along_y

    @property
    def reach(self) -> float:
        """Radius of the smallest circle around the origin that holds the shape."""
        return max(self.along_x, self.along_y)

    def covers(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return which points are inside."""
        return (x / self.along_x) ** 2 + (y / self.along_y) ** 2 <= 1

    def extremes(self, directions: np.ndarray) -> np.ndarray:
        """Outermost point in each of the directions (D, 2)."""
        axes = np.array([self.along_x, self.along_y])
        stretched = directions * axes
        return stretched * axes / np.linalg.norm(stretched, axis=-1, keepdims=True)


@dataclass(frozen=True)
class Polygon:
    """A convex polygon around the origin, corners counter-clockwise.

    >>> square = Polygon(((1, 1), (-1, 1), (-1, -1), (1, -1)))
    >>> square.area, round(square.reach, 3), float(square.clearance(0.25, 0.0))
    (4.0, 1.414, 0.75)
    """

    corners: tuple[tuple[float, float], ...]

    @property
    def area(self) -> float:
        """Area, by the shoelace formula."""
        return shoelace(np.array(self.corners))

    @property
    def reach(self) -> float:
        """Radius of the smallest circle around the origin that holds the shape."""
        return max(math.hypot(*corner) for corner in self.corners)

    def covers(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return which points are inside."""
        return self.clearance(x, y) >= 0

    def clearance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Distance to the nearest edge, negative outside."""
        clearance = np.inf
        for (x0, y0), (x1, y1) in zip(
            self.corners, (*self.corners[1:], self.corners[0]), strict=True
        ):
            across = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
            clearance = np.minimum(clearance, across / math.hypot(x1 - x0, y1 - y0))
        return np.asarray(clearance)

    def extremes(self, directions: np.ndarray) -> np.ndarray:
        """Outermost point in each of the directions (D, 2)."""
        corners = np.array(self.corners, float)
        return corners[np.argmax(directions @ corners.T, axis=-1)]


def shoelace(corners: np.ndarray) -> float:
    """Area of a polygon with these corners (k, 2), counter-clockwise.

    >>> shoelace(np.array([[0, 0], [2, 0], [2, 3], [0, 3]]))
    6.0
    """
    x, y = corners.T
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2)


def regular(n_corners: int, radius: float = 1.0, angle: float = 0.0) -> Polygon:
    """Regular polygon with corners at a radius, the first one at an angle (radians).

    >>> round(regular(5, radius=110).area)  # 5/2 * 110**2 * sin(72 degrees)
    28769
    """
    angles = angle + 2 * math.pi * np.arange(n_corners) / n_corners
    corners: Sequence[Sequence[float]] = np.stack(
        [radius * np.cos(angles), radius * np.sin(angles)], axis=1
    ).tolist()
    return Polygon(tuple((x, y) for x, y in corners))


Shape = Ellipse | Polygon

SHAPES: dict[str, Shape] = {
    "circle": Ellipse(1, 1),
    "rectangle": Polygon(((1, 1), (-1, 1), (-1, -1), (1, -1))),
    "ellipse": Ellipse(1, 0.5),
    "triangle": regular(3),
}

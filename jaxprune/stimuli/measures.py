"""What was achieved in an image: a row of numbers for each."""

from __future__ import annotations

import numpy as np

from .dots import Dots
from .rendering import covered_area
from .shapes import shoelace

# Directions in which the hull is felt. The corners cut off the discs' arcs shorten
# their circumference by (pi / 360)^2 / 6, about a hundred-thousandth.
DIRECTIONS = 360

ROW = np.dtype(
    [
        ("condition", np.int64),
        ("instance", np.int64),
        ("numerosity", np.int64),
        ("n_white", np.int64),
        ("item_area", np.float64),
        ("total_area", np.float64),
        ("field_area", np.float64),
        ("density", np.float64),
        ("hull_area", np.float64),
        ("hull_perimeter", np.float64),
        ("mean_distance", np.float64),
        ("rendered_item_area", np.float64),
        ("mean_luminance", np.float64),
    ]
)


def measure(
    dots: Dots, field_area: float, image: np.ndarray, across: float, background: int
) -> tuple[float, ...]:
    """Columns of the table from ``numerosity`` on.

    Parameters
    ----------
    dots : Dots
        What was placed.
    field_area : float
        Area in which it was placed.
    image : ndarray of uint8 (size, size)
        What was drawn.
    across : float
        Width of the image in the unit of the dots.
    background : int
        Its grey value.

    Returns
    -------
    tuple of float
        See :class:`~jaxprune.stimuli.StimulusSet`.
    """
    numerosity, item_area = len(dots), dots.item_area
    return (
        numerosity,
        int(np.sum(dots.polarity > 0)),
        item_area,
        numerosity * item_area,
        field_area,
        numerosity / field_area,
        *hull(dots),
        mean_distance(dots.centres),
        covered_area(image, across, background) / numerosity,
        float(image.mean()),
    )


def hull(dots: Dots) -> tuple[float, float]:
    """Area and perimeter of the convex hull of the dots' outlines.

    Parameters
    ----------
    dots : Dots

    Returns
    -------
    area, perimeter : float
        In the unit of the dots; to 1e-4 of the exact ones.

    Examples
    --------
    >>> one = Dots(np.zeros((1, 2)), np.array([2.0]), np.array([1]))
    >>> area, perimeter = hull(one)
    >>> round(area / np.pi, 3), round(perimeter / (2 * np.pi), 3)
    (1.0, 1.0)
    """
    turns = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    directions = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    radii = dots.diameters[:, None, None] / 2
    points = dots.centres[:, None] + radii * _extremes(dots, directions)
    outermost = np.einsum("ndk,dk->nd", points, directions).argmax(0)
    corners = points[outermost, np.arange(DIRECTIONS)]
    edges = np.roll(corners, -1, axis=0) - corners
    return shoelace(corners), float(np.hypot(*edges.T).sum())


def _extremes(dots: Dots, directions: np.ndarray) -> np.ndarray:
    """Outermost point of every outline of radius 1, (N or 1, D, 2)."""
    if dots.shapes is None:
        return directions[None]
    angles = np.zeros(len(dots)) if dots.angles is None else dots.angles
    extremes = []
    for shape, angle in zip(dots.outlines, angles, strict=True):
        cosine, sine = np.cos(angle), np.sin(angle)
        turn = np.array([[cosine, sine], [-sine, cosine]])
        # Rows are vectors: `@ turn` turns them, `@ turn.T` turns them back.
        extremes.append(shape.extremes(directions @ turn.T) @ turn)
    return np.stack(extremes)


def mean_distance(centres: np.ndarray) -> float:
    """Mean distance between two centres; not a number for one dot.

    >>> mean_distance(np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 4.0]]))
    4.0
    """
    i, j = np.triu_indices(len(centres), 1)
    apart = np.hypot(*(centres[i] - centres[j]).T)
    return float(apart.mean()) if apart.size else float("nan")

"""From geometry to pixels, and from pixels back to area."""

from __future__ import annotations

import numpy as np

from .colours import BLACK, GREY, WHITE
from .dots import Dots
from .shapes import SHAPES, Shape

# Below this diameter the edge ramp (1 px) reaches the centre of the dot, and its area
# can no longer be kept.
SMALLEST_DIAMETER_PX = 2.0
# Points per pixel and axis that decide how much of it a shape with corners covers:
# 16 a pixel, hence as many shades at an edge.
SUBPIXELS = 4


def render(dots: Dots, size: int, across: float, background: int = GREY) -> np.ndarray:
    """Draw black and white dots on a uniform background, anti-aliased.

    A pixel whose centre is a distance d from the centre of a dot of radius r is covered
    by ``clip(r' - d + 1/2, 0, 1)``. This ramp of width 1 integrates to an area of
    ``pi (r'**2 + 1/12)``, so with ``r'**2 = r**2 - 1/12`` the dot keeps its area (up to
    the position of the pixel grid). Other shapes cover the share of the pixel's 4 x 4
    points that they hold.

    Parameters
    ----------
    dots : Dots
        The array.
    size : int
        Height and width of the image in pixels.
    across : float
        Height and width of the image in the unit of the dots.
    background : int
        Grey value, 0 to 255.

    Returns
    -------
    ndarray of uint8 (size, size)
        Rows from top to bottom.

    Raises
    ------
    ValueError
        If a dot is less than 2 pixels across or reaches beyond the image.

    Examples
    --------
    >>> dots = Dots(np.zeros((1, 2)), np.array([4.0]), np.array([1]))
    >>> render(dots, size=8, across=8.0)[3]
    array([128, 128, 242, 255, 255, 242, 128, 128], dtype=uint8)
    """
    _check_drawable(dots, size, across)
    scale = size / across
    # Pixel centres are whole numbers, so the middle of the image is at (size - 1) / 2.
    centres = dots.centres * scale + (size - 1) / 2
    radii = dots.diameters / 2 * scale
    angles = np.zeros(len(dots)) if dots.angles is None else dots.angles
    image = np.full((size, size), float(background))
    for (x, y), radius, sign, shape, angle in zip(
        centres, radii, dots.polarity, dots.outlines, angles, strict=True
    ):
        reach = shape.reach * radius
        rows, columns = _window(y, reach), _window(x, reach)
        down = np.arange(size)[rows, None] - y
        right = np.arange(size)[columns] - x
        if shape is SHAPES["circle"]:
            distance = np.hypot(right, down)
            covered = np.clip(np.sqrt(radius**2 - 1 / 12) - distance + 0.5, 0, 1)
        else:
            covered = _coverage(shape, right / radius, down / radius, angle, 1 / radius)
        image[rows, columns] += ((WHITE if sign > 0 else BLACK) - background) * covered
    # Edges of two dots share a pixel only where the gap is less than a pixel.
    return np.rint(np.clip(image, BLACK, WHITE)).astype(np.uint8)


def _coverage(
    shape: Shape, x: np.ndarray, y: np.ndarray, angle: float, pixel: float
) -> np.ndarray:
    """Share of every pixel that a turned shape covers."""
    offsets = ((np.arange(SUBPIXELS) + 0.5) / SUBPIXELS - 0.5) * pixel
    # Axes: rows, subrows, columns, subcolumns.
    right = x[None, None, :, None] + offsets
    down = y[:, :, None, None] + offsets[None, :, None, None]
    cosine, sine = np.cos(angle), np.sin(angle)
    held = shape.covers(cosine * right + sine * down, cosine * down - sine * right)
    return held.mean((1, 3))


def _window(centre: float, reach: float) -> slice:
    """Pixels along one axis that a dot and its edge ramp can reach."""
    return slice(max(int(centre - reach - 0.5), 0), int(centre + reach + 0.5) + 1)


def _check_drawable(dots: Dots, size: int, across: float) -> None:
    """Refuse dots that are too small for the pixels, or beyond the image."""
    smallest = dots.diameters.min() * size / across
    if smallest < SMALLEST_DIAMETER_PX:
        raise ValueError(
            f"size: with {size} pixels for a width of {across:g} the smallest dot is "
            f"{smallest:.2f} pixels across, it needs {SMALLEST_DIAMETER_PX:g}; use "
            f"size={np.ceil(size * SMALLEST_DIAMETER_PX / smallest):.0f} or more"
        )
    reaches = np.array([shape.reach for shape in dots.outlines]) * dots.diameters / 2
    reach = (np.abs(dots.centres).max(1) + reaches).max()
    if reach > across / 2:
        raise ValueError(
            f"across: a dot reaches {reach:.4g} from the middle, the image ends at "
            f"{across / 2:.4g}; use a larger across"
        )


def covered_area(image: np.ndarray, across: float, background: int = GREY) -> float:
    """Area of all dots, measured from the pixels.

    Parameters
    ----------
    image : ndarray of uint8 (size, size)
        An image made by :func:`render`.
    across : float
        Width of the image in the unit of the dots.
    background : int
        Grey value of the background.

    Returns
    -------
    float
        Sum of the coverage of all pixels, in the squared unit of the dots.

    Examples
    --------
    >>> dots = Dots(np.zeros((1, 2)), np.array([4.0]), np.array([-1]))
    >>> area = covered_area(render(dots, size=80, across=8.0), 8.0)
    >>> round(area / (np.pi * 2.0**2), 3)
    1.0
    """
    steps = np.arange(256) - background
    coverage = np.zeros(256)
    coverage[:background] = steps[:background] / (BLACK - background or 1)
    coverage[background:] = steps[background:] / (WHITE - background or 1)
    pixel = (across / image.shape[-1]) ** 2
    counts = np.bincount(image.ravel(), minlength=steps.size)
    return float(counts @ coverage * pixel)

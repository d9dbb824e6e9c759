"""From geometry to pixels, and from pixels back to area."""

from __future__ import annotations

import numpy as np

from .dots import Dots

# 127.5 is not a uint8; black is then 128 and white 127 steps away from grey.
GREY, BLACK, WHITE = 128, 0, 255
# Below this diameter the edge ramp (1 px) reaches the centre of the dot, and its area
# can no longer be kept.
SMALLEST_DIAMETER_PX = 2.0


def render(dots: Dots, size: int, degrees_across: float) -> np.ndarray:
    """Draw black and white dots on mid-grey, anti-aliased.

    A pixel whose centre is a distance d from the centre of a dot of radius r is covered
    by ``clip(r' - d + 1/2, 0, 1)``. This ramp of width 1 integrates to an area of
    ``pi (r'**2 + 1/12)``, so with ``r'**2 = r**2 - 1/12`` the dot keeps its area (up to
    the position of the pixel grid).

    Parameters
    ----------
    dots : Dots
        The array, in degrees.
    size : int
        Height and width of the image in pixels.
    degrees_across : float
        Height and width of the image in degrees of visual angle.

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
    >>> render(dots, size=8, degrees_across=8.0)[3]
    array([128, 128, 242, 255, 255, 242, 128, 128], dtype=uint8)
    """
    _check_drawable(dots, size, degrees_across)
    scale = size / degrees_across
    # Pixel centres are whole numbers, so the middle of the image is at (size - 1) / 2.
    centres = dots.centres * scale + (size - 1) / 2
    radii = dots.diameters / 2 * scale
    image = np.full((size, size), float(GREY))
    for (x, y), radius, sign in zip(centres, radii, dots.polarity, strict=True):
        rows, columns = _window(y, radius), _window(x, radius)
        height = np.arange(size)[rows, None] - y
        distance = np.hypot(np.arange(size)[columns] - x, height)
        coverage = np.clip(np.sqrt(radius**2 - 1 / 12) - distance + 0.5, 0, 1)
        image[rows, columns] += ((WHITE if sign > 0 else BLACK) - GREY) * coverage
    # Edges of two dots share a pixel only where the gap is less than a pixel.
    return np.rint(np.clip(image, BLACK, WHITE)).astype(np.uint8)


def _window(centre: float, radius: float) -> slice:
    """Pixels along one axis that a dot and its edge ramp can reach."""
    return slice(max(int(centre - radius - 0.5), 0), int(centre + radius + 0.5) + 1)


def _check_drawable(dots: Dots, size: int, degrees_across: float) -> None:
    """Refuse dots that are too small for the pixels, or beyond the image."""
    smallest = dots.diameters.min() * size / degrees_across
    if smallest < SMALLEST_DIAMETER_PX:
        raise ValueError(
            f"size: with {size} pixels for {degrees_across:g} degrees the smallest dot "
            f"is {smallest:.2f} pixels across, it needs {SMALLEST_DIAMETER_PX:g}; use "
            f"size={np.ceil(size * SMALLEST_DIAMETER_PX / smallest):.0f} or more"
        )
    reach = (np.abs(dots.centres).max(1) + dots.diameters / 2).max()
    if reach > degrees_across / 2:
        raise ValueError(
            f"degrees_across: a dot reaches {reach:.4g} degrees from the middle, the "
            f"image ends at {degrees_across / 2:.4g}; use a larger degrees_across"
        )


def covered_area(image: np.ndarray, degrees_across: float) -> float:
    """Area of all dots in square degrees, measured from the pixels.

    Parameters
    ----------
    image : ndarray of uint8 (size, size)
        An image made by :func:`render`.
    degrees_across : float
        Width of the image in degrees of visual angle.

    Returns
    -------
    float
        Sum of the coverage of all pixels.

    Examples
    --------
    >>> dots = Dots(np.zeros((1, 2)), np.array([4.0]), np.array([-1]))
    >>> area = covered_area(render(dots, size=80, degrees_across=8.0), 8.0)
    >>> round(area / (np.pi * 2.0**2), 3)
    1.0
    """
    levels = np.arange(256)
    coverage = np.where(
        levels < GREY,
        (GREY - levels) / (GREY - BLACK),
        (levels - GREY) / (WHITE - GREY),
    )
    pixel = (degrees_across / image.shape[-1]) ** 2
    counts = np.bincount(image.ravel(), minlength=levels.size)
    return float(counts @ coverage * pixel)

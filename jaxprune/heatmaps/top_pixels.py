"""Hottest pixels of a map, to compare it with another."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..base import checks


def in_pixels(
    heat: Any, size: tuple[int, int], reach: tuple[float, float] | None = None
) -> np.ndarray:
    """Resize a map to the pixels of its image, bilinearly.

    Parameters
    ----------
    heat : array_like (h, w)
    size : tuple of int
        Height and width of the image.
    reach : tuple of float, optional
        Height and width that the map covers, from the upper left corner, if more.

    Returns
    -------
    ndarray (height, width)
        NaN around cells that are NaN.

    Examples
    --------
    >>> in_pixels([[0.0, 4.0]], (1, 4))
    array([[0., 1., 3., 4.]])
    """
    values = checks.array_of("heat", heat, float)
    height, width = (round(side) for side in reach or size)
    shape = max(height, size[0]), max(width, size[1])
    with jax.enable_x64(True):
        resized = np.array(jax.image.resize(values, shape, "linear", antialias=False))
    return resized[: size[0], : size[1]]


def top_pixels(heat: Any, share: float) -> np.ndarray:
    """Which pixels are the hottest.

    Parameters
    ----------
    heat : array_like (height, width)
        NaN is never hot.
    share : float
        Of all pixels, above 0 and below 1; one pixel at least.

    Returns
    -------
    ndarray of bool (height * width,)
        Of equal pixels the first ones.

    Raises
    ------
    ValueError
        A share out of range, or a map without any number.

    Examples
    --------
    >>> top_pixels([[0.1, 0.9], [0.5, 0.2]], share=0.5)
    array([False,  True,  True, False])
    """
    values = checks.array_of("heat", heat, float).ravel()
    if not 0 < share < 1:
        raise ValueError(f"share={share!r}: expected a number between 0 and 1.")
    if np.isnan(values).all():
        raise ValueError("heat is NaN everywhere; expected numbers in some pixels.")
    cold = np.where(np.isnan(values), np.inf, -values)
    top = np.zeros(values.size, bool)
    chosen = np.argsort(cold, kind="stable")[: max(round(share * values.size), 1)]
    top[chosen] = ~np.isnan(values[chosen])
    return top

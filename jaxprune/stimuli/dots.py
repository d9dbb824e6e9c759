"""One dot array as geometry: centres, diameters and polarities, in degrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .placement import place


@dataclass(frozen=True)
class Dots:
    """A dot array before it is drawn.

    Attributes
    ----------
    centres : ndarray (N, 2)
        Positions (x to the right, y down) from the middle of the image, in degrees.
    diameters : ndarray (N,)
        Diameters in degrees of visual angle.
    polarity : ndarray of int (N,)
        1 for a white dot, -1 for a black one.
    """

    centres: np.ndarray
    diameters: np.ndarray
    polarity: np.ndarray

    @property
    def item_area(self) -> float:
        """Mean area of a dot in square degrees."""
        return float(np.mean(np.pi / 4 * self.diameters**2))


def dot_diameters(numerosity: int, item_area: float, spread: float) -> np.ndarray:
    """Evenly spaced diameters whose mean *area* is exactly the one asked for.

    Diameters run from (1 - spread) to (1 + spread) times their mean. The area of the
    mean diameter is not the mean area, so the diameters are scaled as a set until it
    is.

    Parameters
    ----------
    numerosity : int
        Number of dots N.
    item_area : float
        Mean area of a dot, in any squared unit.
    spread : float
        Half the range of the diameters, relative to their mean; 0 for equal dots.

    Returns
    -------
    ndarray (N,)
        Diameters in ascending order.

    Raises
    ------
    ValueError
        If ``numerosity`` or ``item_area`` is not positive or ``spread`` not in [0, 1).

    Examples
    --------
    >>> diameters = dot_diameters(6, 0.04, 0.2)
    >>> round(float(np.mean(np.pi / 4 * diameters**2)), 12)
    0.04
    """
    if numerosity < 1 or not item_area > 0 or not 0 <= spread < 1:
        raise ValueError(
            "expected numerosity >= 1, item_area > 0 and 0 <= spread < 1, got "
            f"numerosity={numerosity}, item_area={item_area}, spread={spread}"
        )
    relative = np.linspace(1 - spread, 1 + spread, numerosity)
    if numerosity == 1:
        relative = np.ones(1)
    return relative * np.sqrt(item_area / np.mean(np.pi / 4 * relative**2))


def sample_dots(
    numerosity: int,
    item_area: float,
    field_diameter: float,
    rng: np.random.Generator,
    *,
    spread: float,
    gap: float,
    step: float,
) -> Dots:
    """Draw one dot array, half of the dots black and half white.

    Which dots are white is random and independent of their sizes; the odd dot of an
    odd number is black or white at random.

    Parameters
    ----------
    numerosity : int
        Number of dots N.
    item_area : float
        Mean area of a dot in square degrees; met exactly.
    field_diameter : float
        Diameter of the circular field in degrees.
    rng : numpy.random.Generator
        Source of randomness.
    spread : float
        See :func:`dot_diameters`.
    gap, step : float
        See :func:`~jaxprune.stimuli.place`, in degrees.

    Returns
    -------
    Dots
        The array, dots in ascending order of size.

    Raises
    ------
    ValueError
        If the request makes no sense or the dots do not fit.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> dots = sample_dots(6, 0.1, 5.0, rng, spread=0.2, gap=0.05, step=0.04)
    >>> int(dots.polarity.sum()), round(dots.item_area, 12)
    (0, 0.1)
    """
    diameters = dot_diameters(numerosity, item_area, spread)
    centres = place(diameters, field_diameter, gap, step, rng)
    n_white = (numerosity + int(rng.integers(2))) // 2
    polarity = np.where(np.arange(numerosity) < n_white, 1, -1)
    return Dots(centres, diameters, rng.permutation(polarity))

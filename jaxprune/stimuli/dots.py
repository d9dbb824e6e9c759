"""One dot array as geometry: centres, diameters, polarities and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .colours import MIXED_ON_GREY, Colours
from .fields import disc
from .placement import place
from .shapes import SHAPES, Shape


@dataclass(frozen=True, eq=False)
class Dots:
    """A dot array before it is drawn, in degrees of visual angle or another unit.

    Attributes
    ----------
    centres : ndarray (N, 2)
        Positions (x to the right, y down) from the middle of the image.
    diameters : ndarray (N,)
        Diameters; of other shapes than circles, twice their nominal radius.
    polarity : ndarray of int (N,)
        1 for a white dot, -1 for a black one.
    shapes : sequence of str (N,), optional
        Names in :data:`~jaxprune.stimuli.SHAPES`; by default all are circles.
    angles : ndarray (N,), optional
        By how much shapes are turned, in radians from x to y; by default not at all.
    """

    centres: np.ndarray
    diameters: np.ndarray
    polarity: np.ndarray
    shapes: Sequence[str] | None = None
    angles: np.ndarray | None = None

    @property
    def outlines(self) -> list[Shape]:
        """Shape of every dot, for a radius of 1."""
        return [SHAPES[name] for name in self.shapes or ["circle"] * len(self)]

    @property
    def areas(self) -> np.ndarray:
        """Area of every dot."""
        if self.shapes is None:
            return np.pi / 4 * self.diameters**2
        return np.array([shape.area for shape in self.outlines]) / 4 * self.diameters**2

    @property
    def item_area(self) -> float:
        """Mean area of a dot."""
        return float(np.mean(self.areas))

    def __len__(self) -> int:
        return len(self.diameters)


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
    colours: Colours = MIXED_ON_GREY,
) -> Dots:
    """Draw one array of round dots in a circular field.

    Which dots are white is random and independent of their sizes.

    Parameters
    ----------
    numerosity : int
        Number of dots N.
    item_area : float
        Mean area of a dot; met exactly.
    field_diameter : float
        Diameter of the circular field.
    rng : numpy.random.Generator
        Source of randomness.
    spread : float
        See :func:`dot_diameters`.
    gap, step : float
        See :func:`~jaxprune.stimuli.place`.
    colours : Colours
        By default half of the dots are black and half white.

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
    centres = place(diameters, disc(field_diameter), gap, step, rng)
    return Dots(centres, diameters, colours.polarity(numerosity, rng))

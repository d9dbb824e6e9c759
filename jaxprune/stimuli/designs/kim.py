"""The three sets of Nasr et al. as Kim et al. (2021) drew them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..colours import WHITE_ON_BLACK, Colours
from ..dots import Dots
from ..fields import inside, square
from ..placement import place
from ..shapes import regular
from ..stimulus_set import StimulusSet
from ._three_sets import (
    PENTAGON_RADIUS,
    STEP,
    constant_area,
    radii,
    random_shapes,
    similar,
    three_sets,
)

SIZE = 227


def kim(
    n_instances: int = 50,
    seed: int = 0,
    size: int = SIZE,
    *,
    colours: Colours = WHITE_ON_BLACK,
) -> StimulusSet:
    """16 numerosities x 3 sets: standard, and two controls; white dots on black.

    Numerosities 1, 2, 4, 6, ..., 30. Lengths are in pixels of a 227-pixel image.

    * ``standard``: dots of radius 7 +- .7.
    * ``control1``: total area 1200, mean distance of two dots 90 to 100.
    * ``control2``: squares, circles, ellipses (axis ratio .5) and triangles of radius
      7 +- .7, with their centres inside a regular pentagon of radius 110. The hull of
      few items is smaller: unlike in :func:`nasr`, no item is tied to a corner.

    Items lie inside the image. Two are further apart than the sum of their radii, in
    control 2 than sqrt(2) times it, so that corners of squares do not touch.

    Parameters
    ----------
    n_instances : int
        Images per condition; 50 were published, the authors' demo has 10.
    seed : int
        Seed, not negative.
    size : int
        Height and width of the images in pixels.
    colours : Colours
        By default white dots on black.

    Returns
    -------
    StimulusSet
        48 conditions, ``set * 16 + number``; factors ``numerosity`` and ``set``.

    Raises
    ------
    ValueError
        If ``n_instances`` or ``seed`` is out of range, or ``size`` too small to draw
        the smallest dots.

    References
    ----------
    .. [1] Kim, Jang, Baek, Song & Paik (2021), Science Advances 7:eabd6127.

    Examples
    --------
    >>> stimuli = kim(n_instances=1)
    >>> stimuli.images.shape, stimuli.levels("numerosity")[:4]
    ((48, 227, 227), array([1, 2, 4, 6]))
    """
    image = square(SIZE)

    def standard(n: int, rng: np.random.Generator) -> tuple[Dots, float]:
        return similar(n, image, 0.0, rng, colours), image.area

    def control1(n: int, rng: np.random.Generator) -> tuple[Dots, float]:
        return constant_area(n, image, 0.0, rng, colours), image.area

    def control2(n: int, rng: np.random.Generator) -> tuple[Dots, float]:
        return _in_pentagon(n, rng, colours)

    design = three_sets(standard, control1, control2, SIZE, colours)
    return design.draw(n_instances, seed, size)


def _in_pentagon(
    n: int, rng: np.random.Generator, colours: Colours
) -> tuple[Dots, float]:
    """Items of four shapes with their centres in a pentagon."""
    diameters = 2 * radii(n, rng)
    shapes, angles = random_shapes(n, rng)
    image = square(SIZE)
    pentagon = inside(regular(5, PENTAGON_RADIUS, rng.uniform(0, 2 * np.pi)))

    def clearance(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        # Only centres are held inside the pentagon, whole items inside the image.
        held = pentagon.clearance(x, y) >= 0
        return np.where(held, image.clearance(x, y), -np.inf)

    centres = place(
        np.sqrt(2) * diameters, replace(pentagon, clearance=clearance), 0.0, STEP, rng
    )
    polarity = colours.polarity(n, rng)
    return Dots(centres, diameters, polarity, shapes, angles), pentagon.area

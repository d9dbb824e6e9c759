"""The three sets of Nasr, Viswanathan & Nieder (2019)."""

from __future__ import annotations

import numpy as np

from ..colours import Colours
from ..dots import Dots
from ..fields import inside, square
from ..measures import hull
from ..placement import place
from ..shapes import SHAPES, regular
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

SIZE = 224
BORDER, GAP = 5.0, 5.0
COLOURS = Colours(background=50, dots="white")
# Circumference of a regular pentagon over its radius, 10 sin(36 degrees).
ROUND = 10 * np.sin(np.pi / 5)


def nasr(
    n_instances: int = 7,
    seed: int = 0,
    size: int = SIZE,
    *,
    colours: Colours = COLOURS,
) -> StimulusSet:
    """16 numerosities x 3 sets: standard, and two controls; white dots on dark grey.

    Numerosities 1, 2, 4, 6, ..., 30. Lengths are in pixels of a 224-pixel image.

    * ``standard``: dots of radius 7 +- .7.
    * ``control1``: total area 1200, mean distance of two dots 90 to 100. Mean luminance
      is constant with it.
    * ``control2``: circles, rectangles, ellipses (axis ratio .5) and triangles of
      radius 7 +- .7. Above 4 items, five of them span a regular pentagon, and the
      convex hull of all outlines has circumference 646.6; up to 4 items lie anywhere
      in a pentagon of that circumference.

    Items are 5 pixels apart and, but for the corners of the pentagon, 5 pixels from
    the border of the image.

    Parameters
    ----------
    n_instances : int
        Images per condition; 7 were published.
    seed : int
        Seed, not negative.
    size : int
        Height and width of the images in pixels.
    colours : Colours
        By default white dots on 50.

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
    .. [1] Nasr, Viswanathan & Nieder (2019), Science Advances 5:eaav7903. Background,
       gap and border are those of the authors' later code [2]_, shapes those of Kim
       et al. (2021).
    .. [2] Nasr & Nieder (2021), Neural Computation 33 (khalednasr/nn-numerosity-zero).

    Examples
    --------
    >>> stimuli = nasr(n_instances=1)
    >>> stimuli.images.shape, stimuli.labels[0], stimuli.labels[-1]
    ((48, 224, 224), 'standard_n01', 'control2_n30')
    >>> control = stimuli.levels("set") == "control1"
    >>> stimuli.table["total_area"][control].round(6).tolist() == [1200.0] * 16
    True
    """
    field = square(SIZE - 2 * BORDER)

    def standard(n: int, rng: np.random.Generator) -> tuple[Dots, float]:
        return similar(n, field, GAP, rng, colours), field.area

    def control1(n: int, rng: np.random.Generator) -> tuple[Dots, float]:
        return constant_area(n, field, GAP, rng, colours), field.area

    def control2(n: int, rng: np.random.Generator) -> tuple[Dots, float]:
        return _pentagon(n, rng, colours)

    design = three_sets(standard, control1, control2, SIZE, colours)
    return design.draw(n_instances, seed, size)


def _pentagon(n: int, rng: np.random.Generator, colours: Colours) -> tuple[Dots, float]:
    """Items of four shapes, the first five at the corners of a pentagon."""
    diameters = 2 * radii(n, rng)
    shapes, angles = random_shapes(n, rng)
    polarity = colours.polarity(n, rng)
    reaches = diameters * [SHAPES[shape].reach for shape in shapes] / 2
    turn, radius = rng.uniform(0, 2 * np.pi), PENTAGON_RADIUS
    corners = np.array(regular(5, radius, turn).corners)
    n_outer = 5 if n > 4 else 0
    # Of five equal discs the hull grows by ROUND with the radius, and one step is
    # exact; of other items it does so nearly, and three steps leave less than 1e-6.
    for _ in range(3 if n_outer else 0):
        outer = Dots(corners, diameters[:5], polarity[:5], shapes[:5], angles[:5])
        radius += PENTAGON_RADIUS - hull(outer)[1] / ROUND
        corners = np.array(regular(5, radius, turn).corners)
    pentagon = inside(regular(5, radius, turn))
    centres = corners[:n_outer]
    if n > n_outer:
        field = pentagon.without(
            centres, reaches[:n_outer], GAP, f"the pentagon around {n_outer} items"
        )
        inner = place(2 * reaches[n_outer:], field, GAP, STEP, rng)
        centres = np.concatenate([centres, inner])
    # Only in the middle of its width and height does the pentagon fit into the image.
    middle = (corners.min(0) + corners.max(0)) / 2
    return Dots(centres - middle, diameters, polarity, shapes, angles), pentagon.area

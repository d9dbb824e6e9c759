"""The balanced 35 points of Park & Huber (2022)."""

from __future__ import annotations

from itertools import product

import numpy as np

from ..axes import DotParameters
from ..colours import WHITE_ON_BLACK, Colours
from ..dots import Dots, sample_dots
from ..stimulus_set import Design, StimulusSet

NUMEROSITIES, ITEM_RADII, FIELD_RADII = (5, 20), (4.5, 9.0), (45.0, 90.0)
LEVELS = 5
ACROSS = 200.0
# Dots are placed as if their radius were this many times larger.
BUFFER = 1.5


def park35(
    n_instances: int = 100,
    seed: int = 0,
    size: int = 200,
    *,
    colours: Colours = WHITE_ON_BLACK,
) -> StimulusSet:
    """35 points of numerosity, size and spacing, white dots on black.

    Numerosities 5, 7, 10, 14, 20; radii of dots 4.5 to 9 and of fields 45 to 90, in
    pixels of a 200-pixel image. Of the 5 x 5 x 5 combinations those are kept that lie
    within a cube in which number, size and spacing span the same two octaves.

    Parameters
    ----------
    n_instances : int
        Images per condition; 100 were published.
    seed : int
        Seed, not negative.
    size : int
        Height and width of the images in pixels.
    colours : Colours
        By default white dots on black.

    Returns
    -------
    StimulusSet
        35 conditions; factors ``numerosity``, ``item_radius`` and ``field_radius``, and
        ``size`` and ``spacing`` that follow from them (``numerosity`` being rounded).
        The conditions are balanced, not crossed.

    Raises
    ------
    ValueError
        If ``n_instances`` or ``seed`` is out of range, or ``size`` too small to draw
        the smallest dots.

    References
    ----------
    .. [1] Park & Huber (2022), eLife 11:e80990.
    .. [2] Park (2021), joonkoo/dotgen (the cube and the buffer).

    Examples
    --------
    >>> stimuli = park35(n_instances=1)
    >>> stimuli.images.shape, stimuli.labels[0]
    ((35, 200, 200), 'n05_r6.4_f45.0')
    """
    points = balanced_points()

    def display(condition: int, rng: np.random.Generator) -> tuple[Dots, float]:
        point = points[condition]
        spare = (BUFFER - 1) * point.item_radius
        dots = sample_dots(
            int(point.numerosity),
            point.item_area,
            2 * (point.field_radius - spare),
            rng,
            spread=0.0,
            gap=2 * spare,
            step=1.0,
            colours=colours,
        )
        return dots, point.field_area

    return Design(
        factors={
            name: np.array([getattr(point, name) for point in points])
            for name in (
                *("numerosity", "item_radius", "field_radius"),
                *("size", "spacing"),
            )
        },
        labels=tuple(
            f"n{int(p.numerosity):02d}_r{p.item_radius:.1f}_f{p.field_radius:.1f}"
            for p in points
        ),
        display=display,
        across=ACROSS,
        unit="px",
        colours=colours,
    ).draw(n_instances, seed, size)


def balanced_points() -> list[DotParameters]:
    """Points of the grid of number and radii that lie within the balanced cube.

    With levels n, d, f = 0..4 of number, item area and field area, half an octave each,
    log size is ``2 d + n`` steps and log spacing ``2 f - n`` steps above the smallest.
    The cube is four steps wide along each axis and starts at d = 0 with the largest
    number, and at f = 0 with the smallest: ``4 <= 2 d + n <= 8`` and
    ``0 <= 2 f - n <= 4``.

    >>> len(balanced_points())
    35
    """
    numbers = np.rint(np.geomspace(*NUMEROSITIES, LEVELS)).astype(int)
    items = np.geomspace(*ITEM_RADII, LEVELS)
    fields = np.geomspace(*FIELD_RADII, LEVELS)
    top = LEVELS - 1
    return [
        DotParameters.from_radii(int(numbers[n]), items[d], fields[f])
        for n, d, f in product(range(LEVELS), repeat=3)
        if top <= 2 * d + n <= 2 * top and 0 <= 2 * f - n <= top
    ]

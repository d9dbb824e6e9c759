"""Black and white dots on grey, crossed in number, size and field: 32 conditions."""

from __future__ import annotations

from itertools import product

import numpy as np

from ..colours import MIXED_ON_GREY
from ..dots import Dots, sample_dots
from ..stimulus_set import Design, StimulusSet

NUMEROSITIES = (6, 10, 17, 29)
ITEM_AREAS = (0.04, 0.07, 0.12, 0.20)
FIELD_DIAMETERS = (5.0, 7.5)
# The published sizes of image, dots and gap in pixels are not known; 224 pixels over
# 8.6 degrees, a spread of .2 and a gap of 2 pixels reproduce the published scores.
# Lengths are kept in degrees, so that every image size shows the same displays.
DEGREES_ACROSS = 8.6
PIXEL = DEGREES_ACROSS / 224
SPREAD = 0.2
GAP = 2 * PIXEL


def karami32(n_instances: int = 100, seed: int = 0, size: int = 224) -> StimulusSet:
    """4 numerosities x 4 item areas x 2 field sizes, black and white dots on grey.

    Numerosities 6, 10, 17, 29; mean item areas .04, .07, .12, .20 square degrees;
    circular fields of 5 and 7.5 degrees. Condition ``(number * 4 + area) * 2 + field``.
    An image depends on ``(seed, condition, instance)`` alone: more instances or another
    size leave the displays of the first ones as they are.

    Parameters
    ----------
    n_instances : int
        Images per condition.
    seed : int
        Seed, not negative.
    size : int
        Height and width of the images in pixels, for 8.6 degrees.

    Returns
    -------
    StimulusSet
        32 conditions; factors ``numerosity``, ``item_area`` and ``field_area``.

    Raises
    ------
    ValueError
        If ``n_instances`` or ``seed`` is out of range, or ``size`` too small to draw
        the smallest dots.

    References
    ----------
    .. [1] Castaldi et al. (2019), eLife 8:e45160 (numerosities up to 17, item areas up
       to .12).
    .. [2] Truong, Noei & Karami (2024), OpenReview n5cV83qUrs (the 32 conditions).

    Examples
    --------
    >>> stimuli = karami32(n_instances=2)
    >>> stimuli.images.shape, stimuli.labels[1]
    ((64, 224, 224), 'n06_a0.04_f7.5')
    >>> stimuli.factors["numerosity"][::8]
    array([ 6, 10, 17, 29])
    """
    conditions = tuple(product(NUMEROSITIES, ITEM_AREAS, FIELD_DIAMETERS))
    numbers, areas, fields = map(np.array, zip(*conditions, strict=True))

    def display(condition: int, rng: np.random.Generator) -> tuple[Dots, float]:
        dots = sample_dots(
            *conditions[condition], rng, spread=SPREAD, gap=GAP, step=PIXEL
        )
        return dots, np.pi / 4 * conditions[condition][2] ** 2

    return Design(
        factors={
            "numerosity": numbers,
            "item_area": areas,
            "field_area": np.pi / 4 * fields**2,
        },
        labels=tuple(f"n{n:02d}_a{a:.2f}_f{f:.1f}" for n, a, f in conditions),
        display=display,
        across=DEGREES_ACROSS,
        unit="degrees",
        colours=MIXED_ON_GREY,
    ).draw(n_instances, seed, size)

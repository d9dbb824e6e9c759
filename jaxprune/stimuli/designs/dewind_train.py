"""Dot arrays to train a number classifier on, balanced over size and spacing."""

from __future__ import annotations

import numpy as np

from ..colours import WHITE_ON_BLACK, Colours
from ..stimulus_set import StimulusSet
from .dot_arrays import dot_arrays

# Ten classes in equal logarithmic steps: round(6 (29 / 6)^(k / 9)).
CLASSES = (6, 7, 9, 10, 12, 14, 17, 20, 24, 29)
# Like number, size and spacing span about two octaves.
SIZES, SPACINGS = (2.6e5, 10.4e5), (8e6, 32e6)
ACROSS = 200.0
# The largest, densest arrays (29 dots, 36 % coverage) hardly fit with a wider gap.
GAP = 2.0


def dewind_train(
    n_instances: int = 4,
    seed: int = 0,
    size: int = 200,
    *,
    n_levels: int = 5,
    colours: Colours = WHITE_ON_BLACK,
) -> StimulusSet:
    """10 numerosities x 5 sizes x 5 spacings, the set for training a classifier.

    Numerosities 6, 7, 9, 10, 12, 14, 17, 20, 24, 29, the classes. Within each, size
    (2.6e5 to 10.4e5) and spacing (8e6 to 32e6, in px^4 of a 200-pixel image) are
    crossed in logarithmic steps, so that neither tells the class.

    Parameters
    ----------
    n_instances : int
        Images per condition; a class has 25 times as many.
    seed : int
        Seed, not negative.
    size : int
        Height and width of the images in pixels.
    n_levels : int
        Levels of size and of spacing; 13 were published.
    colours : Colours
        By default white dots on black.

    Returns
    -------
    StimulusSet
        250 conditions, ``(number * 5 + size) * 5 + spacing``; factors ``numerosity``,
        ``size`` and ``spacing``. ``levels("numerosity")`` holds the classes.

    Raises
    ------
    ValueError
        If an argument is out of range, or ``size`` too small to draw the dots.

    References
    ----------
    .. [1] Truong, Noei & Karami (2024), OpenReview n5cV83qUrs (the classes).
    .. [2] Testolin, Zou & McClelland (2020), Developmental Science 23:e12940 (the
       ranges).

    Examples
    --------
    >>> stimuli = dewind_train(n_instances=1, n_levels=2)
    >>> stimuli.images.shape, np.unique(stimuli.levels("numerosity"))
    ((40, 200, 200), array([ 6,  7,  9, 10, 12, 14, 17, 20, 24, 29]))
    """
    if n_levels < 1:
        raise ValueError(f"n_levels: expected at least 1, got {n_levels}")
    return dot_arrays(
        n_instances,
        seed,
        size,
        numerosities=CLASSES,
        sizes=np.geomspace(*SIZES, n_levels).tolist(),
        spacings=np.geomspace(*SPACINGS, n_levels).tolist(),
        across=ACROSS,
        gap=GAP,
        colours=colours,
    )

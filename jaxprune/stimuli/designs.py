"""Published stimulus sets: which conditions, in which order, how many instances."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from .dots import sample_dots
from .rendering import covered_area, render

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

ROW = np.dtype(
    [
        ("condition", np.int64),
        ("instance", np.int64),
        ("numerosity", np.int64),
        ("n_white", np.int64),
        ("item_area", np.float64),
        ("total_area", np.float64),
        ("field_area", np.float64),
        ("density", np.float64),
        ("rendered_item_area", np.float64),
    ]
)


@dataclass(frozen=True)
class StimulusSet:
    """Images of a design, and what was achieved in each of them.

    Attributes
    ----------
    images : ndarray of uint8 (n_conditions * n_instances, size, size)
        Grey images; instances of a condition follow each other.
    condition : ndarray of int (n_images,)
        Condition of every image.
    table : structured ndarray (n_images,)
        Per image: ``condition``, ``instance``, ``numerosity``, ``n_white``,
        ``item_area`` (mean area of a dot), ``total_area``, ``field_area`` (square
        degrees), ``density`` (dots per square degree of field), and
        ``rendered_item_area``, the mean area of a dot measured from the pixels.
    labels : tuple of str (n_conditions,)
        Such as ``"n06_a0.04_f5.0"``: number, item area, field diameter.
    factors : dict of ndarray (n_conditions,)
        ``numerosity``, ``item_area`` and ``field_area`` of every condition.
    degrees_across : float
        Width of an image in degrees of visual angle.
    """

    images: np.ndarray
    condition: np.ndarray
    table: np.ndarray
    labels: tuple[str, ...]
    factors: dict[str, np.ndarray]
    degrees_across: float


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
        32 conditions.

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
    if n_instances < 1:
        raise ValueError(f"n_instances: expected at least 1, got {n_instances}")
    if seed < 0:
        raise ValueError(f"seed: expected an integer of 0 or more, got {seed}")
    conditions = tuple(product(NUMEROSITIES, ITEM_AREAS, FIELD_DIAMETERS))
    n_images = len(conditions) * n_instances
    images = np.empty((n_images, size, size), np.uint8)
    table = np.empty(n_images, ROW)
    for image in range(n_images):
        condition, instance = divmod(image, n_instances)
        numerosity, item_area, field = conditions[condition]
        rng = np.random.default_rng((seed, condition, instance))
        dots = sample_dots(
            numerosity, item_area, field, rng, spread=SPREAD, gap=GAP, step=PIXEL
        )
        images[image] = render(dots, size, DEGREES_ACROSS)
        field_area = np.pi / 4 * field**2
        table[image] = (
            condition,
            instance,
            numerosity,
            np.sum(dots.polarity > 0),
            dots.item_area,
            numerosity * dots.item_area,
            field_area,
            numerosity / field_area,
            covered_area(images[image], DEGREES_ACROSS) / numerosity,
        )
    numbers, areas, fields = (
        np.array(levels) for levels in zip(*conditions, strict=True)
    )
    return StimulusSet(
        images=images,
        condition=table["condition"].copy(),
        table=table,
        labels=tuple(f"n{n:02d}_a{a:.2f}_f{f:.1f}" for n, a, f in conditions),
        factors={
            "numerosity": numbers,
            "item_area": areas,
            "field_area": np.pi / 4 * fields**2,
        },
        degrees_across=DEGREES_ACROSS,
    )

"""A free design: every combination of numerosities, sizes and spacings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from ..axes import DotParameters
from ..colours import MIXED_ON_GREY, Colours
from ..dots import Dots, sample_dots
from ..stimulus_set import Design, StimulusSet


def dot_arrays(
    n_instances: int = 10,
    seed: int = 0,
    size: int = 224,
    *,
    numerosities: Sequence[int] = (8, 16, 32),
    sizes: Sequence[float] = (2**15, 2**16, 2**17),
    spacings: Sequence[float] = (2**22, 2**23, 2**24),
    across: float = 224.0,
    gap: float = 2.0,
    spread: float = 0.0,
    colours: Colours = MIXED_ON_GREY,
) -> StimulusSet:
    """Cross numerosity, size and spacing, the axes of DeWind et al. (2015).

    With size ``Sz = n ISA^2`` and spacing ``Sp = FA^2 / n``, a condition has dots of
    area ``ISA = sqrt(Sz / n)`` in a circle of area ``FA = sqrt(Sp n)``; see
    :class:`~jaxprune.stimuli.DotParameters`. Size, spacing and number are then
    uncorrelated; every other feature is a combination of them.

    Parameters
    ----------
    n_instances : int
        Images per condition.
    seed : int
        Seed, not negative.
    size : int
        Height and width of the images in pixels.
    numerosities : sequence of int
        Numbers of dots.
    sizes, spacings : sequence of float
        Levels of the other two, in the fourth power of the unit of `across`.
    across : float
        Width of an image, in the unit of all lengths: pixels, whatever `size` is.
    gap : float
        Smallest distance between the edges of two dots.
    spread : float
        Half the range of the diameters relative to their mean; 0 for equal dots.
    colours : Colours
        By default black and white dots on grey.

    Returns
    -------
    StimulusSet
        Spacing varies fastest; factors ``numerosity``, ``size`` and ``spacing``. Labels
        hold the logarithms to base 2 of size and spacing.

    Raises
    ------
    ValueError
        If a level is not positive or listed twice, a field is larger than the image,
        or dots do not fit into their field.

    References
    ----------
    .. [1] DeWind, Adams, Platt & Brannon (2015), Cognition 142:247-265.

    Examples
    --------
    >>> stimuli = dot_arrays(1, numerosities=[5, 10], sizes=[4e4], spacings=[4e6, 8e6])
    >>> stimuli.labels[0], stimuli.images.shape
    ('n05_sz15.29_sp21.93', (4, 224, 224))
    >>> stimuli.table["total_area"] ** 2 / stimuli.table["numerosity"]
    array([40000., 40000., 40000., 40000.])
    """
    factors = {"numerosities": numerosities, "sizes": sizes, "spacings": spacings}
    for name, levels in factors.items():
        if len(levels) == 0 or len(set(levels)) < len(levels):
            raise ValueError(
                f"{name}: expected one or more different levels, got {list(levels)}"
            )
    if any(number != int(number) for number in numerosities):
        raise ValueError(
            f"numerosities: expected whole numbers, got {list(numerosities)}"
        )
    points = [DotParameters(*point) for point in product(*factors.values())]
    widest = max(points, key=lambda point: point.field_radius)
    if 2 * widest.field_radius > across:
        raise ValueError(
            f"spacings: {widest.numerosity} dots with spacing {widest.spacing:g} have "
            f"a field of diameter {2 * widest.field_radius:.4g}, the image is "
            f"{across:g} across; use a smaller spacing or a larger across"
        )

    def display(condition: int, rng: np.random.Generator) -> tuple[Dots, float]:
        point = points[condition]
        dots = sample_dots(
            int(point.numerosity),
            point.item_area,
            2 * point.field_radius,
            rng,
            spread=spread,
            gap=gap,
            # Positions a pixel apart in an image of the default size.
            step=across / 224,
            colours=colours,
        )
        return dots, point.field_area

    return Design(
        factors={
            name: np.array([getattr(point, name) for point in points])
            for name in ("numerosity", "size", "spacing")
        },
        labels=tuple(
            f"n{int(p.numerosity):02d}_sz{np.log2(p.size):.2f}"
            f"_sp{np.log2(p.spacing):.2f}"
            for p in points
        ),
        display=display,
        across=across,
        unit="px",
        colours=colours,
    ).draw(n_instances, seed, size)

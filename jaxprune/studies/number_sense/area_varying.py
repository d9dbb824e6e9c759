"""Dot arrays in which number and total area are crossed, after Stoianov and Zorzi."""

from __future__ import annotations

from itertools import product

import numpy as np

from ...stimuli import WHITE_ON_BLACK, Design, Dots, StimulusSet, place, square

NUMEROSITIES = (1, *range(2, 31, 2))
ACROSS = 227.0
# Of 30 dots with a radius of 2 sqrt(1) to 2 sqrt(8) pixels.
AREAS = tuple(30 * np.pi * 4 * level for level in range(1, 9))
# SD of the radii, relative to their mean.
SPREAD = 0.1


def area_varying(n_instances: int, seed: int, size: int = 227) -> StimulusSet:
    """16 numerosities x 8 total areas, 377 to 3016 square pixels of 227 x 227.

    White dots of about one size on black, anywhere; they do not touch.

    Parameters
    ----------
    n_instances, seed, size
        As for the designs of `jaxprune.stimuli`.

    Returns
    -------
    StimulusSet
        Factors ``numerosity`` and ``total_area``, of which area varies fastest.

    References
    ----------
    .. [1] Kim, Jang, Baek, Song & Paik (2021), Science Advances 7:eabd6127, after
       Stoianov & Zorzi (2012), Nature Neuroscience 15:194-196.
    """
    conditions = tuple(product(NUMEROSITIES, AREAS))
    numbers, areas = map(np.array, zip(*conditions, strict=True))
    image = square(ACROSS)

    def display(condition: int, rng: np.random.Generator) -> tuple[Dots, float]:
        n, area = conditions[condition]
        radii = 1 + SPREAD * rng.normal(size=n)
        diameters = 2 * radii * np.sqrt(area / (np.pi * np.square(radii).sum()))
        centres = place(diameters, image, 0.0, 1.0, rng)
        return Dots(centres, diameters, WHITE_ON_BLACK.polarity(n, rng)), image.area

    return Design(
        factors={"numerosity": numbers, "total_area": areas},
        labels=tuple(f"n{n:02d}_a{area:04.0f}" for n, area in conditions),
        display=display,
        across=ACROSS,
        unit="px",
        colours=WHITE_ON_BLACK,
    ).draw(n_instances, seed, size)

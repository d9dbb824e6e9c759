"""What the stimuli of Nasr and of Kim share: 16 numerosities in three sets of images.

The sets separate number from what usually goes with it. Standard: dots of about one
size, so that area grows with number. Control 1: constant total area and mean distance.
Control 2: items of four shapes within a regular pentagon.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from ..colours import Colours
from ..dots import Dots
from ..fields import Field
from ..measures import mean_distance
from ..placement import ATTEMPTS, no_room, place, smallest_gap
from ..stimulus_set import Design

NUMEROSITIES = (1, *range(2, 31, 2))
RADIUS, RADIUS_SD = 7.0, 0.7
TOTAL_AREA = 1200.0
MEAN_DISTANCES = 90.0, 100.0
# Its circumference is 10 * 110 * sin(36 degrees) = 646.6, the 647 pixels of the paper.
PENTAGON_RADIUS = 110.0
# Distance between positions that a dot can take, in pixels.
STEP = 1.0

Display = Callable[[int, np.random.Generator], tuple[Dots, float]]


def three_sets(
    standard: Display,
    control1: Display,
    control2: Display,
    across: float,
    colours: Colours,
) -> Design:
    """Cross the sets with the numerosities; number varies fastest."""
    displays = {"standard": standard, "control1": control1, "control2": control2}
    conditions = tuple(product(displays, NUMEROSITIES))
    sets, numbers = zip(*conditions, strict=True)

    def display(condition: int, rng: np.random.Generator) -> tuple[Dots, float]:
        return displays[sets[condition]](numbers[condition], rng)

    return Design(
        factors={"numerosity": np.array(numbers), "set": np.array(sets)},
        labels=tuple(f"{kind}_n{number:02d}" for kind, number in conditions),
        display=display,
        across=across,
        unit="px",
        colours=colours,
    )


def radii(numerosity: int, rng: np.random.Generator) -> np.ndarray:
    """Radii of about one size, 7 +- .7 pixels."""
    return rng.normal(RADIUS, RADIUS_SD, numerosity)


def similar(
    numerosity: int,
    field: Field,
    gap: float,
    rng: np.random.Generator,
    colours: Colours,
) -> Dots:
    """Return dots of about one size, anywhere: the standard set."""
    diameters = 2 * radii(numerosity, rng)
    centres = place(diameters, field, gap, STEP, rng)
    return Dots(centres, diameters, colours.polarity(numerosity, rng))


def constant_area(
    numerosity: int,
    field: Field,
    gap: float,
    rng: np.random.Generator,
    colours: Colours,
) -> Dots:
    """Return dots of 1200 square pixels in all, 90 to 100 apart on average: control 1.

    The distance is drawn uniformly and the array scaled to it. Arrays whose dots then
    come too close, or leave the field, are drawn again. (Published: arrays were drawn
    until their distance was in the range, of which the fewer dots the more fail.)
    """
    relative = radii(numerosity, rng)
    diameters = 2 * relative * np.sqrt(TOTAL_AREA / np.sum(np.pi * relative**2))
    for _ in range(ATTEMPTS):
        centres = place(diameters, field, gap, STEP, rng)
        if numerosity > 1:
            middle = centres.mean(0)
            stretch = rng.uniform(*MEAN_DISTANCES) / mean_distance(centres)
            centres = middle + stretch * (centres - middle)
        within = np.all(field.clearance(*centres.T) >= diameters / 2)
        if within and smallest_gap(centres, diameters) >= gap:
            return Dots(centres, diameters, colours.polarity(numerosity, rng))
    low, high = MEAN_DISTANCES
    raise ValueError(
        f"mean distance {low:g} to {high:g}: {no_room(diameters, field, gap)}"
    )


def random_shapes(
    numerosity: int, rng: np.random.Generator
) -> tuple[list[str], np.ndarray]:
    """Return shapes with equal chances, and how they are turned: triangles only."""
    names = ["circle", "rectangle", "ellipse", "triangle"]
    shapes = [names[i] for i in rng.integers(len(names), size=numerosity)]
    turns = rng.uniform(0, 2 * np.pi, numerosity)
    return shapes, np.where(np.array(shapes) == "triangle", turns, 0.0)

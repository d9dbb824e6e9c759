"""Small images of one to ten dots, for a network of 32 x 32 pixels."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from ..colours import WHITE_ON_BLACK, Colours
from ..dots import Dots, dot_diameters
from ..fields import square
from ..placement import place
from ..stimulus_set import Design, StimulusSet

Variant = Literal["fixed_size", "constant_area"]

NUMEROSITIES = tuple(range(1, 11))
ACROSS = 32.0
GAP, BORDER = 1.0, 1.0
# The project that this follows does not describe its stimuli. Ten dots of these sizes
# still fit into 32 pixels, and the smallest can be drawn.
DIAMETERS = 3.0, 5.0
# One dot of 9.8 pixels, or ten of 2.5 to 3.7.
TOTAL_AREA, SPREAD = 75.0, 0.2


def one_to_ten(
    n_instances: int = 80,
    seed: int = 0,
    size: int = 32,
    *,
    variant: Variant = "fixed_size",
    colours: Colours = WHITE_ON_BLACK,
) -> StimulusSet:
    """One to ten dots in 32 x 32 pixels, white on black.

    Parameters
    ----------
    n_instances : int
        Images per numerosity.
    seed : int
        Seed, not negative.
    size : int
        Height and width of the images in pixels.
    variant : {"fixed_size", "constant_area"}
        Diameters of 3 to 5 pixels whatever the number, so that total area grows with
        it; or a total area of 75 square pixels, so that dots get smaller.
    colours : Colours
        By default white dots on black.

    Returns
    -------
    StimulusSet
        10 conditions; factor ``numerosity``.

    Raises
    ------
    ValueError
        If an argument is out of range, or ``size`` too small to draw the dots.

    Examples
    --------
    >>> stimuli = one_to_ten(n_instances=2, variant="constant_area")
    >>> stimuli.images.shape, stimuli.table["total_area"][-1].round(6)
    ((20, 32, 32), np.float64(75.0))
    """
    if variant not in get_args(Variant):
        expected = ", ".join(map(repr, get_args(Variant)))
        raise ValueError(f"variant: expected one of {expected}, got {variant!r}")
    field = square(ACROSS - 2 * BORDER)

    def display(condition: int, rng: np.random.Generator) -> tuple[Dots, float]:
        n = NUMEROSITIES[condition]
        if variant == "fixed_size":
            diameters = rng.uniform(*DIAMETERS, n)
        else:
            diameters = dot_diameters(n, TOTAL_AREA / n, SPREAD)
        # Positions half a pixel apart, for small dots.
        centres = place(diameters, field, GAP, 0.5, rng)
        return Dots(centres, diameters, colours.polarity(n, rng)), field.area

    return Design(
        factors={"numerosity": np.array(NUMEROSITIES)},
        labels=tuple(f"n{n:02d}" for n in NUMEROSITIES),
        display=display,
        across=ACROSS,
        unit="px",
        colours=colours,
    ).draw(n_instances, seed, size)

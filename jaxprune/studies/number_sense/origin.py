"""Where tuning comes from: weights from units that rise or fall with number.

Their images: number and total area are crossed, after Stoianov and Zorzi.
"""

from __future__ import annotations

import math
from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from ...numerosity import cell_moments
from ...numerosity.monotonic import monotonic_units
from ...stimuli import WHITE_ON_BLACK, Design, Dots, StimulusSet, place, square
from .networks import Subject
from .units import Units

KINDS = ("decreasing", "increasing")
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


def origin(
    net: Any, subject: Subject, below: np.ndarray, stimuli: StimulusSet, units: Units
) -> dict[str, Any]:
    """Monotonic units of the layer below, and their weights into selective units.

    Parameters
    ----------
    net : Network
    subject : Subject
    below : ndarray (n_images, n_below)
        Responses of all units of the layer below to the area-varying images.
    stimuli : StimulusSet
        Those images.
    units : Units

    Returns
    -------
    dict
        ``n_below``, the number of units, and for each kind ``n_<kind>``;
        ``<kind>_curve``, the mean response by number, from 0 to 1; ``<kind>_weight``,
        the mean weight into the selective units that prefer each number, in SD of all
        weights; ``<kind>_weight_none``, into non-selective units.
    """
    number = stimuli.levels("numerosity")
    found = monotonic_units(below, number, stimuli.table["total_area"])
    conv = _part(net, subject.conv)
    kernel = np.asarray(conv.kernel[...], np.float64)
    channels = kernel.shape[2] * conv.feature_group_count
    side = math.isqrt(below.shape[1] // channels)
    measured: dict[str, Any] = {"n_below": below.shape[1]}
    for kind in KINDS:
        mask = getattr(found, kind)
        total, count = summed_weights(kernel, mask.reshape(channels, side, side))
        total /= kernel.std()
        by_number = [
            _mean(total, count, units.selective[units.prefer == level])
            for level in range(len(np.unique(number)))
        ]
        measured |= {
            f"n_{kind}": int(mask.sum()),
            f"{kind}_curve": _curve(below[:, mask], number),
            f"{kind}_weight": np.array(by_number),
            f"{kind}_weight_none": np.array(_mean(total, count, units.non_selective)),
        }
    return measured


def summed_weights(
    kernel: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the weights from chosen units into every unit, and how many there are.

    Parameters
    ----------
    kernel : ndarray (height, width, channels in a group, channels out)
        Of a convolution with stride 1 that leaves the size of maps as it is.
    chosen : ndarray of bool (channels, h, w)
        Units below. Those outside of a unit's group or field are not connected to it.

    Returns
    -------
    total, count : ndarray (channels out * h * w,)

    Examples
    --------
    >>> chosen = np.array([[[True, False, True]]])
    >>> total, count = summed_weights(np.full((3, 3, 1, 1), 0.5), chosen)
    >>> total, count
    (array([0.5, 1. , 0.5]), array([1, 2, 1]))
    """
    height, width, n_in, n_out = kernel.shape
    n_groups = len(chosen) // n_in
    padding = [(0, 0), (height // 2,) * 2, (width // 2,) * 2]
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(chosen, padding), (height, width), (1, 2)
    )
    totals, counts = [], []
    for seen, weights in zip(
        np.split(windows, n_groups), np.split(kernel, n_groups, axis=3), strict=True
    ):
        # (h, w, channels out) to channels first, the order of units.
        sums = np.tensordot(seen, weights, ([3, 4, 0], [0, 1, 2]))
        totals.append(np.moveaxis(sums, -1, 0).ravel())
        counts.append(np.tile(seen.sum((0, 3, 4)).ravel(), n_out // n_groups))
    return np.concatenate(totals), np.concatenate(counts)


def _mean(total: np.ndarray, count: np.ndarray, units: np.ndarray) -> float:
    """Mean weight into some units; NaN where there is no connection."""
    n = count[units].sum()
    return float(total[units].sum() / n) if n else float("nan")


def _curve(x: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Mean response by number, from 0 to 1; NaN without units."""
    if not x.shape[1]:
        return np.full(len(np.unique(number)), np.nan)
    means = cell_moments(x, {"numerosity": number}).mean.mean(1)
    return (means - means.min()) / np.ptp(means)


def _part(net: Any, path: str) -> Any:
    """Module of a network by its name, such as ``"features.10"``."""
    return reduce(
        lambda module, name: (
            module[int(name)] if name.isdigit() else getattr(module, name)
        ),
        path.split("."),
        net,
    )

"""Means over seeds beside the published numbers, and beside emulated ones."""

from __future__ import annotations

import numpy as np

from ...numerosity import AXES
from ...report import Compared
from . import published
from .networks import UNTRAINED
from .options import Options
from .results import Version
from .widths import slope

KIM, NASR = "alexnet_kim", "nasr"


def comparisons(version: Version, options: Options) -> list[Compared]:
    """Every number of a network that has a published counterpart."""
    selective = 100 * float(version.share("nasr").mean())
    if version.key == (KIM, UNTRAINED):
        exact = options.kim_images == published.KIM_IMAGES
        tolerance = published.TOLERANCE if exact else None
        name = "selective units, %"
        return [Compared(name, selective, published.KIM_SELECTIVE, tolerance)]
    if version.key[0] != NASR:
        return []
    match = 100 * float(version.mean("match").mean()) if version.has("match") else None
    return [
        Compared("selective units, %", selective, published.NASR_SELECTIVE),
        Compared("match-to-sample, % right", match, published.NASR_MATCHING),
        Compared(
            "selective units, %, study of 2021",
            selective,
            published.NASR_2021_SELECTIVE,
        ),
        Compared(
            "match-to-sample, % right, study of 2021",
            match,
            published.NASR_2021_MATCHING,
        ),
    ]


def emulated(version: Version) -> list[Compared]:
    """Share and fits beside those of an emulation of the same network."""
    if version.key != (KIM, UNTRAINED):
        return []
    r2, slopes = fits(version, "tuning")
    selective = 100 * float(version.share("nasr").mean())
    rows = [
        Compared(
            "selective units, %, 50 images", selective, published.EMULATED_SELECTIVE
        )
    ]
    for axis, name in published.AXIS_NAMES.items():
        theirs = published.EMULATED_R2[axis]
        rows.append(Compared(f"mean r², {name} axis", r2[axis], theirs))
    for axis, name in published.AXIS_NAMES.items():
        theirs = published.EMULATED_SLOPE[axis]
        rows.append(Compared(f"growth of sigma, {name} axis", slopes[axis], theirs))
    return rows


def fits(version: Version, kind: str) -> tuple[dict[str, float], dict[str, float]]:
    """Mean r² and growth of sigma per item, by axis, means over seeds.

    Parameters
    ----------
    version : Version
    kind : {"tuning", "held_out", "performance"}
    """
    r2, slopes = {}, {}
    for row, axis in enumerate(AXES):
        r2[axis] = mean(version.arrays(f"{kind}_r2")[:, row])
        sigmas = version.arrays(f"{kind}_sigma")[:, row]
        slopes[axis] = mean([slope(version.levels, sigma) for sigma in sigmas])
    return r2, slopes


def by_congruency(version: Version, group: str) -> np.ndarray:
    """Accuracy of a group by quantity, for congruent and for incongruent pairs."""
    both = [
        version.arrays(f"area_{group}_{kind}") for kind in ("congruent", "incongruent")
    ]
    # (quantity, seeds x draws)
    rows = [np.moveaxis(kind, 1, 0).reshape(kind.shape[1], -1) for kind in both]
    return np.array([[mean(row) for row in kind] for kind in rows]).T


def mean(values: object) -> float:
    """Mean of what is defined; NaN without anything.

    >>> mean([1.0, float("nan"), 3.0])
    2.0
    """
    array = np.asarray(values, np.float64)
    defined = array[np.isfinite(array)]
    return float(defined.mean()) if defined.size else float("nan")

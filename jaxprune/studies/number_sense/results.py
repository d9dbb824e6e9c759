"""What was found of one network over its seeds, and our numbers beside published ones.

A version is a network with one kind of weights: the part of what was found that is
about it, with all seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...numerosity import AXES
from ...report import Compared
from ..framework import Found, Measured, Published
from .networks import Case
from .units import slope

KNOWN = Published.of(__name__)
AXIS_NAMES = dict(
    zip(AXES, ("linear", "square root", "cube root", "logarithmic"), strict=True)
)


def versions(found: Found) -> list[Found]:
    """What was found of each network and version."""
    return list(found.groups("network", "version").values())


def model(found: Found) -> Measured:
    """The summation model."""
    (one,) = found.having("model")
    return one


def case(version: Found) -> Case:
    """Network and weights, with the first seed."""
    return version.measured[0].about["case"]


def title(version: Found) -> str:
    """Such as ``"AlexNet, untrained"``."""
    first = case(version)
    return f"{first.subject.title}, {first.version}"


def levels(version: Found) -> np.ndarray:
    """Numbers shown."""
    return version.measured[0]["levels"]


def has(version: Found, name: str) -> bool:
    """Whether something was measured, with any seed."""
    return any(name in one.content for one in version)


def with_origin(found: Found) -> list[Found]:
    """Networks and versions whose origin of tuning was looked for."""
    return [version for version in versions(found) if has(version, "n_below")]


def stacked(version: Found, name: str) -> np.ndarray:
    """Array of each seed that has it, stacked."""
    return np.stack([one[name] for one in version if name in one.content])


def mean(version: Found, name: str) -> np.ndarray:
    """Mean of an array over seeds, as far as it is defined."""
    return mean_of_defined(stacked(version, name), 0)


def overall(version: Found, name: str) -> float | None:
    """Mean of an array, over seeds too; None where it was not measured."""
    if not has(version, name):
        return None
    return float(mean_of_defined(stacked(version, name)))


def share(version: Found, count: str, of: str = "n_units") -> float:
    """Share of units that a rule selects, mean over seeds."""
    return float(np.mean([one[count] / one[of] for one in version]))


def fits(version: Found, kind: str) -> tuple[dict[str, float], dict[str, float]]:
    """Mean r² and growth of sigma per item, by axis, means over seeds.

    Parameters
    ----------
    version : Found
    kind : {"tuning", "held_out", "performance"}
    """
    r2, slopes, numbers = {}, {}, levels(version)
    for row, axis in enumerate(AXES):
        r2[axis] = float(mean_of_defined(stacked(version, f"{kind}_r2")[:, row]))
        sigmas = stacked(version, f"{kind}_sigma")[:, row]
        slopes[axis] = float(mean_of_defined([slope(numbers, s) for s in sigmas]))
    return r2, slopes


def by_congruency(version: Found, group: str) -> np.ndarray:
    """Accuracy of a group by quantity, for congruent and for incongruent pairs."""
    kinds = "congruent", "incongruent"
    # (quantity, seeds x draws)
    both = [np.concatenate(stacked(version, f"area_{group}_{k}"), 1) for k in kinds]
    return np.stack([mean_of_defined(one, 1) for one in both], 1)


def comparisons(version: Found) -> list[Compared]:
    """Every number of a network that has a published counterpart."""
    selective, match = 100 * share(version, "n_nasr"), overall(version, "match")
    right = None if match is None else 100 * match
    first = case(version)
    ours = {
        "selective units, %": selective,
        "match-to-sample, % right": right,
        "selective units, %, study of 2021": selective,
        "match-to-sample, % right, study of 2021": right,
    }
    # The share falls with the number of images: ours is held to the published one only
    # where it has as many.
    images = getattr(version.options, first.subject.images)
    return _known(ours, network=first.network, version=first.version, images=images)


def emulated(version: Found) -> list[Compared]:
    """Share and fits beside those of an emulation of the same network."""
    r2, slopes = fits(version, "tuning")
    first = case(version)
    ours = {
        "selective units, %, 50 images": 100 * share(version, "n_nasr"),
        **{f"mean r², {AXIS_NAMES[axis]} axis": r2[axis] for axis in AXES},
        **{f"growth of sigma, {AXIS_NAMES[axis]} axis": slopes[axis] for axis in AXES},
    }
    rows = _known(ours, network=first.network, version=first.version)
    # Nothing was printed: they are numbers as ours are.
    return [replace(row, published=float(str(row.published))) for row in rows]


def _known(ours: Mapping[str, float | None], **keys: Any) -> list[Compared]:
    """Those of our numbers that a counterpart is known of."""
    rows = (KNOWN.compared(name, value, **keys) for name, value in ours.items())
    return [row for row in rows if row.published is not None]


def source(network: str) -> str:
    """Where the share of selective units of a network was published."""
    row = KNOWN.where("selective units, %", network=network)
    return row["source"] if row else ""

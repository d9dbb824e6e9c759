"""What was found, by experiment, and our numbers beside the published ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...inference import Overlap, overlap
from ...report import Compared
from ..framework import Found, Measured, Published
from ..framework.published import differences
from .options import Options
from .tracking import KEPT, PUBLISHED, RANDOM

R2, MAX_POZ = "r2", "max_poz"
# All units fit themselves perfectly, but for round-off.
DECIMALS = 12
# Per cent of units kept at which human similarities were published.
LEVELS = (50, 24, 12, 6, 3)
# Published: 410 of 4,096 units.
FEW = 0.1
KNOWN = Published.of(__name__)


def images_shown(options: Options) -> str:
    """What LeNet-5 sees; empty where it is not looked at."""
    if not options.tracks:
        return ""
    return "dot arrays" if options.images is None else Path(options.images).name


def networks(found: Found) -> list[Measured]:
    """Networks that means are over: those trained here, or else those given."""
    everything = found.having("network")
    return list(everything.where(trained=True) or everything)


def accuracy(one: Measured) -> float:
    """Share of the test images that are right, after training."""
    *_, last = one["accuracy"].values()
    return last


def curve(one: Measured, which: str = R2, varied: str = PUBLISHED) -> np.ndarray:
    """R squared or largest percentage of zeros of one network."""
    return np.array(one["curves"][varied][which])


def curves(found: Found, which: str = R2, varied: str = PUBLISHED) -> np.ndarray:
    """Curves of all networks that means are over, ``(n_networks, 10)``."""
    return np.stack([curve(one, which, varied) for one in networks(found)])


def varied(found: Found) -> list[str]:
    """What is varied, by the names of the curves, the experiment itself first."""
    names = dict.fromkeys(name for one in networks(found) for name in one["curves"])
    return sorted(names, key=lambda name: name != PUBLISHED)


@dataclass(frozen=True)
class Level:
    """Experiment 1 at one level of pruning.

    Attributes
    ----------
    kept : int
        Per cent of units.
    compared : Compared
        Mean of our networks, and the published one.
    sd : float or None
        Over networks; None of one.
    random : float or None
        Mean of random orders; None where they have no such value.
    """

    kept: int
    compared: Compared
    sd: float | None
    random: float | None


def levels(found: Found, which: str) -> list[Level]:
    """Every level of pruning, of R squared or of the largest percentage of zeros."""
    ours = curves(found, which).round(DECIMALS)
    mean, sd = ours.mean(0), spread(ours)
    random = curves(found, which, RANDOM).mean(0)
    return [
        Level(
            kept,
            KNOWN.compared(which, float(mean[i]), f"{kept} % kept", percent=kept),
            None if len(ours) == 1 else float(sd[i]),
            None if np.isnan(random[i]) else float(random[i]),
        )
        for i, kept in enumerate(KEPT)
    ]


def spread(values: np.ndarray) -> np.ndarray:
    """Standard deviation over networks; NaN of one."""
    if len(values) == 1:
        return np.full(values.shape[1:], np.nan)
    return values.std(0, ddof=1)


def percent_kept(one: Measured) -> np.ndarray:
    """Per cent of units kept, of every size of a set."""
    return 100 * one["sizes"] / one["n_units"]


def below(one: Measured, percent: float) -> float:
    """Per cent of units whose percentage of zeros is at most this."""
    return float(100 * (one["poz"] <= percent / 100).mean())


def published_below(name: str) -> dict[int, str]:
    """What was published of these shares, by percentage of zeros."""
    return _published_at("units with few zeros", name, (80, 90))


def published_fits(name: str) -> dict[int, str]:
    """Published fits to human similarities, by per cent of units kept."""
    return _published_at("human r2", name, (100, *LEVELS))


def _published_at(
    quantity: str, name: str, percents: tuple[int, ...]
) -> dict[int, str]:
    found = {p: KNOWN.value(quantity, set=name, percent=p) for p in percents}
    return {percent: value for percent, value in found.items() if value is not None}


def of_set(one: Measured) -> list[Compared]:
    """Experiment 2, a set with the name of a published category; else empty."""
    name = one.about["set"]
    rows = []
    for percent, value in published_fits(name).items():
        nearest = np.abs(percent_kept(one) - percent).argmin()
        every = percent == 100
        ours = one["full"] if every else float(one["curve"][nearest])
        title = "all units" if every else f"{percent} % kept"
        rows.append(Compared(title, ours, value))
    if (best := KNOWN.value("best human r2", set=name)) is not None:
        where = KNOWN.value("percent kept at best", set=name)
        title = f"best part (published: {where} %)"
        rows.append(Compared(title, one["best"], best))
    for percent, value in published_below(name).items():
        title = f"% of units with at most {percent} % zeros"
        rows.append(Compared(title, below(one, percent), value))
    return rows


def kept(one: Measured) -> np.ndarray:
    """Mask of the tenth of the units that fire most often."""
    poz = one["poz"]
    mask = np.zeros(len(poz), bool)
    mask[np.argsort(poz, kind="stable")[: round(FEW * len(poz))]] = True
    return mask


def pairs(found: Found) -> list[tuple[str, str, Overlap, Overlap]]:
    """Any two sets with as many units: overlap of the units kept, and dropped."""
    sets = [(one.about["set"], kept(one)) for one in found.having("set")]
    return [
        (name, other, overlap(first, second), overlap(~first, ~second))
        for i, (name, first) in enumerate(sets)
        for other, second in sets[i + 1 :]
        if len(first) == len(second)
    ]


def both_experiments(found: Found) -> list[dict[str, Any]]:
    """All numbers beside published ones, for ``summary.json``."""
    rows: list[dict[str, Any]] = []
    for which in (R2, MAX_POZ) if found.having("network") else ():
        known = levels(found, which)
        about = {"experiment": 1, "quantity": which}
        compared = differences([one.compared for one in known], **about)
        rows += [row | {"sd": one.sd} for row, one in zip(compared, known, strict=True)]
    for one in found.having("set"):
        about = {"experiment": 2, "set": one.about["set"]}
        rows += differences(of_set(one), **about)
    return rows

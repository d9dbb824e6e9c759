"""What the study found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...inference import Overlap, overlap
from .options import Options
from .published import LEVELS
from .tracking import PUBLISHED

# Published: 410 of 4,096 units.
FEW = 0.1


@dataclass(frozen=True, eq=False)
class Tracked:
    """One LeNet-5; see :func:`~.tracking.measure`.

    Attributes
    ----------
    name : str
    trained : bool
        Here; False for a network that was given.
    record : dict
    """

    name: str
    trained: bool
    record: dict[str, Any]

    @property
    def accuracy(self) -> float:
        """Share of the test images that are right, after training."""
        *_, last = self.record["accuracy"].values()
        return last

    def curve(self, which: str = "r2", varied: str = PUBLISHED) -> np.ndarray:
        """R squared (``"r2"``) or largest percentage of zeros (``"max_poz"``)."""
        return np.array(self.record["curves"][varied][which])


@dataclass(frozen=True, eq=False)
class Predicted:
    """One set of images; see :func:`~.predicting.predict`.

    Attributes
    ----------
    name : str
    record : dict
    arrays : dict of ndarray
    """

    name: str
    record: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def percent(self) -> np.ndarray:
        """Per cent of units kept, of every size."""
        return 100 * self.arrays["sizes"] / self.record["n_units"]

    @property
    def at_levels(self) -> np.ndarray:
        """R squared at the size nearest to each level that was published."""
        distance = np.abs(self.percent[:, None] - np.array(LEVELS))
        return self.arrays["curve"][distance.argmin(0)]

    def below(self, percent: float) -> float:
        """Per cent of units whose percentage of zeros is at most this."""
        return float(100 * (self.arrays["poz"] <= percent / 100).mean())

    @property
    def kept(self) -> np.ndarray:
        """Mask of the tenth of the units that fire most often."""
        poz = self.arrays["poz"]
        mask = np.zeros(len(poz), bool)
        mask[np.argsort(poz, kind="stable")[: round(FEW * len(poz))]] = True
        return mask


@dataclass(frozen=True, eq=False)
class RarelyFiring:
    """Both experiments.

    Attributes
    ----------
    options : Options
    images : str
        What LeNet-5 saw.
    networks : tuple of Tracked
    sets : tuple of Predicted
    seconds : float
        Time that this run took, parts that were done before not counted.
    """

    options: Options
    images: str
    networks: tuple[Tracked, ...]
    sets: tuple[Predicted, ...]
    seconds: float

    @property
    def dots(self) -> bool:
        """Whether LeNet-5 saw dot arrays in place of CIFAR-10."""
        return self.options.images is None

    @property
    def trained(self) -> tuple[Tracked, ...]:
        """Networks that means are over: those trained here, or else those given."""
        here = tuple(network for network in self.networks if network.trained)
        return here or self.networks

    @property
    def varied(self) -> tuple[str, ...]:
        """What is varied, by the names of the curves, the experiment itself first."""
        names = dict.fromkeys(n for one in self.trained for n in one.record["curves"])
        return tuple(sorted(names, key=lambda name: name != PUBLISHED))

    def curves(self, which: str = "r2", varied: str = PUBLISHED) -> np.ndarray:
        """Curves of all of these networks, ``(n_networks, 10)``."""
        return np.stack([one.curve(which, varied) for one in self.trained])

    def pairs(self) -> list[tuple[str, str, Overlap, Overlap]]:
        """Any two sets with as many units: overlap of the units kept, and dropped."""
        return [
            (one.name, other.name, *(_overlaps(one.kept, other.kept)))
            for i, one in enumerate(self.sets)
            for other in self.sets[i + 1 :]
            if one.record["n_units"] == other.record["n_units"]
        ]


def _overlaps(one: np.ndarray, other: np.ndarray) -> tuple[Overlap, Overlap]:
    return overlap(one, other), overlap(~one, ~other)


def spread(values: np.ndarray) -> np.ndarray:
    """Standard deviation over networks; NaN of one."""
    if len(values) == 1:
        return np.full(values.shape[1:], np.nan)
    return values.std(0, ddof=1)

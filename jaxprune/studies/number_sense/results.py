"""What the study found, network by network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .measuring import Found
from .options import Options


@dataclass(frozen=True, eq=False)
class Version:
    """One network with one kind of weights, over its seeds.

    Attributes
    ----------
    title : str
        Such as ``"AlexNet, untrained"``.
    found : tuple of Found
        By seed.
    """

    title: str
    found: tuple[Found, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Network and version."""
        return self.found[0].case.key

    @property
    def levels(self) -> np.ndarray:
        """Numbers shown."""
        return self.found[0].arrays["levels"]

    def has(self, name: str) -> bool:
        """Whether an array was measured, with any seed."""
        return any(name in found.arrays for found in self.found)

    def arrays(self, name: str) -> np.ndarray:
        """Array of each seed that has it, stacked."""
        return np.stack(
            [found.arrays[name] for found in self.found if name in found.arrays]
        )

    def mean(self, name: str) -> np.ndarray:
        """Mean of an array over seeds, as far as it is defined."""
        stack = self.arrays(name)
        defined = np.isfinite(stack).sum(0)
        total = np.nansum(stack, axis=0)
        return np.divide(
            total, defined, out=np.full(total.shape, np.nan), where=defined > 0
        )

    def share(self, rule: str) -> np.ndarray:
        """Share of units that a rule selects, by seed."""
        records = [found.record for found in self.found]
        return np.array([r[f"n_{rule}"] / r["n_units"] for r in records])


@dataclass(frozen=True, eq=False)
class NumberSense:
    """What the study found.

    Attributes
    ----------
    options : Options
    found : tuple of Found
        By network, version and seed.
    model : dict of ndarray
        The summation model: ``levels``, ``share``, ``decreasing`` and ``increasing``
        as in :class:`~jaxprune.numerosity.summation.Summation`, ``curves`` (means over
        runs), and ``tuning_sigma`` and ``tuning_r2`` of these.
    seconds : float
        Time that this run took, parts that were done before not counted.
    """

    options: Options
    found: tuple[Found, ...]
    model: dict[str, np.ndarray]
    seconds: float

    @property
    def versions(self) -> tuple[Version, ...]:
        """Networks and versions, each with all seeds."""
        keys = dict.fromkeys(found.case.key for found in self.found)
        grouped = [
            tuple(found for found in self.found if found.case.key == key)
            for key in keys
        ]
        return tuple(
            Version(f"{found[0].case.subject.title}, {found[0].case.version}", found)
            for found in grouped
        )

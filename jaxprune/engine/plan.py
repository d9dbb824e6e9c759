"""What a computation is going to do with its memory, before it does it.

The figures are those that the engine goes by, so that ``jaxprune info --plan`` tells
the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.arrays import float_of
from ..execution import budget
from ..execution.budget import bucket
from ..execution.devices import ComputeDevice, devices_of
from ..execution.memory import device_memory, size
from ..execution.pieces import width_of
from ..execution.shards import Shards
from .select import select_path


@dataclass(frozen=True)
class Plan:
    """How a layer of a certain shape is pruned, from the same figures as the engine.

    Attributes
    ----------
    path : str
        Of the importances.
    rows, n_units, itemsize : int
        Conditions (in all folds), units, and bytes of a feature.
    devices : list of ComputeDevice
        Devices, of all processes.
    folds : int
    """

    path: str
    rows: int
    n_units: int
    itemsize: int
    devices: list[ComputeDevice]
    folds: int = 1

    @staticmethod
    def of(
        features: Any,
        metric: str = "correlation",
        compare: str = "pearson",
        *,
        method: str = "auto",
        precision: str = "auto",
        devices: Any = None,
        memory: Any = None,
    ) -> Plan:
        """Plan for features, of which only shape and dtype are looked at."""
        folds = features.shape[0] if len(features.shape) == 3 else 1
        return Plan(
            select_path(metric, compare, method),
            folds * features.shape[-2],
            features.shape[-1],
            float_of(features.dtype).itemsize,
            devices_of(features, precision, devices, memory),
            folds,
        )

    @property
    def share(self) -> int:
        """Units of the device that has most."""
        return int(np.diff(self._shards.bounds).max())

    @property
    def width(self) -> int:
        """Units of a piece, the most that a device holds at a time."""
        device = self.devices[0]
        return min(width_of(device, self.rows, self.itemsize, self.share), self.share)

    @property
    def stays(self) -> bool:
        """Whether the features stay on the devices, or stream from the host."""
        return self.width >= self.share

    @property
    def units_together(self) -> int:
        """Units whose importances are computed together in a thread."""
        device, width = self.devices[0], bucket(self.width)
        if self.path == "closed_form":
            return budget.units_per_block(device, None, width, self.rows)
        if self.path == "downdate":
            return budget.units_per_batch(self._n_pairs, device, None, width)
        return budget.masks_per_batch(
            self._n_pairs, self.n_units, device, None, self.n_units
        )

    @property
    def prefixes_together(self) -> int:
        """Prefixes whose scores are computed together in a thread."""
        return budget.prefixes_per_batch(
            self._n_pairs, self.devices[0], None, self.n_units
        )

    @property
    def bytes_of_pieces(self) -> int:
        """Bytes of the pieces of the layer that a device holds at once."""
        pieces = 1 if self.stays else self.devices[0].workers + 1
        return pieces * bucket(self.width) * self.rows * self.itemsize

    @property
    def bytes_of_importance(self) -> int:
        """Bytes of a device that the importances of one target take beside pieces."""
        device = self.devices[0]
        item = np.dtype(device.dtype).itemsize
        # Similarities, their moments, the target, and products of these.
        matrices = MATRICES * self.rows**2 * item
        each = budget.ALIVE * self._n_pairs * item
        if self.path == "closed_form":
            each = budget.BLOCK_ARRAYS * self.rows * item
        threads = 1 if self.path == "masked" else device.workers
        return matrices + threads * self.units_together * each

    @property
    def bytes_of_prefixes(self) -> int:
        """Bytes of a device that the curve takes beside units."""
        device = self.devices[0]
        each = budget.ALIVE * self._n_pairs * np.dtype(device.dtype).itemsize
        return device.workers * self.prefixes_together * each

    @property
    def bytes_needed(self) -> int:
        """Most bytes that a device holds."""
        beside = max(self.bytes_of_importance, self.bytes_of_prefixes)
        return self.bytes_of_pieces + beside

    def lines(self) -> list[tuple[str, str]]:
        """What there is to know, as labels and texts."""
        device, many = self.devices[0], len(self.devices)
        n, given = self.rows // self.folds, self.rows * self.n_units * self.itemsize
        folds = f"{self.folds} folds x " if self.folds > 1 else ""
        where = "stay on the device" if self.stays else "stream from the host"
        pieces = -(-self.share // self.width)
        return [
            (
                "features",
                f"{folds}{n} conditions x {self.n_units:,} units, {size(given)}",
            ),
            ("path", f"{self.path}, then prefixes, in {device.dtype}"),
            ("devices", f"{many} ({device.name}), up to {self.share:,} units each"),
            (
                "memory",
                f"{size(device.memory)} for each device, of "
                f"{size(device_memory(device.jax_device))}",
            ),
            (
                "pieces",
                f"{where}: {pieces} piece{'s' * (pieces > 1)} of up to "
                f"{self.width:,} units, {size(self.bytes_of_pieces)} at once",
            ),
            (
                "importances",
                f"{self.units_together:,} units together, {device.workers} thread"
                f"{'s' * (device.workers > 1)}: {size(self.bytes_of_importance)}",
            ),
            (
                "curve",
                f"{self.prefixes_together:,} prefixes together: "
                f"{size(self.bytes_of_prefixes)}",
            ),
            ("in all", f"{size(self.bytes_needed)} a device"),
        ]

    @property
    def _n_pairs(self) -> int:
        n = self.rows // self.folds
        return n * (n - 1) // 2

    @property
    def _shards(self) -> Shards:
        return Shards(tuple(device.jax_device for device in self.devices), self.n_units)


# Square matrices of conditions that leave-one-out needs: seven of a layer, two of a
# target, and what XLA holds of their products.
MATRICES = 16

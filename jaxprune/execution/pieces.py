"""Pieces of a layer: as many units as a device takes at a time.

A piece is loaded onto its device when it is wanted. Pieces that fit there together
stay; otherwise each is dropped when nothing uses it any more, and loaded again in the
next pass over the layer: features stream from the host.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .budget import SMALLEST_BLOCK, bucket
from .devices import ComputeDevice
from .shards import Shards

# On a CPU a piece is a copy of what is in the same memory. To copy it again in the next
# pass takes a hundredth of what is computed with it: larger layers are nowhere twice.
COPIED = 2**26
# Where XLA takes an array of NumPy as it is, and copies it otherwise.
ALIGNMENT = 64


@dataclass(eq=False)
class Piece:
    """Some units of each local device.

    Attributes
    ----------
    shards : Shards
    units : list of slice
        Of each local device, among those of this process. May be empty: a layer may
        have fewer units than there are devices.
    source : ndarray, jax array or SparseUnits (m, N_here)
        Features of all units of this process.
    width : int
        Columns on a device; those after its last unit are zero.
    stays : bool
        It is loaded once.
    """

    shards: Shards
    units: list[slice]
    source: Any
    width: int
    stays: bool
    _lock: Any = field(default_factory=Lock, repr=False)
    _loaded: Any = field(default=None, repr=False)
    _seen: Any = field(default=lambda: None, repr=False)

    @property
    def n_units(self) -> np.ndarray:
        """Number of units of each local device."""
        return np.array([units.stop - units.start for units in self.units], np.int32)

    def load(self) -> jax.Array:
        """Features ``(m, width)`` or ``(D, m, width)``, in their own dtype."""
        with self._lock:
            x = self._loaded if self.stays else self._seen()
            if x is None:
                x = self.shards.spread([self._columns(units) for units in self.units])
                if self.stays:
                    self._loaded = x
                else:
                    self._seen = weakref.ref(x)
            return x

    def slice_of(self, device: int, start: int, length: int) -> tuple[slice, int]:
        """Units here of some columns of a local device, and how many there are."""
        units = self.units[device]
        first = min(units.start + int(start), units.stop)
        stop = min(first + length, units.stop)
        return slice(first, stop), stop - first

    def counts(self) -> jax.Array:
        """`n_units` on the devices, each its own."""
        return self.shards.spread([np.asarray(n) for n in self.n_units])

    def masks(self, masks: np.ndarray) -> jax.Array:
        """Masks ``(..., N_here)`` for the columns on the devices ``(..., width)``."""
        chosen = np.zeros((len(self.units), *masks.shape[:-1], self.width), bool)
        for row, units in zip(chosen, self.units, strict=True):
            row[..., : units.stop - units.start] = masks[..., units]
        return self.shards.spread(list(chosen))

    def _columns(self, units: slice) -> Any:
        n_units = units.stop - units.start
        array = isinstance(self.source, np.ndarray | jax.Array)
        if array and n_units == self.source.shape[1] == self.width:
            return self.source
        if isinstance(self.source, jax.Array):
            # Not source[:, units]: every slice would be compiled for itself.
            columns = jax.lax.dynamic_slice_in_dim(
                self.source, np.int32(units.start), n_units, 1
            )
            return jnp.pad(columns, ((0, 0), (0, self.width - n_units)))
        columns = _empty((len(self.source), self.width), self.source.dtype)
        columns[:, :n_units] = self.source[:, units]
        columns[:, n_units:] = 0
        return columns


def _empty(shape: tuple[int, int], dtype: np.dtype) -> np.ndarray:
    """An array that need not be copied once more."""
    n_bytes = shape[0] * shape[1] * dtype.itemsize
    room = np.empty(n_bytes + ALIGNMENT, np.uint8)
    first = -room.ctypes.data % ALIGNMENT
    return room[first : first + n_bytes].view(dtype).reshape(shape)


def whole(device: ComputeDevice, source: Any) -> Piece:
    """All units in one piece, which stays on one device."""
    n_units = source.shape[1]
    shards = Shards((device.jax_device,), n_units)
    return Piece(shards, [slice(0, n_units)], source, n_units, True)


def pieces_of(source: Any, device: ComputeDevice, shards: Shards) -> list[Piece]:
    """Cut the units of this process, those of all its devices in the same way.

    Parameters
    ----------
    source : ndarray, jax array or SparseUnits (m, N_here)
    device : ComputeDevice
        Any of the devices: their memory is the same.
    shards : Shards
    """
    bounds = shards.local_bounds
    most = int(np.diff(bounds).max())
    width = width_of(device, len(source), source.dtype.itemsize, most)
    pieces = []
    for first in range(0, max(most, 1), width):
        units = [
            slice(min(start + first, stop), min(start + first + width, stop))
            for start, stop in zip(bounds[:-1], bounds[1:], strict=True)
        ]
        columns = bucket(min(width, most - first))
        pieces.append(Piece(shards, units, source, columns, width >= most))
    return pieces


def width_of(device: ComputeDevice, rows: int, itemsize: int, n_units: int) -> int:
    """Units of a piece: all of a device's if half of its memory holds them.

    Otherwise so many that the pieces in flight, one for each thread and one that
    another is about to leave, fit in a quarter.

    Raises
    ------
    ValueError
        Less memory than pieces of a reasonable size need.
    """
    each, memory = rows * itemsize, device.memory
    if device.on_cpu:
        memory = min(memory, 2 * COPIED)
    if bucket(n_units) * each <= memory // 2:
        return max(n_units, 1)
    in_flight = 4 * (device.workers + 1) * each
    fitting = memory // in_flight
    if fitting < SMALLEST_BLOCK:
        raise ValueError(
            f"memory is {device.memory:,} bytes for each device; at least "
            f"{SMALLEST_BLOCK * in_flight:,} are needed for {rows} conditions in "
            f"pieces of {SMALLEST_BLOCK} units. Give more."
        )
    # A bucket itself, so that no column of a full piece is empty.
    step = 1 << max(fitting.bit_length() - 4, 0)
    return fitting // step * step

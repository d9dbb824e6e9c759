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

from .device import Place


@dataclass(eq=False)
class Piece:
    """Some units of a layer, on one device.

    Attributes
    ----------
    place : Place
    first : int
        Its first unit, among those of this process.
    n_units : int
        May be 0: a layer may have fewer units than there are devices.
    source : ndarray or jax array (m, N_here)
        Features of all units of this process.
    width : int
        Columns on the device; those after the last unit are zero.
    stays : bool
        It is loaded once.
    """

    place: Place
    first: int
    n_units: int
    source: Any
    width: int
    stays: bool
    _lock: Any = field(default_factory=Lock, repr=False)
    _loaded: Any = field(default=None, repr=False)
    _seen: Any = field(default=lambda: None, repr=False)

    @property
    def units(self) -> slice:
        """Its units, among those of this process."""
        return slice(self.first, self.first + self.n_units)

    def load(self) -> jax.Array:
        """Features ``(m, width)``, in their own dtype."""
        with self._lock:
            x = self._loaded if self.stays else self._seen()
            if x is None:
                x = self._columns()
                if self.stays:
                    self._loaded = x
                else:
                    self._seen = weakref.ref(x)
            return x

    def _columns(self) -> jax.Array:
        whole = self.first == 0 and self.n_units == self.source.shape[1] == self.width
        if whole:
            return self.place.put(self.source)
        if isinstance(self.source, jax.Array):
            # Not source[:, units]: every slice would be compiled for itself.
            columns = jax.lax.dynamic_slice_in_dim(
                self.source, np.int32(self.first), self.n_units, 1
            )
            missing = self.width - self.n_units
            return self.place.put(jnp.pad(columns, ((0, 0), (0, missing))))
        columns = np.zeros((len(self.source), self.width), self.source.dtype)
        columns[:, : self.n_units] = self.source[:, self.units]
        return self.place.put(columns)


def whole(place: Place, source: Any) -> Piece:
    """All units in one piece, which stays."""
    n_units = source.shape[1]
    return Piece(place, 0, n_units, source, n_units, True)


def bucket(n_units: int) -> int:
    """Width of a piece with n units: 8 to 15 times a power of two, at least n.

    Layers of similar width then share compiled kernels, and at most an eighth of a
    piece is empty.

    >>> [bucket(n) for n in (0, 1, 20, 4096, 25_088, 200_704)]
    [1, 1, 20, 4096, 26624, 212992]
    """
    step = 1 << max(max(n_units, 1).bit_length() - 4, 0)
    return max(-(-n_units // step) * step, 1)


def pieces_of(source: Any, places: list[Place], bounds: np.ndarray) -> list[Piece]:
    """Cut the units of this process, place by place.

    Parameters
    ----------
    source : ndarray or jax array (m, N_here)
    places : list of Place
        Devices of this process.
    bounds : ndarray of int
        First unit of each device's share among those of this process, and the end.
    """
    pieces, rows = [], len(source)
    for place, start, stop in zip(places, bounds[:-1], bounds[1:], strict=True):
        width = width_of(place, rows, source.dtype.itemsize, int(stop - start))
        stays = width >= stop - start
        for first in range(int(start), max(int(stop), int(start) + 1), width):
            count = min(width, int(stop) - first)
            pieces.append(
                Piece(place, first, count, source, bucket(min(width, count)), stays)
            )
    return pieces


def width_of(place: Place, rows: int, itemsize: int, n_units: int) -> int:
    """Units of a piece: all of a device's if half of its memory holds them.

    Otherwise so many that the pieces in flight, one for each thread and one that
    another is about to leave, fit in a quarter.
    """
    each = rows * itemsize
    if bucket(n_units) * each <= place.memory // 2:
        return max(n_units, 1)
    fitting = place.memory // 4 // ((place.workers + 1) * each)
    # A bucket itself, so that no column of a full piece is empty.
    step = 1 << max(int(fitting).bit_length() - 4, 0)
    return max(int(fitting) // step * step, 1)

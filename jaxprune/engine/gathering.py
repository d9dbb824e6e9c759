"""Units in the order of a ranking, some at a time, from wherever they are.

A curve reads the layer in an order that memory does not have. To gather costs as much
as to compute if it is done badly: so it is done where the features are, by what is
fastest there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..base.sparse import SparseUnits
from ..kernels import prefix
from .subproblem import Subproblem

# Part of the memory that a copy of the layer may take. With the responses of a unit
# side by side NumPy gathers six times faster (32 x 200,704: 10 ms instead of 62).
COPY = 4


class UnitGatherer:
    """Units of a layer by index.

    They are gathered where they are: by NumPy on the host, several times faster than
    XLA does it on a CPU; or on the accelerator that has the features.

    Parameters
    ----------
    sub : Subproblem
    """

    def __init__(self, sub: Subproblem) -> None:
        self._shards, memory = sub.layer.shards, sub.layer.device.memory
        self._source, self._by_unit = _source_of(sub), False
        if isinstance(self._source, np.ndarray):
            self._by_unit = self._source.nbytes <= memory // COPY
            if self._by_unit:
                self._source = np.ascontiguousarray(self._source.T)

    def fetch(
        self, indices: np.ndarray, wanted: Sequence[Sequence[int]]
    ) -> list[Callable[[], Any]]:
        """Units of several lists, of as many units each.

        Where there are several processes, all have to call this at the same time, from
        their main threads, with the same lists: units of other processes are
        exchanged.

        Parameters
        ----------
        indices : ndarray of int (lists, L)
        wanted : sequence of (sequence of int)
            Which of the lists: one for each local device, in each of several calls.

        Returns
        -------
        list of callable
            For each of `wanted` one, which returns units ``(L, n)``, or ``(D, L, n)``
            for several local devices. They may be called in threads.
        """
        shape = (-1, indices.shape[1]) if self._devices > 1 else (-1,)
        if not self._shards.distributed:
            return [
                partial(self._taken, indices[list(rows)].reshape(shape))
                for rows in wanted
            ]
        units = self._exchanged(indices)

        def picked(rows: Sequence[int]) -> Any:
            index = self._shards.spread([np.int32(row) for row in rows])
            return self._shards.call(prefix.picked, (), units, index)

        return [partial(picked, rows) for rows in wanted]

    @property
    def _devices(self) -> int:
        return len(self._shards.local)

    def _taken(self, index: np.ndarray) -> Any:
        """Units ``(..., n)`` of this process: from the host as NumPy arrays."""
        if isinstance(self._source, SparseUnits):
            return self._source.units(index)
        if self._by_unit:
            return np.take(self._source, index, axis=0)
        if isinstance(self._source, np.ndarray):
            return np.moveaxis(np.take(self._source, index, axis=1), 0, -1)
        units = prefix.taken(self._source, index.astype(np.int32))
        return self._shards.spread(list(units)) if self._devices > 1 else units

    def _exchanged(self, indices: np.ndarray) -> Any:
        """Units ``(lists, L, n)`` on every local device: each process adds its own.

        The others' are zeros, and ``x + 0`` is exact.
        """
        here = self._shards.here
        mine = (indices >= here.start) & (indices < here.stop)
        own = self._taken(indices[mine] - here.start)
        units = np.zeros((*indices.shape, own.shape[-1]), own.dtype)
        units[mine] = own
        nothing = [np.zeros_like(units)] * (self._devices - 1)
        return self._shards.summed(self._shards.spread([units, *nothing]))


def _source_of(sub: Subproblem) -> Any:
    """Features ``(n, N)``, or with more columns: those to gather from."""
    layer, features = sub.layer, sub.features
    if isinstance(features, SparseUnits):
        return features
    if layer.device.on_cpu or layer.shards.distributed:
        # No copy of a jax array on a CPU.
        return np.asarray(features)
    one = not layer.shards.several and len(sub.pieces) == 1
    if isinstance(features, np.ndarray) and one and sub.pieces[0].stays:
        return sub.pieces[0].load()
    return features

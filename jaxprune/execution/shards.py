"""Who has which units: contiguous shares for the devices of one process or several.

Kernels know nothing of it: every device runs them on its own units, all at once, and
what they have to know of the others' units are sums of a few numbers for each pair of
conditions. These travel by JAX's collectives, in which every process takes part in the
same order.

What lives on several devices of a process is one array with a leading axis for them,
``(D, ...)``, so that a kernel is compiled once for all; on a single device there is no
such axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ..base.arrays import double_precision

AXIS = "units"
SPREAD, EVERYWHERE = PartitionSpec(AXIS), PartitionSpec()


@dataclass(frozen=True)
class Shards:
    """Units of a layer, in contiguous shares that differ by one unit at most.

    Parameters
    ----------
    devices : tuple of jax devices
        Of all processes, those of each process together.
    n_units : int

    Examples
    --------
    >>> shards = Shards((jax.devices()[0],), 10)
    >>> shards.here, shards.several
    (slice(0, 10, None), False)
    """

    devices: tuple[Any, ...]
    n_units: int

    @cached_property
    def bounds(self) -> np.ndarray:
        """First unit of every device's share, and the end ``(D + 1,)``."""
        shares = np.arange(len(self.devices) + 1)
        return shares * self.n_units // len(self.devices)

    @cached_property
    def several(self) -> bool:
        """Whether there are several devices, here or elsewhere."""
        return len(self.devices) > 1

    @cached_property
    def distributed(self) -> bool:
        """Whether some of them belong to another process."""
        return len(self._local) < len(self.devices)

    @cached_property
    def local(self) -> list[Any]:
        """Devices of this process."""
        return [self.devices[index] for index in self._local]

    @cached_property
    def here(self) -> slice:
        """Units of this process's devices."""
        first, last = self._local[0], self._local[-1]
        return slice(int(self.bounds[first]), int(self.bounds[last + 1]))

    @property
    def local_bounds(self) -> np.ndarray:
        """`bounds` of this process's devices, counted from its first unit."""
        first, last = self._local[0], self._local[-1]
        return self.bounds[first : last + 2] - self.here.start

    def put(self, array: np.ndarray | jax.Array) -> jax.Array:
        """The same array on every local device."""
        if len(self._local) == 1:
            return jax.device_put(array, self.local[0])
        return self.spread([np.asarray(array)] * len(self._local))

    def spread(self, arrays: Sequence[Any]) -> jax.Array:
        """Arrays of the same shape, one for each local device."""
        if len(arrays) == 1:
            return jax.device_put(arrays[0], self.local[0])
        on_host = isinstance(arrays[0], np.ndarray)
        stacked = np.stack(arrays) if on_host else jnp.stack(arrays)
        return jax.device_put(stacked, NamedSharding(self._mesh, SPREAD))

    def call(
        self, kernel: Callable[..., Any], static: tuple, *args: Any, **options: Any
    ) -> Any:
        """``kernel(*static, *args, **options)`` on every local device at once.

        Parameters
        ----------
        kernel : callable
            Jitted.
        static : tuple
            Its first arguments, which have no axis for devices: they and the options
            are compiled in.
        *args
            Pytrees of arrays from `put`, `spread` or `call`.
        """
        if len(self._local) == 1:
            return kernel(*static, *args, **options)
        mapped = _mapped(kernel, static, tuple(sorted(options.items())), self._mesh)
        return mapped(*args)

    def numbers(self, out: Any) -> list[Any]:
        """What a call returned, as NumPy arrays, one pytree for each local device."""
        out = jax.tree.map(np.asarray, out)
        if len(self._local) == 1:
            return [out]
        devices = range(len(self._local))
        return [jax.tree.map(lambda a, d=d: a[d], out) for d in devices]

    def summed(self, sums: Any) -> Any:
        """Sum a pytree over all devices: on each, the sum."""
        return self._collective(_sum, sums) if self.several else sums

    def gathered(self, values: Any) -> Any:
        """A pytree of each device -> on each, those of all, with an axis ``(D, ...)``.

        There is such an axis for a single device, too.
        """
        if not self.several:
            return jax.tree.map(lambda a: a[None], values)
        return self._collective(_gather, values)

    def exchanged(self, values: np.ndarray) -> np.ndarray:
        """Arrays of the same shape, one of each process ``(processes, ...)``."""
        if not self.distributed:
            return values[None]
        from jax.experimental.multihost_utils import process_allgather

        with double_precision():
            return np.asarray(process_allgather(values))

    def widest(
        self, low: np.ndarray, high: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest values of the units here -> of those of all processes.

        NaN stays NaN.
        """
        low, high = self.exchanged(np.stack([low, -high])).min(0)
        return low, -high

    def everywhere(self, values: np.ndarray) -> np.ndarray:
        """Values of the units here ``(..., N_here)`` -> of all units ``(..., N)``."""
        if not self.distributed:
            return values
        owners = [device.process_index for device in self.devices]
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        sizes = np.diff(self.bounds[[*starts, len(owners)]])
        fill = np.zeros((*values.shape[:-1], sizes.max()), values.dtype)
        fill[..., : values.shape[-1]] = values
        parts = zip(self.exchanged(fill), sizes, strict=True)
        return np.concatenate([part[..., :size] for part, size in parts], -1)

    @cached_property
    def _local(self) -> np.ndarray:
        mine = jax.process_index()
        return np.flatnonzero([d.process_index == mine for d in self.devices])

    @cached_property
    def _mesh(self) -> Mesh:
        return Mesh(np.array(self.local), (AXIS,))

    def _collective(self, function: Any, values: Any) -> Any:
        """From arrays of the local devices to those of all, and back."""
        mesh = Mesh(np.array(self.devices), (AXIS,))
        one = len(self._local) == 1

        def joined(array: jax.Array) -> jax.Array:
            rows = [array[None]] if one else _rows(array)
            shape = len(self.devices), *rows[0].shape[1:]
            sharding = NamedSharding(mesh, SPREAD)
            return jax.make_array_from_single_device_arrays(shape, sharding, rows)

        def parted(array: jax.Array) -> jax.Array:
            rows = _rows(array)
            if one:
                return rows[0][0]
            shape = len(rows), *array.shape[1:]
            sharding = NamedSharding(self._mesh, SPREAD)
            return jax.make_array_from_single_device_arrays(shape, sharding, rows)

        out = _over_mesh(function, mesh)(jax.tree.map(joined, values))
        return jax.tree.map(parted, out)


def _rows(array: jax.Array) -> list[jax.Array]:
    """The row ``(1, ...)`` of each local device, in order."""
    shards = sorted(array.addressable_shards, key=lambda shard: shard.index[0].start)
    return [shard.data for shard in shards]


def _sum(values: Any) -> Any:
    return jax.tree.map(lambda a: jax.lax.psum(a, AXIS), values)


def _gather(values: Any) -> Any:
    return jax.tree.map(lambda a: jax.lax.all_gather(a, AXIS), values)


@cache
def _over_mesh(function: Callable[..., Any], mesh: Mesh) -> Any:
    """Jit a function of what each device has, for arrays ``(D, ...)``."""

    def each(*args: Any) -> Any:
        own = jax.tree.map(lambda a: a[0], args)
        return jax.tree.map(lambda a: a[None], function(*own))

    # Loops begin with constants, which are the same everywhere, and end with what is
    # not: nothing to check.
    return jax.jit(
        jax.shard_map(
            each, mesh=mesh, in_specs=SPREAD, out_specs=SPREAD, check_vma=False
        )
    )


@cache
def _mapped(
    kernel: Callable[..., Any], static: tuple, options: tuple, mesh: Mesh
) -> Any:
    return _over_mesh(lambda *args: kernel(*static, *args, **dict(options)), mesh)

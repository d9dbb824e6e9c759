"""Who has which units: contiguous shares for the devices of one process or several.

Kernels know nothing of it. Each device runs them on its own units, and what they have
to know of the others' are sums of a few numbers for each pair of conditions. These
travel by JAX's collectives, in which every process takes part in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from .._arrays import double_precision

AXIS = "units"


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

    @property
    def bounds(self) -> np.ndarray:
        """First unit of every device's share, and the end ``(D + 1,)``."""
        shares = np.arange(len(self.devices) + 1)
        return shares * self.n_units // len(self.devices)

    @property
    def several(self) -> bool:
        """Whether there are several devices, here or elsewhere."""
        return len(self.devices) > 1

    @property
    def distributed(self) -> bool:
        """Whether some of them belong to another process."""
        return any(d.process_index != jax.process_index() for d in self.devices)

    @property
    def local(self) -> np.ndarray:
        """Positions of this process's devices among all."""
        mine = jax.process_index()
        return np.flatnonzero([d.process_index == mine for d in self.devices])

    @property
    def here(self) -> slice:
        """Units of this process's devices."""
        return slice(
            int(self.bounds[self.local[0]]), int(self.bounds[self.local[-1] + 1])
        )

    @property
    def local_bounds(self) -> np.ndarray:
        """`bounds` of this process's devices, counted from its first unit."""
        return self.bounds[self.local[0] : self.local[-1] + 2] - self.here.start

    def summed(self, partial_sums: Sequence[Any]) -> list[Any]:
        """Sum one pytree of each local device over all devices: on each, the sum."""
        return self._collective(_sum, partial_sums)

    def gathered(self, values: Sequence[Any]) -> list[Any]:
        """One pytree of each local device -> on each, those of all ``(D, ...)``."""
        return self._collective(_gather, values)

    def exchanged(self, values: np.ndarray) -> np.ndarray:
        """Arrays of the same shape, one of each process ``(processes, ...)``."""
        if not self.distributed:
            return values[None]
        from jax.experimental.multihost_utils import process_allgather

        with double_precision():
            return np.asarray(process_allgather(values))

    def everywhere(self, values: np.ndarray) -> np.ndarray:
        """Values of the units here ``(..., N_here)`` -> of all units ``(..., N)``."""
        if not self.distributed:
            return values
        owners = [device.process_index for device in self.devices]
        ends = [np.flatnonzero(np.equal(owners, p)) for p in sorted(set(owners))]
        sizes = [self.bounds[e[-1] + 1] - self.bounds[e[0]] for e in ends]
        fill = np.zeros((*values.shape[:-1], max(sizes)), values.dtype)
        fill[..., : values.shape[-1]] = values
        parts = self.exchanged(fill)
        cut = [part[..., :size] for part, size in zip(parts, sizes, strict=True)]
        return np.concatenate(cut, -1)

    def _collective(self, function: Any, values: Sequence[Any]) -> list[Any]:
        """Apply to the values of all devices; the result, on each local device."""
        mesh = Mesh(np.array(self.devices), (AXIS,))
        sharding = NamedSharding(mesh, PartitionSpec(AXIS))
        everyone = len(self.devices)

        def joined(*leaves: Any) -> jax.Array:
            rows = [jax.numpy.asarray(leaf)[None] for leaf in leaves]
            shape = (everyone, *rows[0].shape[1:])
            return jax.make_array_from_single_device_arrays(shape, sharding, rows)

        out = function(mesh, jax.tree.map(joined, *values))
        order = [self.devices[i] for i in self.local]

        def on(device: Any) -> Any:
            return jax.tree.map(
                lambda a: next(
                    s.data for s in a.addressable_shards if s.device == device
                ),
                out,
            )

        return [on(device) for device in order]


@partial(jax.jit, static_argnums=0)
def _sum(mesh: Mesh, values: Any) -> Any:
    def total(rows: Any) -> Any:
        return jax.tree.map(lambda a: jax.lax.psum(a[0], AXIS), rows)

    spec = PartitionSpec(AXIS)
    return jax.shard_map(total, mesh=mesh, in_specs=spec, out_specs=PartitionSpec())(
        values
    )


@partial(jax.jit, static_argnums=0)
def _gather(mesh: Mesh, values: Any) -> Any:
    # Every device wants all rows: how they get there is XLA's affair.
    everywhere = NamedSharding(mesh, PartitionSpec())
    return jax.lax.with_sharding_constraint(values, everywhere)

"""Where a computation runs, in which precision, and with how much memory.

Float64 is used where it is fast, and nothing of JAX's settings is changed for the user.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np

from ..base import checks
from .memory import budget_of, device_memory

# GPUs whose float64 units run at half the float32 rate or more; elsewhere float64 is
# 1/32 or 1/64 of it.
FAST_FLOAT64 = re.compile(
    r"\b(P100|V100|A100|A30|H100|H200|H800|GH200|B200|GB200|MI\d+X?)\b"
)


# What a computation may use on a CPU by default, beside the features as they were
# given: a quarter of the smallest laptop that people work with.
CPU_MEMORY = 2**31
# The same of an accelerator, as a share of what JAX may have: the rest is for what XLA
# keeps between calls.
SHARE = 0.75


@dataclass(frozen=True)
class ComputeDevice:
    """A device, the computing dtype, and how many host threads drive it.

    Attributes
    ----------
    threads : int or None
        As many as there are cores, by default; 1 where the threads are further out.
    budget : int or None
        Bytes that a computation may use; by default a part of what there is.
    """

    jax_device: Any
    dtype: str
    threads: int | None = None
    budget: int | None = None

    @cached_property
    def on_cpu(self) -> bool:
        """Whether host and device are the same processor."""
        return self.jax_device.platform == "cpu"

    @cached_property
    def workers(self) -> int:
        """Host threads: on a CPU, XLA leaves elementwise loops to one core each."""
        if self.threads is not None:
            return self.threads
        if not self.on_cpu:
            return 1
        # Not every system tells which of its cores a process may use.
        available = getattr(os, "sched_getaffinity", None)
        return len(available(0)) if available else os.cpu_count() or 1

    @cached_property
    def memory(self) -> int:
        """Bytes that a computation may use, beside the features as they were given."""
        if self.budget is not None:
            return self.budget
        return (
            CPU_MEMORY if self.on_cpu else int(SHARE * device_memory(self.jax_device))
        )

    @property
    def name(self) -> str:
        """As reported in results, e.g. ``cpu`` or ``gpu (NVIDIA H200)``."""
        if self.on_cpu:
            return "cpu"
        return f"{self.jax_device.platform} ({self.jax_device.device_kind})"

    def put(self, array: np.ndarray | jax.Array) -> jax.Array:
        """Move an array to the device; one that is there stays."""
        return jax.device_put(array, self.jax_device)


def device_of(x: Any, precision: str) -> ComputeDevice:
    """Device of a jax array, else JAX's default; float64 where that is fast."""
    if isinstance(x, jax.Array):
        return device_on(min(x.devices(), key=lambda d: d.id), precision)
    device = jax.config.values["jax_default_device"]
    if device is None or isinstance(device, str):
        device = local_devices(device)[0]
    return device_on(device, precision)


def local_devices(platform: str | None = None) -> list[Any]:
    """Devices of this process, of one platform or of JAX's first.

    Raises
    ------
    ValueError
        JAX has no such platform here.
    """
    try:
        return jax.local_devices(backend=platform)
    except (AssertionError, RuntimeError) as error:
        asked = platform or jax.config.values["jax_platforms"]
        reason = f" ({error})" if str(error) else ""
        raise ValueError(
            f"JAX has no platform {asked!r} here{reason}; expected one that is there. "
            "Unset JAX_PLATFORMS, or set it to cpu; a GPU needs pip install "
            "'jaxprune[cuda]'."
        ) from error


def device_on(device: Any, precision: str) -> ComputeDevice:
    """A device, in float64 where that is fast."""
    checks.choice("precision", precision, ["auto", "float64", "float32"])
    if precision == "auto":
        fast = device.platform == "cpu" or FAST_FLOAT64.search(device.device_kind)
        precision = "float64" if fast else "float32"
    return ComputeDevice(device, precision)


def devices_of(
    x: Any, precision: str, devices: Any, memory: Any
) -> list[ComputeDevice]:
    """Devices to compute on, of all processes, each with its budget.

    Parameters
    ----------
    x : array
        Where it is decides, if `devices` is None.
    precision : str
        The same on all devices.
    devices : None, "all", Mesh, or sequence of jax devices
    memory : None, int, float or str
        Bytes, or a share of the memory; of each device, but for those that are one
        processor and share it.

    Raises
    ------
    ValueError
        Not devices, not an amount of memory, or float64 on a TPU.
    """
    default = device_of(x, precision)
    if devices is None:
        chosen = [default]
    else:
        chosen = [replace(default, jax_device=d) for d in _devices(devices)]
        if precision == "auto" and any(
            device_on(one.jax_device, precision).dtype == "float32" for one in chosen
        ):
            chosen = [replace(one, dtype="float32") for one in chosen]
    if precision == "float64" and chosen[0].jax_device.platform == "tpu":
        raise ValueError(
            f"precision='float64' on {chosen[0].name}: TPUs compute in float32, and "
            "float64 would be emulated, at many times the cost and with fewer digits. "
            "Expected 'float32', or 'auto', which is float32 there; for float64 pass "
            "devices=jax.devices('cpu')."
        )
    share = budget_of(memory)
    sharing = sum(one.jax_device.process_index == jax.process_index() for one in chosen)
    computing = []
    for one in chosen:
        threads, budget = None, None
        if share is not None:
            total = device_memory(one.jax_device)
            budget = int(share * total) if isinstance(share, float) else share
        if one.on_cpu and sharing > 1:
            # Devices that are the same cores.
            threads = max(one.workers // sharing, 1)
            budget = (budget or CPU_MEMORY) // sharing
        computing.append(replace(one, threads=threads, budget=budget))
    return computing


def _devices(devices: Any) -> list[Any]:
    """Jax devices, those of a process together."""
    found: list[Any]
    if isinstance(devices, str) and devices == "all":
        found = jax.devices()
    elif isinstance(devices, jax.sharding.Mesh):
        found = list(devices.devices.flat)
    else:
        found = list(devices) if isinstance(devices, list | tuple) else [devices]
    named = [device for device in found if isinstance(device, jax.Device)]
    if not found or len(named) < len(found):
        raise ValueError(
            f"devices={devices!r}: expected None (one device), 'all', a jax.sharding."
            "Mesh, or a list of jax devices such as jax.devices()[:2]."
        )
    if len(set(named)) < len(named):
        raise ValueError(f"devices={devices!r}: every device may be named once.")
    if len({device.platform for device in named}) > 1:
        raise ValueError(f"devices={devices!r}: expected devices of one kind.")
    if not any(device.process_index == jax.process_index() for device in named):
        raise ValueError(
            f"devices={devices!r}: none of them belongs to process "
            f"{jax.process_index()}. Every process that calls takes part: name one of "
            "its devices, or pass devices='all'."
        )
    return sorted(named, key=lambda device: (device.process_index, device.id))

"""Where a computation runs and in which precision."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from .. import _checks

# GPUs whose float64 units run at half the float32 rate or more; elsewhere float64 is
# 1/32 or 1/64 of it.
FAST_FLOAT64 = re.compile(
    r"\b(P100|V100|A100|A30|H100|H200|H800|GH200|B200|GB200|MI\d+X?)\b"
)


@dataclass(frozen=True)
class Place:
    """A device, the computing dtype, and how many host threads drive it.

    Attributes
    ----------
    threads : int or None
        As many as there are cores, by default; 1 where the threads are further out.
    """

    device: Any
    dtype: str
    threads: int | None = None

    @property
    def on_cpu(self) -> bool:
        """Whether host and device are the same processor."""
        return self.device.platform == "cpu"

    @property
    def workers(self) -> int:
        """Host threads: on a CPU, XLA leaves elementwise loops to one core each."""
        if self.threads is not None:
            return self.threads
        if not self.on_cpu:
            return 1
        # Not every system tells which of its cores a process may use.
        available = getattr(os, "sched_getaffinity", None)
        return len(available(0)) if available else os.cpu_count() or 1

    @property
    def name(self) -> str:
        """As reported in results, e.g. ``cpu`` or ``gpu (NVIDIA H200)``."""
        if self.on_cpu:
            return "cpu"
        return f"{self.device.platform} ({self.device.device_kind})"

    def put(self, array: np.ndarray | jax.Array) -> jax.Array:
        """Move an array to the device; one that is there stays."""
        return jax.device_put(array, self.device)


def place_of(x: Any, precision: str) -> Place:
    """Device of a jax array, else JAX's default; float64 where that is fast."""
    _checks.choice("precision", precision, ["auto", "float64", "float32"])
    if isinstance(x, jax.Array):
        device = min(x.devices(), key=lambda d: d.id)
    else:
        device = jax.config.values["jax_default_device"]
        if device is None or isinstance(device, str):
            device = jax.local_devices(backend=device)[0]
    if precision == "auto":
        fast = device.platform == "cpu" or FAST_FLOAT64.search(device.device_kind)
        precision = "float64" if fast else "float32"
    return Place(device, precision)

"""Peak extra memory: one method in a process of its own.

``python -m benchmarks.memory CASE TASK KEY`` calls the method twice: once to compile
and to start threads, then, with the kernel's high-water mark reset, to measure. Where
the mark cannot be reset, only an accelerator's memory is known.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .cases import load
from .core import Method, alone
from .methods import methods_of

# Freed blocks go back to the system at once, so that the second call shows in full.
ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
# What a rival needs does not depend on how many units it does, once past a batch; the
# last prefixes are the largest.
RIVAL_ITEMS, SLOW_RIVAL_ITEMS = 1024, 4


def peak_extra(case: str, task: str, key: str) -> dict[str, Any]:
    """Measure in a fresh process."""
    try:
        return json.loads(alone("memory", case, task, key, **ENVIRONMENT))
    except subprocess.CalledProcessError as error:
        return {"memory_error": str(error)}


def measure_here(method: Method) -> dict[str, Any]:
    """Call a method twice and see how far the mark rises."""
    slow = method.key in ("script", "script_each", "rsatoolbox")
    items = method.items
    if method.sample is not None:
        items = items[: method.sample]
    elif not method.ours:
        items = items[-(SLOW_RIVAL_ITEMS if slow else RIVAL_ITEMS) :]
    before = device_stats()
    method.call(items)
    return rise(lambda: method.call(items)) | device_rise(before)


def rise(call: Callable[[], Any]) -> dict[str, Any]:
    """How far this process's mark rises during a call; empty where it cannot be set."""
    # Freed blocks go back, so that a call that takes them again is seen to.
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")
        before = status("VmRSS")
    except OSError:
        call()
        return {}
    call()
    return {"memory": status("VmHWM") - before}


def status(field: str) -> int:
    """Bytes from this process's status: VmRSS, or VmHWM for its high-water mark."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {field}")


def device_stats() -> dict[str, int]:
    """Bytes in use on an accelerator, and the most there ever were; else empty."""
    import jax

    device = jax.local_devices()[0]
    stats = None if device.platform == "cpu" else device.memory_stats()
    names = ("bytes_in_use", "peak_bytes_in_use", "bytes_limit")
    return {name: stats.get(name, 0) for name in names} if stats else {}


def device_rise(before: dict[str, int]) -> dict[str, Any]:
    """Peak of an accelerator beyond what was in use before.

    The peak is that of the process and cannot be reset: where it was higher before,
    what is given is an upper bound.
    """
    if not before:
        return {}
    peak = device_stats()["peak_bytes_in_use"]
    return {
        "memory_device": peak - before["bytes_in_use"],
        "memory_device_is_bound": peak == before["peak_bytes_in_use"],
    }


def main(name: str, task: str, key: str) -> None:
    """Print the peak extra memory of one method as JSON."""
    from joblib import parallel_config

    method = next(m for m in methods_of(task, load(name)) if m.key == key)
    # The script's memory is that of one of its workers.
    with parallel_config("sequential"):
        print(json.dumps(measure_here(method)))


if __name__ == "__main__":
    main(*sys.argv[1:4])

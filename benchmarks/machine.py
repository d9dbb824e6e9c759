"""The machine and the versions that a result belongs to. No names, no paths."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PACKAGES = ["jax", "jaxlib", "numpy", "scipy", "joblib", "rsatoolbox", "torch"]
PACKAGES += ["matplotlib"]


def describe() -> dict[str, Any]:
    """Everything that a time depends on, as far as it can be known."""
    import jax

    import jaxprune

    device = jax.local_devices()[0]
    kind = "" if device.platform == "cpu" else f" ({device.device_kind})"
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": cores(),
        "memory_gib": round(_bytes("MemTotal") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "device": device.platform + kind,
        "python": platform.python_version(),
        "jaxprune": jaxprune.__version__,
        "commit": _commit(),
        "versions": {name: _version(name) for name in PACKAGES},
        "threads": {
            name: value
            for name, value in os.environ.items()
            if name.endswith("_NUM_THREADS") or name == "XLA_FLAGS"
        },
    }


def short(machine: dict[str, Any]) -> str:
    """The processor and its cores."""
    return f"{machine['cpu']}, {machine['cores']} cores"


def line(machine: dict[str, Any]) -> str:
    """A machine, in a line."""
    versions = machine["versions"]
    listed = ", ".join(f"{name} {value}" for name, value in versions.items() if value)
    return (
        f"{short(machine)}, {machine['memory_gib']} GiB, {machine['system']}; device "
        f"{machine['device']}. jaxprune {machine['jaxprune']} ({machine['commit']}), "
        f"Python {machine['python']}, {listed}. {machine['when']}."
    )


def load() -> list[float]:
    """Load of the last 1, 5 and 15 minutes: whether others were at work."""
    with suppress(AttributeError, OSError):
        return [round(value, 2) for value in os.getloadavg()]
    return []


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory() -> int:
    """Bytes of the host that may be taken; 0 where the system does not say."""
    return _bytes("MemAvailable")


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


def _bytes(field: str) -> int:
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0


def _cpu() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    with suppress(PackageNotFoundError):
        return version(name)
    return None


def _commit() -> str | None:
    def git(*words: str) -> str:
        given: dict[str, Any] = {"stderr": subprocess.DEVNULL, "text": True}
        return subprocess.check_output(["git", *words], cwd=ROOT, **given).strip()

    with suppress(OSError, subprocess.CalledProcessError):
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "--short", "HEAD") + (" + changes" if changed else "")
    return None

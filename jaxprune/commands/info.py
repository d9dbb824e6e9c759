"""``jaxprune info``: what this machine has."""

from __future__ import annotations

import argparse
import os
from typing import Any

from .. import _options, _screen

ABOUT = """\
Show versions, devices, threads, memory, and the precision that `--precision
auto` stands for here."""

END = """\
example:
  jaxprune info"""

NEEDED = ("jax", "jaxlib", "numpy", "scipy", "flax", "h5py", "matplotlib")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "versions, devices, precision, memory"
    _options.command(commands, "info", run, text, ABOUT, END)


def run(args: argparse.Namespace) -> int:
    """Show versions, devices, precision and memory."""
    from importlib.metadata import PackageNotFoundError, version
    from platform import platform, python_version

    import jax

    from .. import __version__
    from ..execution.device import place_of

    del args

    def found(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    print(_screen.fact("jaxprune", __version__))
    print(_screen.fact("python", f"{python_version()} on {platform()}"))
    for package in (*NEEDED, "scikit-learn", "rsatoolbox", "torch"):
        needed = "" if package in NEEDED or found(package)[0] != "n" else " (optional)"
        print(_screen.fact(package, found(package) + needed))
    place = place_of(None, "auto")
    devices = ", ".join(
        f"{device.platform}:{device.id} {device.device_kind}"
        for device in jax.local_devices()
    )
    print(_screen.fact("devices", devices))
    print(_screen.fact("uses", f"{place.name}, precision auto = {place.dtype}"))
    print(_screen.fact("threads", str(place.workers)))
    print(_screen.fact("memory", _memory(place.device)))
    return 0


def _memory(device: Any) -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    text = f"{total / 2**30:.1f} GiB"
    if limit := (device.memory_stats() or {}).get("bytes_limit"):
        text += f", device {limit / 2**30:.1f} GiB"
    return text

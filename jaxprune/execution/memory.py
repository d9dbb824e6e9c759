"""Amounts of memory: as people write them, and what devices have."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import numpy as np

from ..base.machine import machine_memory

# Where a device does not tell how much memory it has.
UNKNOWN_MEMORY = 2**33

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
UNITS |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def budget_of(memory: Any) -> int | float | None:
    """Bytes as a whole number, a share of what there is as a float, or None.

    >>> budget_of("1.5 GiB"), budget_of("200MB"), budget_of(0.5), budget_of("0.5")
    (1610612736, 200000000, 0.5, 0.5)
    """
    if memory is None:
        return None
    amount, unit = memory, ""
    if isinstance(memory, str):
        found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]i?)?B?\s*", memory)
        with suppress(ValueError):
            amount = float(found[1]) if found else memory
            unit = (found[2] or "") if found else ""
    number = isinstance(amount, int | float | np.integer | np.floating)
    if number and not isinstance(amount, bool) and not unit and 0 < amount < 1:
        return float(amount)
    if number and not isinstance(amount, bool) and 1 <= amount < np.inf:
        return int(amount * UNITS[unit])
    raise ValueError(
        f"memory={memory!r}: expected bytes (a number of at least 1, or text such as "
        "'4GiB' or '500MB'), or a share of the device's memory between 0 and 1."
    )


def device_memory(device: Any) -> int:
    """Bytes that JAX may use on a device; on a CPU, of the machine."""
    if device.platform == "cpu":
        return machine_memory() or UNKNOWN_MEMORY
    stats = device.memory_stats() or {}
    return int(stats.get("bytes_limit", UNKNOWN_MEMORY))


def size(n_bytes: int) -> str:
    """Bytes for people.

    >>> size(800_000_000), size(1536), size(12)
    ('763 MiB', '1.5 KiB', '12 bytes')
    """
    if n_bytes < 2**10:
        return f"{n_bytes} bytes"
    power = min((n_bytes.bit_length() - 1) // 10, 4)
    amount = n_bytes / 2 ** (10 * power)
    return f"{amount:.{0 if amount >= 10 else 1}f} {' KMGT'[power]}iB"

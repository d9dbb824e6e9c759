"""What the machine has."""

from __future__ import annotations

import os


def machine_memory() -> int | None:
    """Bytes of memory of this machine; None where the system does not tell.

    Windows has no `os.sysconf`, and not every other system has these names.
    """
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

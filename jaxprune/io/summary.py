"""What was computed, from what and with which versions, ready for JSON."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np


def package_versions() -> dict[str, str]:
    """Return the versions of Python, this package, and what it computes with."""
    found = {"python": platform.python_version()}
    for package in ("jaxprune", "jax", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            # A checkout on the path is imported without being installed.
            module = sys.modules.get(package)
            found[package] = getattr(module, "__version__", "unknown")
    return found


def plain(value: Any) -> Any:
    """Turn arrays into lists and NaN, which JSON does not know, into null."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value

"""What was computed, from what and with which versions, ready for JSON."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..results import Pruning


def summarise(
    result: Pruning,
    versions: Mapping[str, str] | None,
    inputs: Mapping[str, Any] | None,
    matching: str | None,
) -> dict[str, Any]:
    """Return what ``summary.json`` holds; see :func:`save_pruning`."""
    return {
        **plain(scores(result)),
        "conditions_matched": matching,
        "settings": asdict(result.settings),
        "paths": dict(result.paths),
        "dtype": result.dtype,
        "device": result.device,
        "versions": package_versions() | dict(versions or {}),
        "inputs": plain(dict(inputs or {})),
    }


def scores(result: Pruning) -> dict[str, Any]:
    """Return the numbers that sum up a result, without its large arrays."""
    return {
        "full_score": result.full_score,
        "best_score": result.best_score,
        "best_size": result.best_size,
        "n_units": result.n_units,
        "n_conditions": result.n_conditions,
        "n_undefined": result.n_undefined,
    }


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

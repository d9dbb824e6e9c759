"""What ``summary.json`` holds of a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .records import PruningFields
from ..io.summary import package_versions, plain


def summarise(
    result: PruningFields,
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


def plain_scores(result: PruningFields) -> dict[str, Any]:
    """Return the scores without the controls."""
    names = ("plain_full_score", "plain_best_score")
    return {name: getattr(result, name) for name in names}


def scores(result: PruningFields) -> dict[str, Any]:
    """Return the numbers that sum up a result, without its large arrays."""
    return {
        "full_score": result.full_score,
        "best_score": result.best_score,
        **({} if result.plain_full_score is None else plain_scores(result)),
        "best_size": result.best_size,
        "n_units": result.n_units,
        **({} if result.groups is None else {"n_groups": len(result.groups)}),
        "n_conditions": result.n_conditions,
        "n_undefined": result.n_undefined,
    }

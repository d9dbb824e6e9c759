"""Importances in a folder: a pruning that was interrupted goes on behind them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ._problem import Problem
from .execution.parts import Parts, digest
from .importance import importances

NAME = "importances"


def kept_importances(
    problem: Problem,
    path: str,
    batch_size: int | None,
    progress: bool,
    folder: str | Path | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Full scores ``(k,)`` and importances ``(k, N)``, of an earlier run if it can be.

    Of several processes the first keeps and loads them: whether the others see its
    files, and when, does not matter.
    """
    if folder is None:
        full, _, importance = importances(problem, path, batch_size, progress)
        return full, importance
    parts, settings = Parts(Path(folder).expanduser()), _identity(problem, path)
    first = not problem.shards.distributed or jax.process_index() == 0
    found = parts.load(NAME, settings) if first else None
    if problem.shards.exchanged(np.array([found is not None]))[0].any():
        k = 1 if problem.settings.pool == "mean" else len(problem.targets)
        arrays = np.zeros((k, 1 + problem.n_units))
        if found is not None:
            arrays = found[1]["arrays"]
        arrays = problem.shards.exchanged(arrays)[0]
        return arrays[:, 0], arrays[:, 1:]
    full, _, importance = importances(problem, path, batch_size, progress)
    if first:
        arrays = np.column_stack([full, importance])
        parts.save(NAME, {}, {"arrays": arrays}, settings)
    return full, importance


def discard(folder: Path) -> None:
    """Remove what is kept in a folder, and the folder if nothing else is there."""
    (folder / f"{NAME}.npz").unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _identity(problem: Problem, path: str) -> dict[str, Any]:
    """Everything that importances depend on."""
    here = np.frombuffer(bytes.fromhex(digest(problem.unscaled)), np.uint8)
    return {
        "features": digest(problem.shards.exchanged(here)),
        "noise": digest(problem.noise),
        "targets": digest(problem.targets),
        "path": path,
        "dtype": problem.place.dtype,
        **asdict(problem.settings),
    }

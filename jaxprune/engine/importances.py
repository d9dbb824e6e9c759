"""Importances by any path, kept in a folder if wanted, and the ranking they give."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ..base.arrays import double_precision, order_of
from ..io.checkpoints import Parts, digest
from .closed_form import closed_form
from .downdate import downdated
from .masked import masked_leave_one_out
from .problem import Problem
from .retry import with_less_memory
from .work import Work

PATHS = {
    "closed_form": closed_form,
    "downdate": downdated,
    "masked": masked_leave_one_out,
}


def importances(
    problem: Problem, path: str, batch_size: int | None, progress: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Full scores ``(k,)``, scores and importances ``(k, N)``; pooled, k is 1."""
    shape = len(problem.targets), problem.n_units
    full, scores, importance = np.empty(shape[0]), np.empty(shape), np.empty(shape)

    def compute(problem: Problem, batch_size: int | None) -> None:
        for group in problem.groups:
            work = Work(problem, group)
            parts = PATHS[path](work, batch_size, progress)
            full[group.which], scores[group.which], importance[group.which] = parts

    with double_precision():
        with_less_memory(compute, problem, batch_size)
    if problem.settings.undefined == "zero":
        # An undefined score is 0, with or without the unit.
        lost = np.isnan(importance)
        full, scores = np.nan_to_num(full), np.nan_to_num(scores)
        importance = np.where(lost, full[:, None] - scores, importance)
    if problem.settings.objective == "r2":
        # full² - s² without that subtraction: s = full - importance.
        importance = importance * (2 * full[:, None] - importance)
        full, scores = full**2, scores**2
    if problem.settings.pool == "mean":
        mean = [a.mean(0, keepdims=True) for a in (full, scores, importance)]
        return mean[0], mean[1], mean[2]
    return full, scores, importance


def ranking(importance: np.ndarray) -> np.ndarray:
    """Units from most to least important, along the last axis.

    Undefined importances first, ties by index.
    """
    return order_of(np.where(np.isnan(importance), -np.inf, -importance))


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

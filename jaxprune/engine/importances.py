"""Importances by any path, kept in a folder if wanted, and the ranking they give.

A path takes a subproblem and gives scores and importances of its targets. What is done
to these (undefined ones, squares, the mean over targets) is the same for all paths.
"""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np

from ..base.arrays import double_precision, order_of
from ..base.paths import expanded
from ..io.checkpoints import Checkpoints
from .closed_form import closed_form
from .downdate import downdated
from .grouped import groups_left_out
from .masked import masked_leave_one_out
from .problem import Problem
from .readout_scores import read_without
from .retry import with_less_memory

# Of the checkpoint.
NAME = "importances"

PATHS = {
    "closed_form": closed_form,
    "downdate": downdated,
    "masked": masked_leave_one_out,
    "readout": read_without,
}
GROUP_PATHS = {**PATHS, "downdate": groups_left_out}


def importances(
    problem: Problem, path: str, batch_size: int | None, progress: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Full scores ``(k,)``, scores and importances ``(k, N)``; pooled, k is 1.

    Of groups ``(k, G)``.
    """
    shape = len(problem.targets), problem.n_ranked
    paths = PATHS if problem.unit_groups is None else GROUP_PATHS
    full, scores, importance = np.empty(shape[0]), np.empty(shape), np.empty(shape)

    def compute(problem: Problem, batch_size: int | None) -> None:
        for sub in problem.subproblems:
            which, found = sub.group.which, paths[path](sub, batch_size, progress)
            full[which], scores[which], importance[which] = found

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
    checkpoints, shards = Checkpoints(None), problem.layer.shards
    if folder is not None:
        settings = {**problem.identity(), "path": path}
        if not shards.distributed or jax.process_index() == 0:
            checkpoints = Checkpoints(expanded(folder), settings)
    found = checkpoints.load(NAME)
    if not shards.exchanged(np.array([found is not None]))[0].any():
        full, _, importance = importances(problem, path, batch_size, progress)
        checkpoints.save(NAME, {"full": full, "importance": importance})
        return full, importance
    k = 1 if problem.settings.pool == "mean" else len(problem.targets)
    nothing = {"full": np.zeros(k), "importance": np.zeros((k, problem.n_ranked))}
    known = found or nothing
    full, importance = (shards.exchanged(known[name])[0] for name in nothing)
    return full, importance

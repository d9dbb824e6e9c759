"""The penalty is chosen on conditions that are held out, never on held-out pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jax import Array

from ..base.checks import FEWEST
from .pairs import Pairs
from .penalties import Grid


class Fit(NamedTuple):
    """Weights ``(1, N)`` of the best penalty; scores are None for a single one."""

    weights: Array
    intercept: float
    penalty: float
    penalties: np.ndarray
    scores: np.ndarray | None


def choose_and_fit(
    pairs: Pairs,
    conditions: np.ndarray,
    grid: Grid,
    n_folds: int,
    seed: int,
    advance: Callable[[int], None],
) -> Fit:
    """Fit the pairs among some conditions; `advance` hears of each fold and the fit."""
    index = pairs.among(conditions)
    penalties = grid.values(pairs, index)
    scores, chosen = None, 0
    if len(penalties) > 1:
        parts = []
        for held_out in split(conditions, n_folds, seed):
            parts.append(_scores(pairs, conditions, held_out, penalties, grid.kind))
            advance(1)
        scores = np.mean(parts, 0)
        if np.isnan(scores).all():
            raise ValueError(
                "no penalty has a score in every fold: all weights are 0, so that "
                "predictions are constant. Give weaker penalties, or "
                "nonnegative=False."
            )
        chosen = int(np.nanargmax(scores))
    weights, intercepts = pairs.fit(index, penalties[[chosen]], grid.kind)
    advance(1)
    penalty = float(penalties[chosen])
    return Fit(weights, float(intercepts[0]), penalty, penalties, scores)


def split(conditions: np.ndarray, n_folds: int, seed: int) -> list[np.ndarray]:
    """Random folds of conditions, sorted, of sizes that differ by at most one."""
    n = len(conditions)
    whole = isinstance(n_folds, int | np.integer)
    if not whole or not 2 <= n_folds <= n // FEWEST:
        raise ValueError(
            f"n_folds={n_folds!r} with {n} conditions to choose a penalty on: expected "
            f"2 to {n // FEWEST}, since a fold is scored on its own pairs and needs "
            f"{FEWEST} conditions. A single penalty needs no folds."
        )
    shuffled = np.random.default_rng(seed).permutation(conditions)
    return [np.sort(part) for part in np.array_split(shuffled, n_folds)]


def _scores(
    pairs: Pairs,
    conditions: np.ndarray,
    held_out: np.ndarray,
    penalties: np.ndarray,
    kind: str,
) -> np.ndarray:
    """Held-out Pearson correlation ``(L,)`` of every penalty."""
    there = pairs.among(held_out)
    weights, _ = pairs.fit(
        pairs.among(np.setdiff1d(conditions, held_out)), penalties, kind
    )
    return correlations(pairs.weighted(there, weights), pairs.d[there])


def correlations(rdms: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Pearson correlations ``(L,)`` of RDMs ``(L, p)``; NaN for a constant one."""
    centred = rdms - rdms.mean(1, keepdims=True)
    # What rounding leaves of equal values is no variation.
    equal = np.ptp(rdms, 1) <= 1e-12 * np.abs(rdms).max(1)
    norms = np.where(equal, np.nan, np.sqrt((centred**2).sum(1)))
    around = d - d.mean()
    return centred @ around / norms / np.sqrt(around @ around)

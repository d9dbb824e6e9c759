"""Which conditions and which subject take no part in a choice of units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...base import checks
from ...base.checks import FEWEST

N_FOLDS = 4


@dataclass(frozen=True, eq=False)
class Fold:
    """What one choice of units does not see.

    Attributes
    ----------
    name : str
        Number of the fold, or the group held out; empty where no condition is.
    repeat : int
        Number of the split, from 0.
    held_out : ndarray of int
        Sorted indices of conditions.
    subject : int or None
        Number of the subject left out.
    left_out : tuple of int
        Its target RDMs.
    """

    name: str
    repeat: int
    held_out: np.ndarray
    subject: int | None = None
    left_out: tuple[int, ...] = ()

    def __str__(self) -> str:
        """As in messages."""
        name = f" {self.name!r}" if self.name else ""
        repeat = f" of repeat {self.repeat}" if self.repeat else ""
        without = []
        if len(self.held_out):
            without.append(f"holds out conditions {self.held_out.tolist()}")
        if self.subject is not None:
            without.append(f"leaves out subject {self.subject}")
        return f"fold{name}{repeat}, which {' and '.join(without)}, counted from 0"


def random_folds(
    n: int, n_folds: int | None, repeats: int, seed: int | Sequence[int]
) -> list[Fold]:
    """Folds of n conditions whose sizes differ by one at most, split anew each time."""
    k = N_FOLDS if n_folds is None else n_folds
    if not 2 <= k <= n // FEWEST:
        raise ValueError(
            f"n_folds={k!r}: expected 2 to {n // FEWEST} for {n} conditions, since a "
            f"fold is scored on its own pairs and needs {FEWEST} conditions."
        )
    folds = []
    for repeat, rng in enumerate(_generators(repeats, seed)):
        parts = np.array_split(rng.permutation(n), k)
        for number, part in enumerate(parts, start=1):
            folds.append(Fold(str(number), repeat, np.sort(part)))
    return folds


def _generators(repeats: int, seed: int | Sequence[int]) -> list[np.random.Generator]:
    """One for each repeat: the same again for one seed, or one of each seed."""
    repeats = checks.whole("repeats", repeats, 1)
    if isinstance(seed, int | np.integer):
        return [np.random.default_rng(checks.whole("seed", seed, 0))] * repeats
    seeds = [checks.whole("seed", one, 0) for one in seed]
    if not seeds or repeats not in (1, len(seeds)):
        raise ValueError(
            f"seed holds {len(seeds)} seeds, and repeats={repeats}; expected one seed "
            "for each repeat. Leave repeats out: every seed is a repeat."
        )
    return [np.random.default_rng(one) for one in seeds]


def group_folds(n: int, condition_groups: Any) -> list[Fold]:
    """One fold for each label of n conditions."""
    labels = checks.labels_of("condition_groups", condition_groups)
    if labels.shape != (n,):
        raise ValueError(
            f"condition_groups has shape {labels.shape}; expected one label for each "
            f"of {n} conditions: every group is a fold."
        )
    levels, group, count = np.unique(labels, return_inverse=True, return_counts=True)
    if len(levels) < 2 or count.min() < FEWEST or n - count.max() < FEWEST:
        sizes = dict(zip(levels.tolist(), count.tolist(), strict=True))
        raise ValueError(
            f"condition_groups has sizes {sizes}; expected at least 2 groups of "
            f"{FEWEST} conditions, and {FEWEST} conditions outside of each. Join small "
            "groups."
        )
    return [
        Fold(str(level), 0, np.flatnonzero(group == number))
        for number, level in enumerate(levels.tolist())
    ]


def among(square: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """RDMs ``(..., m, m)`` of some conditions."""
    return square[..., conditions[:, None], conditions]


def held_out_ratio(held_out: Sequence[np.ndarray], n: int) -> float:
    """Conditions held out over those kept, of n; folds of any size: on average.

    >>> held_out_ratio([np.arange(2), np.arange(4)], 12)
    0.33...
    """
    test = np.mean([len(conditions) for conditions in held_out])
    return float(test / (n - test))

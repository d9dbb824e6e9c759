"""Rows of ``table.csv``, and means of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

CORRECT, REVERSED = "correct", "reversed"
PUBLISHED_RULE, FACTORIAL = "one_way_cells", "factorial"
RANKINGS, RULES = (CORRECT, REVERSED), (PUBLISHED_RULE, FACTORIAL)


@dataclass(frozen=True)
class Row:
    """One layer, by one ranking and one rule of number detectors.

    Attributes
    ----------
    network, version, layer : str
    seed : int
    ranking : {"correct", "reversed"}
        Most important units first; or last, as in the first published code, which
        selects as many of the least important ones.
    n_units : int
    full, pruned : float
        Score of all units, and of the units selected.
    n_retained : int
        Units selected.
    anova : float
        Score of the number detectors; NaN for none, or one, or where they leave a
        condition without a pattern.
    n_anova : int
    rule : {"one_way_cells", "factorial"}
        Which units are number detectors: as published, or as described there.
    overlap, overlap_chance, overlap_p : float
        Overlap coefficient of units selected and detectors, what is expected of random
        sets, and the probability that these reach it; NaN without detectors.
    random : float
        Mean score of random sets of `n_retained` units.
    heldout_full, heldout_pruned : float
        Mean over folds of conditions that took no part in the choice of units; NaN for
        the reversed ranking.
    heldout_train : float
        Score of the units so chosen where they were chosen.
    field_full, field_pruned, field_train : float
        The same with one field size held out.
    """

    network: str
    version: str
    layer: str
    seed: int
    ranking: str
    n_units: int
    full: float
    pruned: float
    n_retained: int
    anova: float
    n_anova: int
    rule: str
    overlap: float
    overlap_chance: float
    overlap_p: float
    random: float
    heldout_full: float
    heldout_pruned: float
    heldout_train: float
    field_full: float
    field_pruned: float
    field_train: float


COLUMNS = tuple(field.name for field in fields(Row))


def where(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Rows with certain values."""
    return [row for row in rows if all(getattr(row, k) == v for k, v in wanted.items())]


def values(rows: Iterable[Row], column: str, **wanted: Any) -> np.ndarray:
    """Values of a column, in one row for each network, seed and layer that fits.

    What depends on neither ranking nor rule is found in several rows, of which one
    is taken.
    """
    wanted = {"ranking": CORRECT, "rule": PUBLISHED_RULE} | wanted
    return np.array([getattr(row, column) for row in where(rows, **wanted)], float)


def mean(numbers: Sequence[float] | np.ndarray) -> float:
    """Mean of what is defined; NaN, without a warning, if nothing is.

    >>> mean([1.0, float("nan"), 2.0]), mean([float("nan")])
    (1.5, nan)
    """
    array = np.asarray(numbers, float)
    defined = array[~np.isnan(array)]
    return float(defined.mean()) if len(defined) else float("nan")

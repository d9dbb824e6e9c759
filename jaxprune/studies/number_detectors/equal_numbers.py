"""Retained units against as many factorial number detectors, on held-out conditions.

In sets of different size, the larger one has the advantage; on the conditions that
units were chosen on, the set that was chosen by its score. So both are chosen again
with half of the levels of a factor, as many of each, and scored on the other half. The
design stays balanced, as analysis of variance wants it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...numerosity import CellMoments, Detectors, distance_rdm, factorial
from ...pruning import prune
from ...results import Pruning
from ...scoring import score_masks
from .masks import first_units, random_sets

NUMBER = "numerosity"
# Factors of which half of the levels are held out, and what this is called.
HELD_OUT = {"item_area": "item areas", "field_area": "field sizes"}
SAME = "same conditions"
SPLITS = (SAME, *HELD_OUT.values())


@dataclass(frozen=True)
class EqualNumbers:
    """Scores of as many units of each kind.

    Attributes
    ----------
    network, version, normalise, layer : str
    seed : int
    split : {"same conditions", "item areas", "field sizes"}
        What was held out.
    fold : int
        From 0.
    n_retained, n_detectors : int
        Units that were chosen: by pruning, and by factorial analysis of variance.
    n : int
        The smaller of both.
    full : float
        Score of all units.
    retained : float
        Of the `n` most important units.
    detectors : float
        Of the `n` detectors with the largest F for number.
    random : float
        Mean of random sets of `n` units.
    """

    network: str
    version: str
    normalise: str
    layer: str
    seed: int
    split: str
    fold: int
    n_retained: int
    n_detectors: int
    n: int
    full: float
    retained: float
    detectors: float
    random: float


EQUAL_COLUMNS = tuple(field.name for field in fields(EqualNumbers))


def equal_numbers(
    cells: CellMoments,
    pruning: Pruning,
    found: Detectors,
    *,
    seed: int,
    n_random: int,
    **place: Any,
) -> list[dict[str, Any]]:
    """Rows of `EqualNumbers`; scores of fewer than two units are NaN.

    Parameters
    ----------
    cells : CellMoments
        As for :func:`~.measure.analyse`.
    pruning : Pruning
    found : Detectors
        By the factorial rule; both on all conditions.
    seed, n_random : int
        Of random sets, and their number.
    **place
        Network, version, treatment and layer.
    """
    rows = []
    for split, fold, chosen_on, scored_on in _splits(cells):
        if split == SAME:
            kept, tested = pruning, found
        else:
            kept = prune(chosen_on.mean, _target(chosen_on))
            tested = factorial(chosen_on.over(*_varying(chosen_on)))
        f = np.where(tested.mask, tested.f[tested.tests.index(NUMBER)], -np.inf)
        n_retained, n_detectors = int(kept.best_size), int(tested.mask.sum())
        n = min(n_retained, n_detectors)
        masks = np.vstack(
            [
                np.ones(cells.n_units, bool),
                first_units(kept.order, n),
                first_units(np.argsort(-f, kind="stable"), n),
                random_sets(cells.n_units, n, n_random, seed),
            ]
        )
        full, retained, detectors, *random = score_masks(
            scored_on.mean, _target(scored_on), masks
        ).tolist()
        row = EqualNumbers(
            **place,
            seed=seed,
            split=split,
            fold=fold,
            n_retained=n_retained,
            n_detectors=n_detectors,
            n=n,
            full=full,
            retained=retained,
            detectors=detectors,
            random=float(mean_of_defined(random)),
        )
        rows.append(asdict(row))
    return rows


def _splits(
    cells: CellMoments,
) -> Iterator[tuple[str, int, CellMoments, CellMoments]]:
    """Name, fold, cells that units are chosen on, and cells that they are scored on."""
    yield SAME, 0, cells, cells
    for factor, name in HELD_OUT.items():
        levels = cells.levels(factor)
        halves = combinations(levels, len(levels) // 2)
        for fold, half in enumerate(halves):
            inside = np.isin(cells.factors[factor], half)
            yield name, fold, cells.kept(inside), cells.kept(~inside)


def _varying(cells: CellMoments) -> list[str]:
    """Factors with more than one level."""
    return [name for name in cells.factors if len(cells.levels(name)) > 1]


def _target(cells: CellMoments) -> np.ndarray:
    return distance_rdm(cells.factors[NUMBER])

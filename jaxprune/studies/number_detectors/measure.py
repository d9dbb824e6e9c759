"""All numbers of one layer, from the moments of its responses."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np

from ...inference import cross_validate, overlap
from ...numerosity import RULES as DETECTORS
from ...numerosity import CellMoments, distance_rdm
from ...pruning import prune
from ...results import Pruning
from ...scoring import score_masks
from .table import CORRECT, RANKINGS, REVERSED, RULES, Row, mean

# Points of a curve that are kept, evenly spaced on a logarithmic axis.
POINTS = 240


@dataclass(frozen=True, eq=False)
class Layer:
    """What was found in one layer.

    Attributes
    ----------
    rows : tuple of Row
        One for each ranking and rule.
    sizes, curve : ndarray (p,)
        Numbers of units, most important first, and their scores.
    sets : dict of ndarray of bool (n_units,)
        ``retained`` units, and those of each rule.
    """

    rows: tuple[Row, ...]
    sizes: np.ndarray
    curve: np.ndarray
    sets: dict[str, np.ndarray]

    def record(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return what is kept in a file."""
        arrays = {"sizes": self.sizes, "curve": self.curve, **self.sets}
        return {"rows": [asdict(row) for row in self.rows]}, arrays

    @classmethod
    def of(cls, record: dict[str, Any], arrays: dict[str, np.ndarray]) -> Layer:
        """Inverse of :meth:`record`."""
        rows = tuple(Row(**row) for row in record["rows"])
        return cls(rows, arrays.pop("sizes"), arrays.pop("curve"), arrays)


def analyse(
    cells: CellMoments,
    *,
    network: str,
    version: str,
    layer: str,
    seed: int,
    n_folds: int,
    n_random: int,
    progress: bool = False,
) -> Layer:
    """Prune a layer, find its number detectors, and compare both.

    Parameters
    ----------
    cells : CellMoments
        Of the factors ``numerosity``, ``item_area`` and ``field_area``.
    network, version, layer : str
        Where they come from, for the table.
    seed : int
        Of folds and random sets.
    n_folds, n_random : int
        As in :class:`~.options.Options`.
    progress : bool
        Show progress bars.

    Returns
    -------
    Layer
    """
    target = distance_rdm(cells.factors["numerosity"])
    pruning = prune(cells.mean, target, progress=progress)
    chosen = {CORRECT: pruning.mask, REVERSED: least_important(pruning)}
    found = {rule: DETECTORS[rule](cells).mask for rule in RULES}
    draws = random_sets(pruning.n_units, pruning.best_size, n_random, seed)
    # In one call, which compiles once.
    masks = np.vstack([chosen[REVERSED], *found.values(), draws])
    scores = score_masks(cells.mean, target, masks).tolist()
    pruned = {CORRECT: float(pruning.best_score), REVERSED: scores.pop(0)}
    anova = {rule: scores.pop(0) for rule in RULES}
    held_out = _held_out(cells, target, n_folds, seed)
    rows = []
    for ranking, rule in product(RANKINGS, RULES):
        common = overlap(chosen[ranking], found[rule])
        row = Row(
            network=network,
            version=version,
            layer=layer,
            seed=seed,
            ranking=ranking,
            n_units=pruning.n_units,
            full=pruning.full_score,
            pruned=pruned[ranking],
            n_retained=common.n_first,
            anova=anova[rule],
            n_anova=common.n_second,
            rule=rule,
            overlap=common.coefficient,
            overlap_chance=common.chance,
            overlap_p=common.p,
            random=mean(scores),
            **(held_out if ranking == CORRECT else dict.fromkeys(held_out, np.nan)),
        )
        rows.append(row)
    sizes = thinned(pruning.n_units, int(pruning.best_size))
    sets = {"retained": pruning.mask, **found}
    return Layer(tuple(rows), sizes, pruning.curve[sizes - 1], sets)


def least_important(pruning: Pruning) -> np.ndarray:
    """Mask of the units that the first published code selects.

    It reads a ranking of most important units first, reverses it once more, and takes
    as many of the first ones as the curve says, which is right.
    """
    mask = np.zeros(pruning.n_units, bool)
    mask[pruning.order[::-1][: pruning.best_size]] = True
    return mask


def random_sets(n_units: int, size: int, n_sets: int, seed: int) -> np.ndarray:
    """Masks ``(n_sets, n_units)`` of units drawn at random.

    >>> random_sets(9, 4, 3, seed=0).sum(1)
    array([4, 4, 4])
    """
    rng = np.random.default_rng(seed)
    masks = np.zeros((n_sets, n_units), bool)
    for mask in masks:
        mask[rng.choice(n_units, size, replace=False, shuffle=False)] = True
    return masks


def thinned(n_units: int, best: int) -> np.ndarray:
    """Sizes at which a curve is drawn, the best one among them.

    >>> thinned(5, 3)
    array([1, 2, 3, 4, 5])
    """
    sizes = np.geomspace(1, n_units, POINTS).round().astype(int)
    return np.unique(np.append(sizes, best))


def _held_out(
    cells: CellMoments, target: np.ndarray, n_folds: int, seed: int
) -> dict[str, Any]:
    """Means over folds of conditions, and over the two field sizes."""
    folds = cross_validate(cells.mean, target, n_folds, seed=seed)
    fields = cross_validate(cells.mean, target, groups=cells.factors["field_area"])
    return {
        f"{name}_{what}": mean(scores)
        for name, split in (("heldout", folds), ("field", fields))
        for what, scores in (
            ("full", split.full),
            ("pruned", split.pruned),
            ("train", split.train_pruned),
        )
    }

"""All numbers of one layer, from the moments of its responses."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ...base.arrays import condensed
from ...base.means import mean_of_defined
from ...inference import cross_validate, overlap
from ...numerosity import RULES as DETECTORS
from ...numerosity import CellMoments, distance_rdm, noise_corrected_rdm
from ...pruning import prune
from ...results import Pruning
from ...scoring import score_masks
from ...stimuli import StimulusSet
from .equal_numbers import equal_numbers
from .masks import first_units, random_sets
from .networks import Case

CORRECT, REVERSED = "correct", "reversed"
PUBLISHED_RULE, FACTORIAL = "one_way_cells", "factorial"
RANKINGS, RULES = (CORRECT, REVERSED), (PUBLISHED_RULE, FACTORIAL)
# Points of a curve that are kept, evenly spaced on a logarithmic axis.
POINTS = 240


@dataclass(frozen=True)
class Row:
    """One layer, by one ranking and one rule of number detectors.

    Attributes
    ----------
    network, version : str
    normalise : {"none", "imagenet"}
        How images were shown.
    layer : str
    seed : int
    ranking : {"correct", "reversed"}
        Most important units first; or last, as in the first published code, which
        selects as many of the least important ones.
    n_units : int
    full, pruned : float
        Score of all units, and of the units selected.
    full_corrected : float
        Score of all units by the RDM that is corrected for the noise of the means
        (:func:`~jaxprune.numerosity.noise_corrected_rdm`); NaN where a condition's
        pattern is not longer than its noise.
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
    normalise: str
    layer: str
    seed: int
    ranking: str
    n_units: int
    full: float
    full_corrected: float
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


def responses(
    case: Case,
    layers: list[str],
    shown: StimulusSet,
    waiting: Path | None,
    progress: bool,
) -> dict[str, CellMoments]:
    """Moments of the responses to the images, by layer.

    While images are shown, sums wait in a file, from which an interrupted run goes on.
    """
    import jaxprune_ports as jpp

    extraction = jpp.extract(
        case.make(),
        shown.images,
        shown.condition,
        layers,
        preprocessing=case.preprocessing(),
        moments=True,
        out=waiting,
        progress=progress,
    )
    if waiting is not None:
        # Complete, and as large as what is in memory.
        waiting.unlink()
    count, mean, m2 = extraction.count, extraction.features, extraction.m2
    assert m2 is not None
    return {
        layer: CellMoments(count, mean[layer], m2[layer], shown.factors)
        for layer in layers
    }


def analyse(
    cells: CellMoments,
    *,
    seed: int,
    n_folds: int,
    n_random: int,
    progress: bool = False,
    **place: Any,
) -> dict[str, Any]:
    """Prune a layer, find its number detectors, and compare both.

    Parameters
    ----------
    cells : CellMoments
        Of the factors ``numerosity``, ``item_area`` and ``field_area``.
    seed : int
        Of folds and random sets.
    n_folds, n_random : int
        As in :class:`~.study.Options`.
    progress : bool
        Show progress bars.
    **place
        Network, version, treatment and layer, for the table.

    Returns
    -------
    dict
        ``rows``, one for each ranking and rule, with the columns of `Row`;
        ``equal_numbers``, with those of `EqualNumbers`; ``sizes`` and ``curve``,
        numbers of units, most important first, and their scores; masks of units,
        ``retained`` and by the name of each rule.
    """
    target = distance_rdm(cells.factors["numerosity"])
    pruning = prune(cells.mean, target, progress=progress)
    chosen = {CORRECT: pruning.mask, REVERSED: least_important(pruning)}
    detectors = {rule: DETECTORS[rule](cells) for rule in RULES}
    found = {rule: one.mask for rule, one in detectors.items()}
    corrected = corrected_score(cells, target)
    draws = random_sets(pruning.n_units, pruning.best_size, n_random, seed)
    # In one call, which compiles once.
    masks = np.vstack([chosen[REVERSED], *found.values(), draws])
    scores = score_masks(cells.mean, target, masks).tolist()
    pruned = {CORRECT: float(pruning.best_score), REVERSED: scores.pop(0)}
    anova = {rule: scores.pop(0) for rule in RULES}
    held_out = {CORRECT: _held_out(cells, target, n_folds, seed)}
    held_out[REVERSED] = dict.fromkeys(held_out[CORRECT], np.nan)
    rows = []
    for ranking, rule in product(RANKINGS, RULES):
        common = overlap(chosen[ranking], found[rule])
        row = Row(
            **place,
            seed=seed,
            ranking=ranking,
            n_units=pruning.n_units,
            full=pruning.full_score,
            full_corrected=corrected,
            pruned=pruned[ranking],
            n_retained=common.n_first,
            anova=anova[rule],
            n_anova=common.n_second,
            rule=rule,
            overlap=common.coefficient,
            overlap_chance=common.chance,
            overlap_p=common.p,
            random=float(mean_of_defined(scores)),
            **held_out[ranking],
        )
        rows.append(asdict(row))
    sizes = thinned(pruning.n_units, int(pruning.best_size))
    curve = {"sizes": sizes, "curve": pruning.curve[sizes - 1]}
    equal = equal_numbers(
        cells, pruning, detectors[FACTORIAL], seed=seed, n_random=n_random, **place
    )
    masks = {"retained": pruning.mask, **found}
    return {"rows": rows, "equal_numbers": equal, **curve, **masks}


def corrected_score(cells: CellMoments, target: np.ndarray) -> float:
    """Score of all units without what noise of the condition means takes from it."""
    pairs = condensed(noise_corrected_rdm(cells)), condensed(target)
    return float(np.corrcoef(*pairs)[0, 1])


def least_important(pruning: Pruning) -> np.ndarray:
    """Mask of the units that the first published code selects.

    It reads a ranking of most important units first, reverses it once more, and takes
    as many of the first ones as the curve says, which is right.
    """
    return first_units(pruning.order[::-1], int(pruning.best_size))


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
    fields = cross_validate(
        cells.mean, target, condition_groups=cells.factors["field_area"]
    )
    return {
        f"{name}_{what}": float(mean_of_defined(scores))
        for name, split in (("heldout", folds), ("field", fields))
        for what, scores in (
            ("full", split.full),
            ("pruned", split.pruned),
            ("train", split.train_pruned),
        )
    }

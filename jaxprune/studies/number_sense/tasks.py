"""What can be read out of the units: which number is larger, and whether two match."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...numerosity import (
    ComparisonTrials,
    comparison_task,
    match_to_sample,
    silencing_test,
)
from ...stimuli import StimulusSet
from .options import Options
from .units import scaled, widths

GROUPS = {
    "selective": "selective units",
    "non_selective": "non-selective units",
    "pixels": "raw pixels",
}
# Quantities that number may be mistaken for, and their columns. In these images
# density is number over a constant area.
QUANTITIES = {"total area": "total_area", "dot size": "item_area"}
SETS = ("standard", "control1", "control2")
N_UNITS = 256
Arrays = dict[str, np.ndarray]
# Responses of units, and how many of them are drawn; None for all.
Group = tuple[np.ndarray, int | None]


def groups_of(
    selective: np.ndarray, non_selective: np.ndarray, images: np.ndarray
) -> dict[str, Group]:
    """Responses of each group, and how many of its units are drawn; None for all.

    Both groups of units give the same number, 256 if they can; a group without units
    is left out.
    """
    n = min(N_UNITS, selective.shape[1], non_selective.shape[1])
    pixels: dict[str, Group] = {"pixels": (images.reshape(len(images), -1), None)}
    if n == 0:
        return pixels
    return {"selective": (selective, n), "non_selective": (non_selective, n), **pixels}


def comparison(
    groups: Mapping[str, Group], stimuli: StimulusSet, options: Options, seed: int
) -> Arrays:
    """Compare numbers in images of all three sets.

    Returns
    -------
    dict of ndarray
        For each group ``compare_<group>``, accuracy by draw;
        ``compare_<group>_distance``, by numerical distance (those of ``distance``),
        NaN for a distance that no pair has; and
        ``compare_<group>_within``, of pairs of one set, by set.
    """
    number, kind = stimuli.levels("numerosity"), stimuli.levels("set")
    levels = np.unique(number)
    distances = np.unique(np.abs(levels[:, None] - levels))[1:]
    found = {"distance": distances}
    for group, responses in groups.items():
        trials = _trials(responses, number, options, seed)
        shown, accuracy = trials.by_distance()
        by_distance = np.full(len(distances), np.nan)
        by_distance[np.searchsorted(distances, shown)] = np.nanmean(accuracy, 0)
        first, second = kind[trials.sample_image], kind[trials.test_image]
        same = [(first == name) & (second == name) for name in SETS]
        within = [trials.correct[pairs].mean() for pairs in same]
        found |= {
            f"compare_{group}": trials.accuracy,
            f"compare_{group}_distance": by_distance,
            f"compare_{group}_within": np.array(within),
        }
    return found


def congruency(
    groups: Mapping[str, Group], stimuli: StimulusSet, options: Options, seed: int
) -> Arrays:
    """Compare numbers in images where total area is varied by itself.

    Returns
    -------
    dict of ndarray
        For each group ``area_<group>``, accuracy by draw, and
        ``area_<group>_congruent`` and ``..._incongruent``, ``(quantity, draw)``.
    """
    number, found = stimuli.levels("numerosity"), {}
    for group, responses in groups.items():
        trials = _trials(responses, number, options, seed)
        # Rounded: areas that were asked to be equal differ in their last digit.
        both = [
            trials.congruency(stimuli.table[column].round(6))
            for column in QUANTITIES.values()
        ]
        found |= {
            f"area_{group}": trials.accuracy,
            f"area_{group}_congruent": np.stack([one.congruent for one in both]),
            f"area_{group}_incongruent": np.stack([one.incongruent for one in both]),
        }
    return found


def matching(
    selective: np.ndarray,
    others: np.ndarray,
    number: np.ndarray,
    options: Options,
    seed: int,
) -> Arrays:
    """Match-to-sample, by selective units alone and with units silenced.

    Returns
    -------
    dict of ndarray
        ``match``, accuracy by repetition of a read-out of selective units alone, and
        ``performance``, its share of "same" by sample and test number, with
        ``performance_sigma`` and ``performance_r2`` of these curves. ``intact``,
        ``silenced`` and ``control``: a read-out of as many selective units as others;
        without the selective ones; without the others.
    """
    if not selective.shape[1]:
        return {}
    repeats = {"n_pairs": options.n_pairs, "n_repeats": options.n_repeats, "seed": seed}
    trials = match_to_sample(selective, number, **repeats)
    curves = scaled(trials.performance)
    found = {
        "match": trials.accuracy,
        "performance": trials.performance,
        **widths(trials.levels, curves, "performance"),
    }
    n = others.shape[1]
    if n:
        drawn = np.random.default_rng(seed).permutation(selective.shape[1])[:n]
        pool = np.hstack([selective[:, drawn], others])
        silent = silencing_test(pool, number, np.arange(n), **repeats)
        found |= {
            "intact": silent.intact.accuracy,
            "silenced": silent.silenced.accuracy,
            "control": silent.control.accuracy,
        }
    return found


def _trials(
    group: Group, number: np.ndarray, options: Options, seed: int
) -> ComparisonTrials:
    x, n_units = group
    draws = {"n_draws": options.n_draws, "n_pairs": options.n_pairs, "seed": seed}
    return comparison_task(x, number, n_units=n_units, **draws)

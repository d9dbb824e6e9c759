"""From what the user gave to what the kernels take: checked once, for every function.

A `Problem` holds the features and one `Group` of targets for each pattern of missing
pairs: targets that miss the same pairs share everything that does not depend on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import checks
from ..comparisons import (
    ALIASES,
    Comparison,
    comparison_named,
)
from ..execution.device import Place, places_of
from ..execution.pieces import Piece, pieces_of
from ..execution.shards import Shards
from ..metrics import Metric, metric_named
from ..results import Settings
from .layer import constant_rows, layer_of, scaled, shaped
from .targets import Group, as_targets, groups_of


@dataclass(frozen=True)
class Problem:
    """Checked features and targets.

    Features are those of the units of this process; everything else is the same in
    all processes.

    Attributes
    ----------
    features : ndarray or jax array (F n, N)
        Those of a `Layer`, brought near 1 by a power of two if far from it: no score
        changes.
    unscaled : ndarray or jax array (F n, N)
        Those of the `Layer`: RDMs do change.
    constant : ndarray of bool (n,)
        Conditions without a pattern (constant; all zero for the cosine metric).
    targets : ndarray (k, P)
        All dissimilarities, NaN where missing.
    stacked : bool
        Several targets were given: results get a leading axis.
    place : Place
        The devices of this process, if one speaks for all.
    shards : Shards
        Which device has which units, in this process and the others.
    pieces : list of Piece
        `features`, as the devices here take them.
    noise : ndarray (N, N) or None
        Precision, with a unit diagonal, of the noise that units share.
    """

    features: Any
    unscaled: Any
    constant: np.ndarray
    targets: np.ndarray
    groups: list[Group]
    stacked: bool
    metric: Metric
    comparison: Comparison
    settings: Settings
    place: Place
    shards: Shards
    pieces: list[Piece]
    noise: np.ndarray | None = None

    @property
    def n_units(self) -> int:
        """Number of units of the layer, here and elsewhere."""
        return self.shards.n_units

    def rows_of(self, group: Group) -> Any:
        """Features of the conditions of a group, in every fold."""
        if group.rows is None:
            return self.features
        folds = self.metric.folds
        firsts = np.arange(folds) * (len(self.features) // folds)
        return self.features[np.add.outer(firsts, group.rows).ravel()]


def make_problem(
    features: Any,
    target: Any,
    *,
    metric: str,
    compare: str,
    objective: str = "r",
    precision: str = "auto",
    undefined: str = "nan",
    target_kind: str = "dissimilarity",
    pool: str = "each",
    devices: Any = None,
    memory: Any = None,
    noise: Any = None,
) -> Problem:
    """Check everything that all public functions have in common."""
    the_metric = metric_named(metric, undefined)
    comparison = comparison_named(compare, the_metric.scale)
    checks.choice("objective", objective, ["r", "r2"])
    checks.choice("target_kind", target_kind, ["dissimilarity", "similarity"])
    checks.choice("pool", pool, ["each", "mean"])
    features = shaped(features, 2, the_metric.folded)
    places = places_of(features, precision, devices, memory)
    shards = Shards(tuple(place.device for place in places), features.shape[-1])
    layer = layer_of(features, metric, undefined, noise, shards=shards)
    if layer.noise is not None:
        checks.together("noise", shards.several)
    n = layer.n_conditions
    targets, stacked = as_targets(target, n, target_kind)
    groups = groups_of(targets, n, comparison)
    constant = constant_rows(layer.metric, layer.low, layer.high)
    if undefined == "nan":
        rows = [np.arange(n) if g.rows is None else g.rows for g in groups]
        used = np.unique(np.concatenate(rows))
        checks.constant_conditions(used[constant[used]], the_metric.centred)
    settings = Settings(
        metric,
        ALIASES.get(compare, compare),
        objective,
        undefined,
        target_kind,
        pool,
        None if noise is None else ("diagonal" if layer.noise is None else "full"),
    )
    x = scaled(layer.features, layer.low, layer.high)
    place = next(place for place in places if place.device == shards.local[0])
    return Problem(
        x,
        layer.features,
        constant,
        targets,
        groups,
        stacked,
        layer.metric,
        comparison,
        settings,
        place,
        shards,
        pieces_of(x, place, shards),
        layer.noise,
    )


def pooled(stacked: bool, settings: Any, scores: np.ndarray) -> np.ndarray:
    """Apply objective, ``undefined`` and ``pool`` to scores ``(k, ...)``."""
    if settings.undefined == "zero":
        scores = np.nan_to_num(scores)
    if settings.objective == "r2":
        scores = scores**2
    if settings.pool == "mean":
        return scores.mean(0)
    return scores if stacked else scores[0]


def scoring_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of `prune` without those that only say how units are ordered."""
    ordering = ("method", "search", "importance")
    return {name: value for name, value in options.items() if name not in ordering}

"""From what the user gave to what is computed: checked once, for every function.

A `Problem` is a layer and its targets. Targets that miss the same pairs share
everything that does not depend on them: each group of them is a `Subproblem`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..base import checks
from ..comparisons import (
    ALIASES,
    Comparison,
    check_controllable,
    comparison_named,
)
from ..execution.devices import ComputeDevice
from ..io.checkpoints import digest
from ..io.objects import matched
from ..metrics import metric_named
from ..results import Settings
from .controls import Controls
from .layer import Layer, make_layer
from .subproblem import Subproblem
from .targets import TargetGroup, as_targets, target_groups
from .unit_groups import UnitGroups


@dataclass(frozen=True, eq=False)
class Problem:
    """Checked features and targets.

    Attributes
    ----------
    layer : Layer
    targets : ndarray (k, P)
        All dissimilarities, NaN where missing.
    groups : list of TargetGroup
    stacked : bool
        Several targets were given: results get a leading axis.
    comparison : Comparison
    settings : Settings
    controls : ndarray (K, P) or None
        Dissimilarities whose share is taken out.
    """

    layer: Layer
    targets: np.ndarray
    groups: list[TargetGroup]
    stacked: bool
    comparison: Comparison
    settings: Settings
    controls: np.ndarray | None = None

    @property
    def n_units(self) -> int:
        """Number of units of the layer, here and elsewhere."""
        return self.layer.n_units

    @property
    def unit_groups(self) -> UnitGroups | None:
        """Groups of units, where these are ranked."""
        return self.layer.unit_groups

    @property
    def group_names(self) -> np.ndarray | None:
        """Names of the groups of units, if there are any."""
        return None if self.unit_groups is None else self.unit_groups.names

    @property
    def n_ranked(self) -> int:
        """Number of what is ranked: of groups, or of units."""
        return self.n_units if self.unit_groups is None else len(self.unit_groups)

    @property
    def device(self) -> ComputeDevice:
        """The devices of this process."""
        return self.layer.device

    @cached_property
    def subproblems(self) -> list[Subproblem]:
        """What is computed for each group of targets."""
        return [Subproblem(self.layer, group, self.comparison) for group in self.groups]

    def aimed_at(self, targets: np.ndarray) -> Problem:
        """The same with other targets ``(k, P)``."""
        n = self.layer.n_conditions
        groups = target_groups(targets, n, self.comparison, self.controls)
        return replace(self, targets=targets, groups=groups, stacked=True)

    def identity(self) -> dict[str, Any]:
        """Everything that numbers depend on, ready for JSON; data as digests.

        Every process has to ask at the same time, and gets the same.
        """
        layer = self.layer
        parts = getattr(layer.features, "parts", (layer.features,))
        here = np.frombuffer(bytes.fromhex(digest(*parts)), np.uint8)
        groups = self.unit_groups
        return {
            "features": digest(layer.shards.exchanged(here)),
            "exponent": layer.exponent,
            "noise": digest(layer.noise),
            "targets": digest(self.targets),
            "dtype": layer.device.dtype,
            **asdict(self.settings),
            "groups": None if groups is None else groups.identity,
            "controls": digest(self.controls),
            "readout": None if layer.reading is None else layer.reading.identity,
        }


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
    groups: Any = None,
    overlapping: bool = False,
    controls: Any = None,
    semi: bool = False,
    readout: Any = None,
) -> Problem:
    """Check everything that all public functions have in common.

    Groups of units may share some if `overlapping`.
    """
    the_metric = metric_named(metric, undefined, noise)
    comparison = comparison_named(compare, the_metric.scale)
    checks.choice("objective", objective, ["r", "r2"])
    checks.choice("target_kind", target_kind, ["dissimilarity", "similarity"])
    checks.choice("pool", pool, ["each", "mean"])
    given, (features, target) = features, matched(features, target)
    where = {"precision": precision, "devices": devices, "memory": memory}
    layer = make_layer(features, the_metric, noise, readout=readout, **where)
    if groups is not None:
        unit_groups = UnitGroups.of(groups, layer.n_units, overlapping)
        layer = replace(layer, unit_groups=unit_groups)
    n = layer.n_conditions
    targets, stacked = as_targets(target, n, target_kind)
    if controls is not None:
        check_controllable(comparison, compare)
        controls = Controls.of(controls, given, n).values
        comparison = replace(comparison, n_controls=0 if semi else len(controls))
    elif semi:
        raise ValueError("semi=True was given without controls; leave it out.")
    alike = target_groups(targets, n, comparison, controls)
    if undefined == "nan":
        rows = [np.arange(n) if g.rows is None else g.rows for g in alike]
        used = np.unique(np.concatenate(rows))
        name = "features" if layer.reading is None else "readout"
        constant = used[layer.constant[used]]
        checks.constant_conditions(constant, the_metric.centred, name)
    settings = Settings(
        metric,
        ALIASES.get(compare, compare),
        objective,
        undefined,
        target_kind,
        pool,
        None if noise is None else ("diagonal" if layer.noise is None else "full"),
        groups=None if layer.unit_groups is None else len(layer.unit_groups),
        controls=None if controls is None else len(controls),
        semi=semi,
        readout=None if layer.reading is None else layer.reading.name,
    )
    return Problem(layer, targets, alike, stacked, comparison, settings, controls)


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
    ordering = ("method", "search", "importance", "sizes", "groups")
    return {name: value for name, value in options.items() if name not in ordering}

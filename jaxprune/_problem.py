"""From what the user gave to what the kernels take: checked once, for every function.

A `Problem` holds the features and one `Group` of targets for each pattern of missing
pairs: targets that miss the same pairs share everything that does not depend on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from . import _checks
from ._arrays import condensed, double_precision, float_of, pair_index
from .comparisons import ALIASES, COMPARISONS, Comparison, is_constant
from .execution.device import Place, places_of
from .execution.pieces import Piece, pieces_of
from .execution.shards import Shards
from .metrics import METRICS, Metric
from .results import Settings


@dataclass(frozen=True)
class Group:
    """Targets that miss the same pairs, and the conditions that remain.

    Attributes
    ----------
    which : ndarray of int (g,)
        Positions of these targets among all targets.
    rows : ndarray of int (m,) or None
        Conditions with at least one pair; None for all.
    pairs : tuple of ndarray (p,)
        Pairs kept, as indices into `rows`.
    targets : ndarray (g, p)
        Dissimilarities of those pairs.
    """

    which: np.ndarray
    rows: np.ndarray | None
    pairs: tuple[np.ndarray, np.ndarray]
    targets: np.ndarray


@dataclass(frozen=True)
class Layer:
    """Checked features as the sums of a metric take them.

    Attributes
    ----------
    metric : Metric
    features : ndarray or jax array (F n, N)
        Of F folds: all conditions of the first, then of the next.
    low, high : ndarray (F n,)
        Smallest and largest value of each row.
    noise : ndarray (N, N) or None
        Precision, with a unit diagonal, of the noise that units share.
    """

    metric: Metric
    features: Any
    low: np.ndarray
    high: np.ndarray
    noise: np.ndarray | None

    @property
    def n_conditions(self) -> int:
        """Number of conditions."""
        return len(self.features) // self.metric.folds


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


def metric_named(name: str, undefined: Any = "nan", folds: int = 1) -> Metric:
    """Metric by name."""
    _checks.choice("metric", name, list(METRICS))
    _checks.choice("undefined", undefined, ["nan", "zero"])
    return METRICS[name](undefined, folds)


def comparison_named(name: str, scale: float) -> Comparison:
    """Comparison by name or alias, of RDMs with a certain scale."""
    _checks.choice("compare", name, [*COMPARISONS, *ALIASES])
    return COMPARISONS[ALIASES.get(name, name)](scale)


def as_features(features: Any, min_units: int = 2, folded: bool = False) -> Any:
    """An array ``(n, N)`` of floats, NumPy or jax; checked but for its values.

    For metrics that are `folded`, ``(folds, n, N)``.
    """
    x = shaped(features, min_units, folded)
    return floats(x if isinstance(x, jax.Array) else np.asarray(x))


def shaped(features: Any, min_units: int, folded: bool) -> Any:
    """An array, perhaps one that is read where it is sliced; shape and dtype checked.

    A memory map, or a dataset of HDF5 or zarr, is not read.
    """
    _checks.unmasked("features", features)
    lazy = isinstance(getattr(features, "dtype", None), np.dtype)
    x = features if lazy else np.asarray(features)
    _checks.features(x, min_units, folded)
    return x


def floats(x: Any) -> Any:
    """The same numbers in float32 or float64."""
    if x.dtype in (np.float32, np.float64):
        return x
    # Floats of another byte order become native.
    with double_precision():
        return x.astype(float_of(x.dtype))


def extremes(x: Any, shards: Shards | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest value of each row; ValueError if not finite.

    Rows are those of all processes, and so is the error.
    """
    first = 0
    with double_precision():
        low, high = np.ravel(x.min(-1)), np.ravel(x.max(-1))
    if shards is not None and shards.distributed:
        first = shards.here.start
        low, high = shards.widest(low, high)
    _checks.finite(x, low, high, first)
    return low, high


def layer_of(
    features: Any,
    metric: str,
    undefined: Any,
    noise: Any,
    min_units: int = 2,
    shards: Shards | None = None,
) -> Layer:
    """Check features and noise, and scale every unit by its own precision.

    Of an array that several processes share, each takes the units of its devices.
    """
    _checks.choice("metric", metric, list(METRICS))
    _checks.noise_wanted(metric, METRICS[metric].noise, noise is not None)
    folded = METRICS[metric].folded
    if shards is None or not shards.distributed:
        x = as_features(features, min_units, folded)
    else:
        x = floats(np.asarray(shaped(features, min_units, folded)[..., shards.here]))
    the_metric = metric_named(metric, undefined, len(x) if folded else 1)
    low, high = extremes(x, shards)
    here = slice(None) if shards is None else shards.here
    if the_metric.counts:
        _checks.non_negative(x, low, here.start or 0)
    n_units, shared = x.shape[-1], None
    # A jax array stays where it is.
    with double_precision():
        changed = the_metric.transform(x.reshape(-1, n_units))
        if noise is not None:
            every = n_units if shards is None else shards.n_units
            weights, shared = _standardised(_checks.noise(noise, every))
            changed = changed.astype("float64") * weights[None, here]
    if noise is not None or the_metric.counts:
        low, high = extremes(changed, shards)
    return Layer(the_metric, changed, low, high, shared)


def _standardised(precision: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Factor of each unit ``(N,)`` that makes every ``P_kk`` 1, and what P becomes.

    None where no unit shares noise with another: the factors are all there is to it.
    """
    if precision.ndim == 1:
        return np.sqrt(precision), None
    weights = np.sqrt(np.diagonal(precision))
    if np.count_nonzero(precision) == len(precision):
        return weights, None
    return weights, precision / weights[:, None] / weights


def scaled(x: Any, low: np.ndarray, high: np.ndarray) -> Any:
    """Bring extreme magnitudes near 1 by a power of two, which is exact.

    Scores do not depend on the scale, but the fourth powers of features that squared
    Euclidean RDMs need leave the range of float32 beyond 1e±9, of float64 beyond
    1e±77. Features whose largest value lies between 1e-6 and 1e6 are left alone.
    """
    largest = max(np.abs(low).max(), np.abs(high).max())
    if largest == 0 or 1e-6 <= largest <= 1e6:
        return x
    exponent = np.frexp(largest)[1]
    if isinstance(x, np.ndarray):
        return np.ldexp(x, -exponent)
    with double_precision():
        return x * x.dtype.type(2.0**-exponent)


def constant_rows(metric: Metric, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Conditions without a pattern to compare: similarities need one, distances not."""
    if not metric.scale:
        return np.zeros(len(low) // metric.folds, bool)
    return low == high if metric.centred else (low == 0) & (high == 0)


def as_targets(target: Any, n: int, kind: str) -> tuple[np.ndarray, bool]:
    """Dissimilarities ``(k, P)`` in float64, NaN where missing; whether stacked."""
    if hasattr(target, "get_vectors"):
        # rsatoolbox RDMs; their vectors may be one row of several.
        vectors = np.asarray(target.get_vectors(), float)
        stacked = len(vectors) > 1
    else:
        _checks.unmasked("target", target)
        array = np.asarray(target)
        _checks.numeric("target", array)
        array = array.astype(float)
        _checks.target_shape(array, n)
        stacked = array.ndim == 3
        if array.ndim > 1:
            squares = array.reshape(-1, *array.shape[-2:])
            _checks.same_conditions(squares.shape[-1], n)
            _checks.square_target(squares, kind)
            vectors = condensed(squares)
        else:
            vectors = array[None]
    _checks.condensed_target(vectors, n)
    return (1 - vectors if kind == "similarity" else vectors), stacked


def groups_of(targets: np.ndarray, n: int, comparison: Comparison) -> list[Group]:
    """One group per pattern of missing pairs, in order of first appearance."""
    i, j = pair_index(n)
    present = ~np.isnan(targets)
    patterns: dict[bytes, list[int]] = {}
    for k, row in enumerate(present):
        patterns.setdefault(np.packbits(row).tobytes(), []).append(k)
    groups = []
    for members in patterns.values():
        kept = present[members[0]]
        which = np.array(members)
        values = targets[which][:, kept]
        _check_values(values, which, len(targets), comparison)
        if kept.all():
            groups.append(Group(which, None, (i, j), values))
            continue
        rows = np.unique(np.concatenate([i[kept], j[kept]]))
        place = np.full(n, -1)
        place[rows] = np.arange(len(rows))
        every = None if len(rows) == n else rows
        groups.append(Group(which, every, (place[i[kept]], place[j[kept]]), values))
    return groups


def _check_values(
    values: np.ndarray, which: np.ndarray, n_targets: int, comparison: Comparison
) -> None:
    """Targets ``(g, p)`` over the pairs kept can be compared with."""
    any_level = comparison.centred or comparison.ranks
    flat: Any = is_constant(values) if any_level else ~values.any(1)
    for target, row, is_flat in zip(which, values, flat, strict=True):
        name = "target" if n_targets == 1 else f"target[{target}]"
        _checks.comparable(name, row, bool(is_flat))


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
    _checks.choice("objective", objective, ["r", "r2"])
    _checks.choice("target_kind", target_kind, ["dissimilarity", "similarity"])
    _checks.choice("pool", pool, ["each", "mean"])
    features = shaped(features, 2, the_metric.folded)
    places = places_of(features, precision, devices, memory)
    shards = Shards(tuple(place.device for place in places), features.shape[-1])
    layer = layer_of(features, metric, undefined, noise, shards=shards)
    if layer.noise is not None:
        _checks.together("noise", shards.several)
    n = layer.n_conditions
    targets, stacked = as_targets(target, n, target_kind)
    groups = groups_of(targets, n, comparison)
    constant = constant_rows(layer.metric, layer.low, layer.high)
    if undefined == "nan":
        rows = [np.arange(n) if g.rows is None else g.rows for g in groups]
        used = np.unique(np.concatenate(rows))
        _checks.constant_conditions(used[constant[used]], the_metric.centred)
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

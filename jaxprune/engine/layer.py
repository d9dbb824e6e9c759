"""Features as the sums of a metric take them: checked, transformed, near 1 in size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..base import checks
from ..base.arrays import double_precision, float_of
from ..execution.shards import Shards
from ..metrics import METRICS, Metric, metric_named


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
    checks.unmasked("features", features)
    lazy = isinstance(getattr(features, "dtype", None), np.dtype)
    x = features if lazy else np.asarray(features)
    checks.features(x, min_units, folded)
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
    checks.finite(x, low, high, first)
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
    checks.choice("metric", metric, list(METRICS))
    checks.noise_wanted(metric, METRICS[metric].noise, noise is not None)
    folded = METRICS[metric].folded
    if shards is None or not shards.distributed:
        x = as_features(features, min_units, folded)
    else:
        x = floats(np.asarray(shaped(features, min_units, folded)[..., shards.here]))
    the_metric = metric_named(metric, undefined, len(x) if folded else 1)
    low, high = extremes(x, shards)
    here = slice(None) if shards is None else shards.here
    if the_metric.counts:
        checks.non_negative(x, low, here.start or 0)
    n_units, shared = x.shape[-1], None
    # A jax array stays where it is.
    with double_precision():
        changed = the_metric.transform(x.reshape(-1, n_units))
        if noise is not None:
            every = n_units if shards is None else shards.n_units
            weights, shared = _standardised(checks.noise(noise, every))
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

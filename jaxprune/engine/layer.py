"""Features as kernels take them: checked once, near 1 in size, in pieces on devices.

What depends on the layer alone (row means, sums over units, pairs of conditions) is
made once here, and shared by all targets and all steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base import checks
from ..base.arrays import double_precision, float_of, pair_index
from ..base.sparse import SparseUnits, is_sparse
from ..execution import budget
from ..execution.devices import ComputeDevice, devices_of
from ..execution.pieces import Piece, pieces_of
from ..execution.shards import Shards
from ..io.objects import plain
from ..metrics import Metric
from .group_sums import GroupSums
from .readout import Reading
from .sums import Sums
from .unit_groups import UnitGroups


@dataclass(frozen=True, eq=False)
class Layer:
    """Checked features, and where they are computed with.

    Features are those of the units of this process; everything else is the same in
    all processes.

    Attributes
    ----------
    metric : Metric
        With the number of folds of these features.
    features : ndarray, jax array or SparseUnits (F n, N)
        As the sums of the metric take them; of F folds, all conditions of the first,
        then of the next. Brought near 1 by a power of two if far from it, each row
        by its own if the metric allows: no score changes.
    exponent : int
        Of that power; 0 for rows of their own. RDMs are those of
        ``2**exponent * features``.
    constant : ndarray of bool (n,)
        Conditions without a pattern (constant; all zero for the cosine metric).
    noise : ndarray (N, N) or None
        Precision, with a unit diagonal, of the noise that units share.
    device : ComputeDevice
        The devices of this process, if one speaks for all.
    shards : Shards
        Which device has which units, in this process and the others.
    pieces : list of Piece
        `features`, as the devices here take them.
    unit_groups : UnitGroups or None
        What is ranked, left out and put back, where that is not every unit.
    reading : Reading or None
        What the RDM is read from, where that is not the layer itself: features are as
        they were given then, and what is said here of patterns holds for those read.
    """

    metric: Metric
    features: Any
    exponent: int
    constant: np.ndarray
    noise: np.ndarray | None
    device: ComputeDevice
    shards: Shards
    pieces: list[Piece]
    unit_groups: UnitGroups | None = None
    reading: Reading | None = None

    @property
    def n_conditions(self) -> int:
        """Number of conditions."""
        return len(self.constant)

    @property
    def n_units(self) -> int:
        """Number of units of the layer, here and elsewhere."""
        return self.shards.n_units

    @cached_property
    def sums(self) -> Sums:
        """Sums over units, for all pairs of conditions."""
        pairs = pair_index(self.n_conditions)
        return self.sums_over(self.pieces, pairs)

    def sums_over(
        self, pieces: list[Piece], pairs: tuple[np.ndarray, np.ndarray]
    ) -> Sums:
        """Sums over units in other pieces, for some pairs of their conditions."""
        block = budget.units_summed(self.device, len(pieces[0].source))
        return Sums(self.metric, self.shards, pieces, pairs, block)

    @cached_property
    def mean(self) -> np.ndarray:
        """Row means in double precision ``(F n,)``; zeros if they do not matter."""
        return row_means(self.features, self.metric, self.shards)

    @cached_property
    def sums_of_groups(self) -> GroupSums:
        """Sums over the units of each group, for all pairs of conditions."""
        assert self.unit_groups is not None
        return GroupSums(self.sums, self.mean, self.unit_groups, self.device)

    def rows_of(self, conditions: np.ndarray) -> Any:
        """Features of some conditions, in every fold."""
        return self.features[self.rows(conditions)]

    def rows(self, conditions: np.ndarray) -> np.ndarray:
        """Rows of some conditions, in every fold."""
        firsts = np.arange(self.metric.folds) * self.n_conditions
        return np.add.outer(firsts, conditions).ravel()

    def with_memory(self, budget: int) -> Layer:
        """The same, where every device may use so many bytes."""
        device = replace(self.device, budget=budget)
        pieces = pieces_of(self.features, device, self.shards)
        return replace(self, device=device, pieces=pieces)


def make_layer(
    features: Any,
    metric: Metric,
    noise: Any = None,
    *,
    readout: Any = None,
    precision: str = "auto",
    devices: Any = None,
    memory: Any = None,
    min_units: int = 2,
) -> Layer:
    """Check features and noise, and scale every unit by its own precision.

    Of an array that several processes share, each takes the units of its devices.
    """
    x = shaped(features, min_units, metric.folded, sparse=True)
    chosen = devices_of(x, precision, devices, memory)
    shards = Shards(tuple(device.jax_device for device in chosen), x.shape[-1])
    if metric.folded:
        metric = replace(metric, folds=len(x))
    if isinstance(x, SparseUnits):
        checks.stays_sparse(metric.counts, noise is not None, shards.distributed)
    x = x[..., shards.here] if shards.distributed else x
    x = floats(_near_zero(x, metric, shards))
    low, high = extremes(x, shards)
    if readout is not None:
        sparse = isinstance(x, SparseUnits)
        checks.readout(metric.folded, noise is not None, sparse, shards.several)
        return _read(x, metric, readout, chosen[0], shards)
    if metric.counts:
        checks.non_negative(x, low, shards.here.start)
    shared = None
    # A jax array stays where it is.
    with double_precision():
        changed = metric.transform(x.reshape(-1, x.shape[-1]) if x.ndim > 2 else x)
        if noise is not None:
            weights, shared = _standardised(checks.noise(noise, shards.n_units))
            changed = changed.astype("float64") * weights[None, shards.here]
    if shared is not None:
        checks.together("noise", shards.several)
    if noise is not None or metric.counts:
        low, high = extremes(changed, shards)
    near, exponent = scaled(changed, low, high, by_row=metric.degree == 0)
    constant = constant_rows(metric, low, high)
    device = next(one for one in chosen if one.jax_device == shards.local[0])
    pieces = pieces_of(near, device, shards)
    return Layer(metric, near, exponent, constant, shared, device, shards, pieces)


def _read(
    x: Any, metric: Metric, readout: Any, device: ComputeDevice, shards: Shards
) -> Layer:
    """A layer from which patterns are read: nothing is done to what is read from."""
    reading = Reading.of(readout, x, device)
    low, high = extremes(reading.full)
    if metric.counts:
        checks.non_negative(reading.full, low, name="readout")
    exponent = scaled(reading.full, low, high, by_row=False)[1]
    constant = constant_rows(metric, low, high)
    pieces = pieces_of(x, device, shards)
    return Layer(
        *(metric, x, exponent, constant, None, device, shards, pieces), reading=reading
    )


def as_features(features: Any, min_units: int = 2, folded: bool = False) -> Any:
    """An array ``(n, N)`` of floats, NumPy or jax; checked but for its values.

    For metrics that are `folded`, ``(folds, n, N)``.
    """
    return floats(shaped(features, min_units, folded))


def shaped(features: Any, min_units: int, folded: bool, sparse: bool = False) -> Any:
    """An array, perhaps one that is read where it is sliced; shape and dtype checked.

    A memory map, or a dataset of HDF5 or zarr, is not read; what is `sparse` stays so,
    if it may be.
    """
    if sparse and is_sparse(features):
        features = SparseUnits.of(features)
    given = plain("features", features)
    lazy = isinstance(getattr(given, "dtype", None), np.dtype)
    x = given if lazy else np.asarray(given)
    checks.features(x, min_units, folded)
    return x


def floats(x: Any) -> Any:
    """The same numbers in float32 or float64, as a NumPy or a jax array."""
    x = x if isinstance(x, jax.Array | SparseUnits) else np.asarray(x)
    if x.dtype in (np.float32, np.float64):
        return x
    checks.whole_numbers("features", x)
    # Floats of another byte order become native.
    with double_precision():
        return x.astype(float_of(x.dtype))


def _near_zero(x: Any, metric: Metric, shards: Shards) -> Any:
    """Integers that float64 cannot hold, less an offset that the metric ignores."""
    if x.dtype not in (np.int64, np.uint64) or isinstance(x, jax.Array):
        return x
    x = np.asarray(x)
    if not checks.beyond_float64(x):
        return x
    # Differences to the smallest are exact in unsigned integers.
    near = x
    if metric.offset_free:
        near = x.astype(np.uint64) - x.min(-2, keepdims=True).astype(np.uint64)
    elif metric.centred and not shards.distributed:
        near = x.astype(np.uint64) - x.min(-1, keepdims=True).astype(np.uint64)
    return x if checks.beyond_float64(near) else near


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


def scaled(
    x: Any, low: np.ndarray, high: np.ndarray, *, by_row: bool
) -> tuple[Any, int]:
    """Bring extreme magnitudes near 1 by a power of two, which is exact.

    Scores do not depend on the scale, but the fourth powers of features that squared
    Euclidean RDMs need leave the range of float32 beyond 1e±9, of float64 beyond
    1e±77. Features whose largest value lies between 1e-6 and 1e6 are left alone; so is
    each row of its own, if rows may have scales of their own.

    Returns
    -------
    features
    exponent : int
        ``2**exponent * features`` are as they were, but for rows of their own.
    """
    largest = np.maximum(np.abs(low), np.abs(high))
    largest = largest if by_row else largest.max(keepdims=True)
    fine = (largest == 0) | ((largest >= 1e-6) & (largest <= 1e6))
    if fine.all():
        return x, 0
    exponents = np.where(fine, 0, np.frexp(largest)[1])
    if isinstance(x, SparseUnits):
        near = x.ldexp(-exponents)
    elif isinstance(x, np.ndarray):
        near = np.ldexp(x, -exponents[:, None])
    else:
        with double_precision():
            near = jnp.ldexp(x, -exponents[:, None])
    return near, 0 if by_row else int(exponents[0])


def row_means(x: Any, metric: Metric, shards: Shards) -> np.ndarray:
    """Means over all units in double precision; zeros for what is not centred."""
    if not metric.centred:
        return np.zeros(len(x))
    if not isinstance(x, jax.Array):
        total = x.sum(1, dtype=np.float64)
    else:
        with double_precision():
            total = np.asarray(jnp.sum(x, 1, dtype="float64"))
    return shards.exchanged(total).sum(0) / shards.n_units


def constant_rows(metric: Metric, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Conditions without a pattern to compare: similarities need one, distances not."""
    if not metric.scale:
        return np.zeros(len(low) // metric.folds, bool)
    return low == high if metric.centred else (low == 0) & (high == 0)

"""Average ranks in which round-off counts as a tie, on the device and on the host.

Values that are mathematically equal differ by round-off, and ranking that would invent
an order: sorted neighbours closer than `TIE` eps times the largest value (or `scale`,
if that is larger) are tied.
"""

from __future__ import annotations

import threading

import jax.numpy as jnp
import numpy as np
from jax import Array

from ._base import TIE


def average_ranks(values: Array, scale: float = 0.0) -> Array:
    """Ranks 0..P-1 of a vector ``(P,)``, ties averaged; NaN if any value is."""
    order = jnp.argsort(values)
    ordered = values[order]
    largest = jnp.maximum(jnp.max(jnp.abs(values)), scale)
    tolerance = TIE * jnp.finfo(values.dtype).eps * largest
    position = jnp.arange(len(values), dtype=values.dtype)
    new = jnp.concatenate([jnp.ones(1, bool), jnp.diff(ordered) > tolerance])
    first = jnp.maximum.accumulate(jnp.where(new, position, 0))
    end = jnp.concatenate([new[1:], jnp.ones(1, bool)])
    last = jnp.minimum.accumulate(jnp.where(end, position, len(values))[::-1])[::-1]
    ranks = jnp.zeros_like(values).at[order].set((first + last) / 2)
    return jnp.where(jnp.any(jnp.isnan(values)), jnp.nan, ranks)


def average_ranks_host(values: np.ndarray, scale: float = 0.0) -> np.ndarray:
    """`average_ranks` in NumPy, float64."""
    if np.isnan(values).any():
        return np.full(values.shape, np.nan)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    tolerance = TIE * np.finfo(values.dtype).eps * max(np.abs(values).max(), scale)
    starts = np.flatnonzero(np.r_[True, np.diff(ordered) > tolerance])
    ends = np.r_[starts[1:], len(values)]
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts + ends - 1) / 2, ends - starts)
    return ranks


def strict_orders(
    rdms: np.ndarray, scale: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders of the rows of RDMs ``(B, P)``, where no two values of a row are tied.

    Sorting numbers is twice as fast as sorting their indices. So each value is mapped
    to [1, 2), where all floats have the same exponent, and its index takes the place
    of the last bits of its fraction: one sort yields both. What the remaining bits
    cannot tell apart is reported as tied; otherwise the order is exact.

    Returns
    -------
    orders : ndarray of int (B, P)
        ``rdms[b, orders[b]]`` ascends, where row b has no tie. Valid until this
        thread calls again.
    tied : ndarray of bool (B,)
        Rows with values that are, or may be, tied, or NaN.
    scratch : ndarray (B, P)
        Memory that is free until then.
    """
    n_pairs = rdms.shape[1]
    spread, gaps = _scratch(rdms.shape)
    low = rdms.min(1, keepdims=True)
    high = rdms.max(1, keepdims=True)
    width = (high - low).astype(float)
    usable = width > 0
    width = np.where(usable, width, 1)
    with np.errstate(invalid="ignore"):
        np.subtract(rdms, low, out=spread)
        # Short of 2 by more than rounding could add.
        spread *= (1 - 2.0**-50) / width
    spread += 1
    bits = spread.view(np.int64)
    index_mask = (1 << max(1, int(n_pairs - 1).bit_length())) - 1
    bits &= ~index_mask
    bits |= np.arange(n_pairs)
    spread.sort(axis=1)
    np.subtract(spread[:, 1:], spread[:, :-1], out=gaps[:, 1:])
    largest = np.maximum(np.maximum(np.abs(low), np.abs(high)), scale)
    tolerance = TIE * np.finfo(rdms.dtype).eps * largest / width
    # The index in the last bits of two neighbours moves each by less than its mask.
    resolution = 2 * index_mask * 2.0**-52
    clear = gaps[:, 1:].min(1, keepdims=True) > tolerance + resolution
    bits &= index_mask
    return bits, ~(usable & clear)[:, 0], gaps


_local = threading.local()


def _scratch(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of this thread, kept between calls.

    Fresh memory of this size comes from the system page by page, which takes as long
    as the sort.
    """
    if getattr(_local, "shape", None) != shape:
        _local.arrays = np.empty(shape), np.empty(shape)
        _local.shape = shape
    return _local.arrays

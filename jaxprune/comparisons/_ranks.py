"""Average ranks in which round-off counts as a tie, on the device and on the host.

Values that are mathematically equal differ by round-off, and ranking that would invent
an order: sorted neighbours closer than `TIE` eps times the largest value (or `scale`,
if that is larger) are tied.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from ._base import TIE

# With more than this part of the pairs in doubt, all are ranked another way.
MANY = 8


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


class Orders(NamedTuple):
    """How the rows of RDMs ``(B, P)`` ascend.

    Attributes
    ----------
    orders : ndarray of int (B, P)
        ``rdms[b, orders[b]]`` ascends, unless b is `unknown`. Valid until this thread
        calls again.
    ties : dict of int to (ndarray, ndarray)
        Of rows that may have some: places in the order, and how far the average rank
        of those tied is from each.
    unknown : ndarray of bool (B,)
        Rows with NaN, constant, or with many values that may be tied.
    scratch : ndarray (B, P)
        Memory that is free until this thread calls again.
    """

    orders: np.ndarray
    ties: dict[int, tuple[np.ndarray, np.ndarray]]
    unknown: np.ndarray
    scratch: np.ndarray


def orders_of(rdms: np.ndarray, scale: float = 0.0) -> Orders:
    """Orders of the rows of RDMs ``(B, P)``.

    Sorting numbers is twice as fast as sorting their indices. So each value is mapped
    to [1, 2), where all floats have the same exponent, and its index takes the place
    of the last bits of its fraction: one sort yields both. What the remaining bits
    cannot tell apart (of a million pairs, a thousand) is sorted once more, by value.
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
    unclear = gaps[:, 1:].min(1) <= (tolerance + resolution)[:, 0]
    bits &= index_mask
    unknown, ties = ~usable[:, 0], {}
    for row in np.flatnonzero(unclear & ~unknown):
        places = np.flatnonzero(gaps[row, 1:] <= tolerance[row] + resolution)
        unknown[row] = len(places) > n_pairs // MANY
        if not unknown[row]:
            apart = tolerance[row, 0] * width[row, 0]
            ties[row] = _put_in_order(bits[row], rdms[row], places, apart)
    return Orders(bits, ties, unknown, gaps)


def _put_in_order(
    order: np.ndarray, values: np.ndarray, places: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Sort runs of neighbours in place; all their places, and `Orders.ties` of them.

    `places` are those whose value may equal the next one's, or exceed it.
    """
    members = np.union1d(places, places + 1)
    run = np.cumsum(~np.isin(members - 1, places))
    found = values[order[members]]
    again = np.lexsort((found, run))
    order[members] = order[members][again]
    new = np.append(True, (np.diff(run) > 0) | (np.diff(found[again]) > tolerance))
    starts = np.flatnonzero(new)
    counts = np.diff(starts, append=len(members))
    average = np.add.reduceat(members, starts) / counts
    return members, np.repeat(average, counts) - members


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

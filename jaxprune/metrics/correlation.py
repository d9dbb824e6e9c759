"""Correlation dissimilarity, 1 - r."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..base.arrays import matmul, running, settle, take
from ..base.types import Columns, Dissimilarities, Features, Pairs
from ._base import Metric
from .cosine import DOMINATES, largest_share, similarity_distance

# A variance below a hundredth of the second moment has lost two digits.
CANCELLED = 1e-2


class Moments(NamedTuple):
    """Sums around the mean of the units summed so far.

    ``first`` and ``varies`` tell a constant pattern exactly: it is one in which no
    unit differs from the first. A variance cannot tell, it is round-off.
    """

    n_units: Array
    first: Array
    varies: Array
    total: Array
    squares: Array
    products: Array


class RawMoments(NamedTuple):
    """Sums around a fixed centre."""

    differs: Array
    total: Array
    squares: Array
    products: Array


@dataclass(frozen=True)
class Correlation(Metric):
    r"""``d_ij = 1 - corr(x_i, x_j)`` over units, undefined for a constant pattern.

    Sums are kept around the running mean (Welford's and Chan's updates), which needs
    no subtraction of large numbers.
    """

    closed_form: ClassVar[str | None] = "unit_rows"
    centred: ClassVar[bool] = True
    scale: ClassVar[float] = 1.0
    degree: ClassVar[int] = 0

    def init(self, x: Features, pairs: Pairs, mask: Array | None = None) -> Moments:
        """Sums over all units (of a mask), around their mean."""
        n_units = x.shape[1]
        first = x[:, 0] if mask is None else x[:, jnp.argmax(mask)]
        differs = x != first[:, None]
        weight = jnp.ones(n_units, x.dtype)
        if mask is not None:
            differs &= mask[None, :]
            weight = mask.astype(x.dtype)
        count = jnp.sum(weight)
        size = jnp.maximum(count, 1)
        mean = matmul(x, weight) / size
        centred = x - mean[:, None]
        if mask is not None:
            centred = centred * weight[None, :]
        gram = matmul(centred, centred.T)
        # What the mean leaves is subtracted too: rows with a large common offset keep
        # their digits.
        rest = matmul(centred, weight)
        gram = gram - rest[:, None] * (rest / size)[None, :]
        return Moments(
            count,
            first,
            jnp.any(differs, 1),
            mean * count + rest,
            jnp.diagonal(gram),
            gram[pairs],
        )

    def empty(self, first: Array, pairs: Pairs) -> Moments:
        """No unit yet; `first` ``(n,)`` is like the units to come."""
        zero = jnp.zeros_like(first)
        return Moments(
            jnp.zeros((), first.dtype),
            first,
            jnp.zeros(first.shape, bool),
            zero,
            zero,
            jnp.zeros(pairs[0].shape, first.dtype),
        )

    def compute(self, state: Moments, pairs: Pairs) -> Dissimilarities:
        """Dissimilarities from sums."""
        return similarity_distance(
            self.lengths(state), state.products, pairs, self.undefined
        )

    def lengths(self, state: Moments) -> Array:
        """Squared lengths of the patterns; 0 for one that is constant."""
        return jnp.where(state.varies, state.squares, 0)

    def remove(
        self, state: Moments, columns: Columns, pairs: Pairs
    ) -> tuple[Moments, Array]:
        """Sums without each unit: Welford's update backwards, exact in one step."""
        i, j = pairs
        left = jnp.maximum(state.n_units - 1, 1)
        deviation = settle(columns - (state.total / state.n_units)[None])
        # The shift of the mean folds into the factor N / (N - 1).
        factor = state.n_units / left
        lost = jnp.where(state.varies[None], factor * deviation * deviation, 0)
        without = state._replace(
            n_units=jnp.full(len(columns), left),
            first=jnp.broadcast_to(state.first, columns.shape),
            varies=jnp.broadcast_to(state.varies, columns.shape),
            total=state.total[None] - columns,
            squares=jnp.maximum(state.squares[None] - lost, 0),
            products=state.products[None]
            - factor * take(deviation, i) * take(deviation, j),
        )
        return without, self.fragile(state, lost)

    def subtract(
        self, state: Moments, parts: Moments, pairs: Pairs
    ) -> tuple[Moments, Array]:
        """Sums without each set of units: `merge` backwards."""
        i, j = pairs
        left = jnp.maximum(state.n_units - parts.n_units, 1)
        mean = parts.total / jnp.maximum(parts.n_units, 1)[:, None]
        deviation = settle(mean - (state.total / state.n_units)[None])
        # The shift of the mean of what is left folds into the factor m N / (N - m).
        factor = (parts.n_units * state.n_units / left)[:, None]
        lost = parts.squares + factor * deviation * deviation
        lost = jnp.where(state.varies[None], lost, 0)
        without = state._replace(
            n_units=left,
            first=jnp.broadcast_to(state.first, mean.shape),
            varies=jnp.broadcast_to(state.varies, mean.shape),
            total=state.total[None] - parts.total,
            squares=jnp.maximum(state.squares[None] - lost, 0),
            products=state.products[None]
            - parts.products
            - factor * take(deviation, i) * take(deviation, j),
        )
        return without, self.fragile(state, lost)

    def fragile(self, state: Moments, removed: Array) -> Array:
        """More than half of a pattern's variance."""
        return largest_share(state.squares, removed) > DOMINATES

    def merge(self, first: Moments, second: Moments, pairs: Pairs) -> Moments:
        """Sums over two disjoint sets of units (Chan, Golub and LeVeque 1979)."""
        i, j = pairs
        count = first.n_units + second.n_units
        mean = first.total / jnp.maximum(first.n_units, 1)
        shift = second.total / jnp.maximum(second.n_units, 1) - mean
        weight = first.n_units * second.n_units / jnp.maximum(count, 1)
        differs = (weight > 0) & (first.first != second.first)
        return Moments(
            count,
            jnp.where(first.n_units > 0, first.first, second.first),
            first.varies | second.varies | differs,
            first.total + second.total,
            first.squares + second.squares + weight * shift * shift,
            first.products + second.products + weight * take(shift, i) * take(shift, j),
        )

    def cumulate(self, state: Moments, columns: Columns, pairs: Pairs) -> Moments:
        """Sums after each of a batch of units ``(B, n)`` has joined (Welford 1962)."""
        i, j = pairs
        dtype, exact = columns.dtype, state.total.dtype
        step = self.steps(state, columns)
        count = state.n_units + jnp.arange(1, len(columns) + 1, dtype=exact)
        first = jnp.where(state.n_units > 0, state.first, columns[0].astype(exact))
        total = running(state.total, columns)
        differs = (columns != first[None].astype(dtype)).astype(dtype)
        return Moments(
            count,
            jnp.broadcast_to(first, columns.shape),
            running(state.varies.astype(dtype), differs) > 0,
            total,
            running(state.squares, step * step),
            running(state.products, take(step, i) * take(step, j)),
        )

    def steps(self, state: Moments, columns: Columns) -> Columns:
        """What each of a batch of units adds the products of."""
        dtype, exact = columns.dtype, state.total.dtype
        count = state.n_units + jnp.arange(1, len(columns) + 1, dtype=exact)
        total = running(state.total, columns)
        before = (total - columns.astype(exact)) / jnp.maximum(count - 1, 1)[:, None]
        weight = jnp.sqrt((count - 1) / count).astype(dtype)[:, None]
        return settle(weight * (columns - before.astype(dtype)))

    def contributions(self, columns: Columns, pairs: Pairs) -> RawMoments:
        """Sums of each unit, for features from which `centre` was subtracted."""
        i, j = pairs
        return RawMoments(
            (columns != 0).astype(columns.dtype),
            columns,
            columns * columns,
            take(columns, i) * take(columns, j),
        )

    def centre(self, x: np.ndarray) -> np.ndarray:
        """Row medians: for sparse features exactly their most frequent value, 0."""
        return np.median(x, 1)

    def from_sums(
        self, count: Array, sums: RawMoments, pairs: Pairs
    ) -> tuple[Moments, Array]:
        """Centre sums ``(B, ...)`` around their own means; flag those that cancelled.

        A pattern that equals the centre everywhere is constant for certain. One whose
        variance is small beside its second moment may be constant elsewhere, or have
        lost digits, and is computed directly.
        """
        i, j = pairs
        mean = sums.total / jnp.maximum(count, 1)[:, None]
        squares = sums.squares - sums.total * mean
        varies = sums.differs > 0
        fragile = jnp.any(varies & (squares < CANCELLED * sums.squares), 1)
        states = Moments(
            count,
            jnp.zeros_like(mean),
            varies,
            sums.total,
            squares,
            sums.products - take(sums.total, i) * take(mean, j),
        )
        return states, fragile

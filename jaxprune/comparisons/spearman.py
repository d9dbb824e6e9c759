"""Spearman rank correlation of two RDMs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..base.arrays import matmul
from ..base.types import Dissimilarities
from ._base import Comparison
from ._ranks import average_ranks, average_ranks_host, orders_of
from .controls import given_controls

# RDMs ranked together: few calls, and what is alive still fits a core's cache.
ROWS, TOGETHER = 16, 2**18


@dataclass(frozen=True)
class Spearman(Comparison):
    """Pearson correlation of average ranks."""

    ranks: ClassVar[bool] = True
    controllable: ClassVar[bool] = True

    def prepare(self, target: np.ndarray) -> np.ndarray:
        """Centred ranks."""
        return centred_ranks(target)

    def score(self, prepared: Array, rdm: Dissimilarities) -> Array:
        """NaN for a constant RDM."""
        ranks = around_middle(average_ranks(rdm, self.scale))
        variances = jnp.sum(ranks * ranks) * jnp.sum(prepared * prepared)
        score = matmul(prepared, ranks) / jnp.sqrt(variances)
        return jnp.where(variances == 0, jnp.nan, score)

    def score_rows(self, prepared: np.ndarray, rdms: np.ndarray) -> np.ndarray:
        """In NumPy."""
        products, variances = rank_products(prepared, rdms, self.scale)
        variances = variances * np.sum(prepared * prepared, 1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            scores = np.where(variances > 0, products / np.sqrt(variances), np.nan)
        return given_controls(scores, self.n_controls)

    def terms(
        self, target: np.ndarray, rdm: np.ndarray, pairs: Any, controls: Any = None
    ) -> np.ndarray:
        """Products of centred ranks, over the root of both variances."""
        ranks = average_ranks_host(rdm, self.scale)
        return super().terms(target, ranks, pairs, controls)


def centred_ranks(values: np.ndarray, scale: float = 0.0) -> np.ndarray:
    """Average ranks around their mean: halves of whole numbers."""
    return around_middle(average_ranks_host(values, scale))


def around_middle(ranks: Any) -> Any:
    """Ranks 0..P-1 around their mean, which ties leave where it is: exactly."""
    return ranks - (len(ranks) - 1) / 2


def rank_products(
    prepared: np.ndarray, rdms: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Products ``(k, B)`` of centred ranks with targets, and their variances ``(B,)``.

    Both are sums of quarters of whole numbers, at most P³ / 12, and float64 has every
    quarter up to 2^51: for the P = 3e5 pairs of 775 conditions or fewer no sum is
    rounded. So RDMs that order the pairs otherwise but fit as well tie, exactly.
    """
    n_pairs = rdms.shape[1]
    positions = np.arange(n_pairs) - (n_pairs - 1) / 2
    products = np.empty((len(prepared), len(rdms)))
    # Σ (p - mean)² over p = 0..P-1
    variances = np.full(len(rdms), n_pairs * (n_pairs**2 - 1) / 12)
    step = min(max(TOGETHER // n_pairs, 1), ROWS)
    for first in range(0, len(rdms), step):
        rows = slice(first, first + step)
        found = orders_of(rdms[rows], scale)
        # einsum rather than @: batches are ranked in threads of their own, which
        # those of BLAS would only disturb.
        for member, target in enumerate(prepared):
            np.take(target, found.orders, out=found.scratch, mode="clip")
            products[member, rows] = np.einsum("bp,p->b", found.scratch, positions)
        for row, (places, shifts) in found.ties.items():
            tied = prepared[:, found.orders[row, places]]
            products[:, first + row] += np.einsum("kp,p->k", tied, shifts)
            variances[first + row] -= np.sum(shifts * shifts)
        for row in first + np.flatnonzero(found.unknown):
            ranks = centred_ranks(rdms[row], scale)
            products[:, row] = np.einsum("kp,p->k", prepared, ranks)
            variances[row] = np.sum(ranks * ranks)
    return products, variances

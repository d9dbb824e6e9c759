"""Kendall's tau-a and tau-b of two RDMs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..base.types import Dissimilarities
from ._base import Comparison
from ._ranks import average_ranks, average_ranks_host


@dataclass(frozen=True)
class Tau(Comparison, ABC):
    """Counts concordant and discordant pairs of entries of two RDMs."""

    ranks: ClassVar[bool] = True

    @abstractmethod
    def ratio(self, difference: Any, untied: Any, total: float) -> Any:
        """Tau from concordant minus discordant pairs of entries.

        `untied` is the product of the pairs untied in one RDM and in the other.
        """

    def prepare(self, target: np.ndarray) -> np.ndarray:
        """Average ranks."""
        return average_ranks_host(target)

    def score(self, prepared: Array, rdm: Dissimilarities) -> Array:
        """On an accelerator: every pair of entries, one row of signs at a time."""
        ranks = average_ranks(rdm, self.scale)

        def row(pair: tuple[Array, Array]) -> tuple[Array, Array, Array]:
            a, b = jnp.sign(ranks - pair[0]), jnp.sign(prepared - pair[1])
            return jnp.sum(a * b), jnp.sum(a * a), jnp.sum(b * b)

        products, untied, untied_target = lax.map(row, (ranks, prepared))
        tau = self.ratio(
            jnp.sum(products) / 2,
            jnp.sum(untied) * jnp.sum(untied_target) / 4,
            len(rdm) * (len(rdm) - 1) / 2,
        )
        return jnp.where(jnp.isnan(ranks[0]), jnp.nan, tau)

    def score_rows(self, prepared: np.ndarray, rdms: np.ndarray) -> np.ndarray:
        """On the host: Knight's P log P algorithm, from SciPy."""
        from scipy.stats import kendalltau

        n_pairs = rdms.shape[1]
        total = n_pairs * (n_pairs - 1) / 2
        untied_targets = [total - _tied(target) for target in prepared]
        scores = np.full((len(prepared), len(rdms)), np.nan)
        for b, rdm in enumerate(rdms):
            ranks = average_ranks_host(rdm, self.scale)
            if np.isnan(ranks[0]):
                continue
            untied_rdm = total - _tied(ranks)
            for t, target in enumerate(prepared):
                untied = untied_rdm * untied_targets[t]
                # SciPy has NaN where one side is constant; no pair is concordant.
                tau_b = (
                    kendalltau(ranks, target, method="asymptotic")[0] if untied else 0.0
                )
                # A count again, so that equal ones tie exactly.
                difference = np.rint(tau_b * np.sqrt(untied))
                with np.errstate(invalid="ignore"):
                    scores[t, b] = self.ratio(difference, untied, total)
        return scores

    def terms(
        self, target: np.ndarray, rdm: np.ndarray, pairs: Any, controls: Any = None
    ) -> np.ndarray:
        """Half of what each entry is concordant with, over all: O(p²)."""
        del pairs, controls
        a = average_ranks_host(target)
        b = average_ranks_host(rdm, self.scale)
        total = len(a) * (len(a) - 1) / 2
        untied = (total - _tied(a)) * (total - _tied(b))
        half = [
            np.sum(np.sign(a - x) * np.sign(b - y)) / 2
            for x, y in zip(a, b, strict=True)
        ]
        with np.errstate(invalid="ignore"):
            return np.asarray(self.ratio(np.array(half), untied, total))


@dataclass(frozen=True)
class TauA(Tau):
    """(concordant - discordant) / all pairs of entries. A constant RDM scores 0."""

    def ratio(self, difference: Any, untied: Any, total: float) -> Any:
        """Ties count as neither."""
        del untied
        return difference / total


@dataclass(frozen=True)
class TauB(Tau):
    """(concordant - discordant) / sqrt(untied in one x untied in the other)."""

    def ratio(self, difference: Any, untied: Any, total: float) -> Any:
        """0 / 0, NaN, for a constant RDM."""
        del total
        return difference / untied**0.5


def _tied(ranks: np.ndarray) -> np.float64:
    """Pairs of entries that share a rank."""
    counts = np.unique(ranks, return_counts=True)[1].astype(float)
    return np.sum(counts * (counts - 1) / 2)

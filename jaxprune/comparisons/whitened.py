"""Cosine and correlation of whitened RDMs: entries that share a condition covary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..base.arrays import matmul, take
from ._base import Comparison, around_mean, near_one, vanishes


class WhitenedTargets(NamedTuple):
    """Targets, and which pairs their entries are of.

    Attributes
    ----------
    targets : (k, P)
        ``V⁻¹ t``, of unit whitened length; centred, if the RDM is to be.
    inverse : (n, n)
        ``(2 I + BᵀB)⁻¹``
    place : (n, n) of int
        Entry of each pair of conditions, -1 where it is missing.
    pairs : tuple of (P,) of int
    """

    targets: Any
    inverse: Any
    place: Any
    pairs: tuple[Any, Any]


@dataclass(frozen=True)
class CosineCov(Comparison):
    r"""Whitened cosine similarity, ``d' V⁻¹ t / sqrt((d' V⁻¹ d) (t' V⁻¹ t))``.

    Estimated squared distances covary as ``V = (CC') ∘ (CC')``, C the contrasts of
    the pairs ``(P, n)``, if noise is alike and independent in all conditions: 4 with
    themselves, 1 if they share a condition, else 0. So ``V = 2 I + BB'`` where B
    ``(P, n)`` says which conditions a pair is of, and by the Woodbury identity

    .. math:: 2 V^{-1} d = d - B a, \qquad a = (2 I + B^\top B)^{-1} B^\top d

    which takes n x n matrices only, and holds for any pairs: where some are missing,
    B lacks their rows. It is what ridge regression on the conditions leaves of d, so
    ``2 d' V⁻¹ d = |d - Ba|² + 2 |a|²``, a sum in which nothing cancels. With all pairs
    this is the linear CKA of ``-HDH / 2``.

    Diedrichsen, Berlot, Mur, Schuett, Shahbazi & Kriegeskorte (2021). Comparing
    representational geometries using whitened unbiased-distance-matrix similarity.
    Neurons, Behavior, Data Analysis, and Theory 5(3).
    """

    whitened: ClassVar[bool] = True

    def prepare_all(
        self,
        targets: np.ndarray,
        pairs: tuple[np.ndarray, np.ndarray],
        controls: np.ndarray | None = None,
    ) -> WhitenedTargets:
        """Whiten the targets."""
        assert controls is None
        i, j = (np.asarray(index, np.int32) for index in pairs)
        n = int(max(i.max(), j.max())) + 1
        place = np.full((n, n), -1, np.int32)
        place[i, j] = place[j, i] = np.arange(len(i))
        kept = place >= 0
        inverse = np.linalg.inv(np.diag(2.0 + kept.sum(0)) + kept)
        rows = []
        for target in targets:
            values = near_one(around_mean(target) if self.centred else target)
            effects = np.where(kept, values[place], 0).sum(0) @ inverse
            rest = values - effects[i] - effects[j]
            length = np.sqrt(np.sum(rest**2) + 2 * np.sum(effects**2))
            with np.errstate(invalid="ignore"):
                rows.append((rest - rest.mean() if self.centred else rest) / length)
        return WhitenedTargets(np.stack(rows), inverse, place, (i, j))

    def score_all(self, prepared: WhitenedTargets, rdms: Array) -> Array:
        """NaN for an RDM of zeros; centred, for a constant one."""
        n_pairs = rdms.shape[1]
        mean = jnp.mean(rdms, 1, keepdims=True)
        values = rdms - mean if self.centred else rdms
        i, j = prepared.pairs
        full = take(values, jnp.maximum(prepared.place, 0))
        sums = jnp.sum(jnp.where(prepared.place[None] >= 0, full, 0), 2)
        effects = matmul(sums, prepared.inverse)
        rest = values - take(effects, i) - take(effects, j)
        squares = jnp.sum(rest**2, 1) + 2 * jnp.sum(effects**2, 1)
        # Centred targets are orthogonal to the mean.
        scores = matmul(prepared.targets, rdms.T) / jnp.sqrt(squares)[None]
        around = jnp.sum(values**2, 1)
        undefined = vanishes(around, jnp.sum(rdms**2, 1), n_pairs, self.scale)
        return jnp.where(undefined[None], jnp.nan, scores)

    def terms(
        self, target: np.ndarray, rdm: np.ndarray, pairs: Any, controls: Any = None
    ) -> np.ndarray:
        """Entries of the whitened target times those of the RDM, over its length."""
        del controls
        whitened, own = self.prepare_all(np.stack([target, rdm]), pairs).targets
        values = rdm - rdm.mean() if self.centred else rdm
        # d' V⁻¹ d / |d|, so this is what d has to be divided by.
        return whitened * values / np.sum(own * values)


@dataclass(frozen=True)
class CorrCov(CosineCov):
    """Whitened correlation: `CosineCov` of RDMs around their (unwhitened) mean."""

    centred: ClassVar[bool] = True

"""Pearson correlation of two RDMs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..base.arrays import matmul
from ..base.types import Dissimilarities
from ._base import Comparison, around_mean, unit_length, vanishes


@dataclass(frozen=True)
class Pearson(Comparison):
    """``Σ (d - mean d)(t - mean t) / (|d - mean d| |t - mean t|)``."""

    closed_form: ClassVar[bool] = True
    centred: ClassVar[bool] = True
    controllable: ClassVar[bool] = True

    def prepare(self, target: np.ndarray) -> np.ndarray:
        """Centred, of unit length."""
        return unit_length(around_mean(target))

    def score(self, prepared: Array, rdm: Dissimilarities) -> Array:
        """NaN for a constant RDM."""
        mean = jnp.mean(rdm)
        variance = jnp.sum((rdm - mean) ** 2)
        # The target is centred, so the RDM need not be: one array less to write.
        score = matmul(rdm, prepared) / jnp.sqrt(variance)
        squares = variance + len(rdm) * mean * mean
        constant = vanishes(variance, squares, len(rdm), self.scale)
        return jnp.where(constant, jnp.nan, score)

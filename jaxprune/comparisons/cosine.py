"""Cosine similarity of two RDMs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..base.arrays import matmul
from ..base.types import Dissimilarities
from ._base import Comparison, unit_length, vanishes


@dataclass(frozen=True)
class CosineSimilarity(Comparison):
    """``Σ d t / (|d| |t|)``."""

    closed_form: ClassVar[bool] = True
    controllable: ClassVar[bool] = True

    def prepare(self, target: np.ndarray) -> np.ndarray:
        """Of unit length."""
        return unit_length(target)

    def score(self, prepared: Array, rdm: Dissimilarities) -> Array:
        """NaN for an RDM of zeros."""
        squares = jnp.sum(rdm * rdm)
        score = matmul(rdm, prepared) / jnp.sqrt(squares)
        empty = vanishes(squares, squares, len(rdm), self.scale)
        return jnp.where(empty, jnp.nan, score)

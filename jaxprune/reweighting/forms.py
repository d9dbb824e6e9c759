"""What a unit contributes to a pair of conditions, and sums of that without pairs.

Φ, pairs x units, is never needed as a whole: `Φ w` and `Φᵀ α` are products with the
features alone, since a pair feature is a quadratic form in a unit's responses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from ..base.arrays import matmul


@dataclass(frozen=True)
class Form(ABC):
    """How a unit enters a dissimilarity: ``d_ij = intercept + Σ_k w_k φ_k(i, j)``.

    Attributes
    ----------
    centred : bool
        Conditions need a pattern: one that is constant over units is an error.
    """

    centred: ClassVar[bool] = False

    @abstractmethod
    def prepare(self, x: Array) -> Array:
        """Features ``(n, N)`` as `φ` takes them."""

    @abstractmethod
    def pair_features(self, x: Array, i: Array, j: Array) -> Array:
        """``φ_k(i, j)``, ``(p, B)``, of some units ``(n, B)``."""

    @abstractmethod
    def apply(self, x: Array, weights: Array) -> Array:
        """``Σ_k w_k φ_k``, ``(n, n)``."""

    @abstractmethod
    def adjoint(self, x: Array, square: Array) -> Array:
        """``Σ_i<j a_ij φ_k(i, j)``, ``(N,)``, of a symmetric matrix, zero diagonal."""


@dataclass(frozen=True)
class Dot(Form):
    """``φ_k = -f_ik f_jk``, with f z-scored within each condition, over units.

    A product is a similarity. The sign turns it into a dissimilarity, here and nowhere
    else.
    """

    centred: ClassVar[bool] = True

    def prepare(self, x: Array) -> Array:
        """Patterns of mean 0 and variance 1."""
        centred = x - jnp.mean(x, 1, keepdims=True)
        # What the rounded mean leaves is subtracted too, as in the correlation metric.
        centred = centred - jnp.mean(centred, 1, keepdims=True)
        return centred / jnp.sqrt(jnp.mean(centred**2, 1, keepdims=True))

    def pair_features(self, x: Array, i: Array, j: Array) -> Array:
        """Products."""
        return -x[i] * x[j]

    def apply(self, x: Array, weights: Array) -> Array:
        """A weighted Gram matrix."""
        return -matmul(x * weights, x.T)

    def adjoint(self, x: Array, square: Array) -> Array:
        """A quadratic form; every pair is in it twice."""
        return -jnp.sum(x * matmul(square, x), 0) / 2


@dataclass(frozen=True)
class SquaredDifference(Form):
    """``φ_k = (f_ik - f_jk)²``."""

    def prepare(self, x: Array) -> Array:
        """Units centred over conditions: no difference changes, and digits are kept."""
        return x - jnp.mean(x, 0)

    def pair_features(self, x: Array, i: Array, j: Array) -> Array:
        """Squared differences."""
        return (x[i] - x[j]) ** 2

    def apply(self, x: Array, weights: Array) -> Array:
        """Squared distances from a weighted Gram matrix."""
        gram = matmul(x * weights, x.T)
        squares = jnp.diagonal(gram)
        return squares[:, None] + squares[None, :] - 2 * gram

    def adjoint(self, x: Array, square: Array) -> Array:
        """The quadratic form of the Laplacian of a graph with weights a."""
        laplacian = jnp.diag(jnp.sum(square, 1)) - square
        return jnp.sum(x * matmul(laplacian, x), 0)


FORMS: dict[str, Form] = {"dot": Dot(), "sqeuclidean": SquaredDifference()}

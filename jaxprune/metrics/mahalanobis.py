"""Squared Mahalanobis distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from .sqeuclidean import SquaredEuclidean


@dataclass(frozen=True)
class Mahalanobis(SquaredEuclidean):
    r"""``d_ij = (x_i - x_j)ᵀ P (x_i - x_j)``, P the precision of the noise.

    A squared distance: rsatoolbox's is this divided by the number of units, and
    `scipy.spatial.distance.mahalanobis` its root.

    The sums are those of the squared Euclidean distance, of features in which the
    noise of the units is independent and of variance 1 (see `kernels.whitening` for
    what that means for a subset of units).
    """

    noise: ClassVar[Literal["none", "optional", "required"]] = "required"

"""Symmetrised Kullback-Leibler divergence of Poisson rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array

from ..base.arrays import settle, take
from ..base.types import Columns, Pairs
from ._differences import PairSums

# A Gamma prior of the rates, as strong as a tenth of a measurement of rate 1: what
# rsatoolbox has as defaults. No rate is 0, so every logarithm exists.
PRIOR_RATE = 1.0
PRIOR_WEIGHT = 0.1


@dataclass(frozen=True)
class Poisson(PairSums):
    r"""``d_ij = Σ_k (l_ik - l_jk) (log l_ik - log l_jk)``, l rates of spiking.

    With the prior's rate and weight, ``l = (x + 1 · 0.1) / (1 + 0.1)`` for counts or
    rates x. The sum of the divergences in both directions (no factor ½); rsatoolbox's
    is this divided by the number of units.
    """

    counts: ClassVar[bool] = True
    degree: ClassVar[int] = 1

    def transform(self, x: Any) -> Any:
        """Posterior rates, in double precision."""
        rates = x.astype("float64") + PRIOR_RATE * PRIOR_WEIGHT
        return rates / (1 + PRIOR_WEIGHT)

    def contributions(self, columns: Columns, pairs: Pairs) -> Array:
        """Divergences of each unit; 0 for the zeros that fill up a batch."""
        i, j = pairs
        smallest = jnp.finfo(columns.dtype).tiny
        logs = settle(jnp.log(jnp.maximum(columns, smallest)))
        difference = take(columns, i) - take(columns, j)
        return difference * (take(logs, i) - take(logs, j))

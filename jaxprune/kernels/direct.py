"""The RDM of one mask by definition, in two passes: exact, and the slowest path.

For the few units or masks that a faster path says it cannot subtract safely.
"""

from __future__ import annotations

from functools import partial

import jax
from jax import Array

from .._types import Dissimilarities, Pairs
from ..metrics import Metric


@partial(jax.jit, static_argnames=("metric", "dtype"))
def masked_rdm(
    metric: Metric, x: Array, mask: Array, pairs: Pairs, *, dtype: str
) -> Dissimilarities:
    """RDM ``(P,)`` of the units in a boolean mask ``(N,)``."""
    return metric.compute(metric.init(x.astype(dtype), pairs, mask), pairs)

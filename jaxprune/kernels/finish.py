"""The end of every path: states -> RDMs -> scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax import Array, lax

from ..base.types import Prepared
from ..comparisons import Comparison


def finish(comparison: Comparison, rdms: Array, prepared: Prepared | None) -> Array:
    """Scores ``(k, B)`` of a batch of RDMs ``(B, P)``; the RDMs if not prepared.

    Without targets to compare with, the RDMs go to the host to be ranked there.
    """
    return rdms if prepared is None else comparison.score_all(prepared, rdms)


def in_halves(function: Callable[[Any], Any], batch: Any) -> Any:
    """Apply a function to the two halves of a batch, one after the other.

    The loop makes XLA write the RDMs of a long computation once. Otherwise it fuses
    them into each of the sums over them, and computes them three times.
    """
    size = len(jax.tree.leaves(batch)[0])
    halves = 2 if size % 2 == 0 else 1
    split = jax.tree.map(lambda a: a.reshape(halves, -1, *a.shape[1:]), batch)
    out = lax.map(function, split)
    return jax.tree.map(lambda a: a.reshape(size, *a.shape[2:]), out)

"""Scores of what a function reads from a layer whose units are partly zero.

A read-out goes from the layer ``(n, N)``, or from its own linear first step ``(n, H)``,
to patterns ``(n, M)``; it is vmapped over a batch of these.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Bool, Float, Int

from ..base.arrays import matmul
from ..base.types import Pairs, Prepared
from ..comparisons import Comparison
from ..metrics import Metric
from . import direct
from .finish import finish

# A linear first step that shrinks to this share of what is subtracted has lost three
# digits, or all of them where it would be zero.
LOST = 1e-3

Readout = Callable[[list[Array], Array], Array]


@jax.jit
def masked(x: Float[Array, "n N"], masks: Bool[Array, "B N"]) -> Float[Array, "B n N"]:
    """The layer with the units of each mask, others zero."""
    return jnp.where(masks[:, None], x[None], 0)


@jax.jit
def first_step(
    x: Float[Array, "n N"], weight: Float[Array, "N H"], bias: Float[Array, " H"]
) -> Float[Array, "n H"]:
    """Linear first step of all units."""
    return matmul(x, weight) + bias[None]


@jax.jit
def without(
    x: Float[Array, "n N"],
    weight: Float[Array, "N H"],
    total: Float[Array, "n H"],
    units: Int[Array, "B L"],
) -> tuple[Float[Array, "B n H"], Bool[Array, " B"]]:
    """First step without some units each; which of them cost digits that matter.

    Lists of units are filled with N, which is none.
    """
    columns = x.at[:, units].get(mode="fill", fill_value=0)
    rows = weight.at[units].get(mode="fill", fill_value=0)
    parts = matmul(jnp.moveaxis(columns, 1, 0), rows)
    left = total[None] - parts
    small = jnp.abs(left).max(2) < LOST * jnp.abs(parts).max(2)
    return left, small.any(1)


@jax.jit
def joined(
    x: Float[Array, "n N"],
    weight: Float[Array, "N H"],
    total: Float[Array, "n H"],
    units: Int[Array, " L"],
) -> Float[Array, "n H"]:
    """First step when some units, filled up with N, have joined."""
    columns = x.at[:, units].get(mode="fill", fill_value=0)
    return total + matmul(columns, weight.at[units].get(mode="fill", fill_value=0))


@partial(jax.jit, static_argnames="readout")
def patterns(
    readout: Readout, constants: list[Array], inputs: Float[Array, "B n K"]
) -> Array:
    """What a read-out makes of a batch, ``(B, n, M)``."""
    return jax.vmap(partial(readout, constants))(inputs)


@partial(
    jax.jit, static_argnames=("readout", "metric", "comparison", "block", "exponent")
)
def score(
    readout: Readout,
    metric: Metric,
    comparison: Comparison,
    constants: list[Array],
    inputs: Float[Array, "B n K"],
    pairs: Pairs,
    prepared: Prepared | None,
    *,
    block: int,
    exponent: int,
) -> Array:
    """Scores ``(k, B)`` (or RDMs ``(B, P)``) of a batch.

    Parameters
    ----------
    readout : callable
        From constants and ``(n, K)`` to ``(n, M)``.
    prepared : (k, P), a pytree, or None
        Targets as the comparison wants them; None to get the RDMs.
    block : int
        Values of the patterns that are summed together.
    exponent : int
        Patterns are divided by this power of two, so that their squares are numbers.
    """
    dtype = inputs.dtype

    def rdm(values: Array) -> Array:
        x: Any = values.astype(dtype)
        x = metric.transform(jnp.ldexp(x, -exponent) if exponent else x)
        mean = jnp.zeros(len(x), "float64")
        if metric.centred:
            mean = jnp.mean(x.astype("float64"), 1)
        state = direct.summed(
            metric,
            direct.empty(metric, mean, pairs),
            jnp.ones(x.shape[1], bool),
            *(x, mean, pairs, str(dtype), block),
        )
        return metric.compute(state, pairs).astype(dtype)

    # One after the other: side by side, XLA's gather of pairs takes ten times as long.
    rdms = lax.map(rdm, patterns(readout, constants, inputs))
    return finish(comparison, rdms, prepared)

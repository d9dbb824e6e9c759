"""Odd-one-out choices by dot products: without each unit, and unit by unit.

A similarity is a sum over units, so that a unit takes away, or adds, one product for
each of the three pairs of a triplet: three products a triplet and unit are all.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float, Int

# Similarities that differ by less, beside the sizes of what they add up, are equal.
TOLERANCE = 64 * jnp.finfo("float64").eps

Choices = Int[Array, "T 3"]
# Similarities, and the sizes of what they add up.
Sums = tuple[Array, Array]


def products(unit: Float[Array, " n"], triplets: Choices) -> Float[Array, "3 T"]:
    """What a unit adds to the three similarities, that of the pair chosen first."""
    first, second, odd = (unit[column] for column in triplets.T)
    return jnp.stack([first * second, first * odd, second * odd])


def accuracy(similarities: Array, scale: Array) -> Array:
    """Share of the triplets whose chosen pair is most similar; a tie is shared."""
    top = similarities.max(0) - TOLERANCE * scale
    best = (similarities >= top[None]).astype(similarities.dtype)
    return jnp.mean(best[0] / best.sum(0))


def log_loss(similarities: Array, scale: Array) -> Array:
    """Minus the mean log loss of the chosen pair under a softmax of the three."""
    del scale
    return jnp.mean(jax.nn.log_softmax(similarities, axis=0)[0])


SCORES = {"accuracy": accuracy, "log_loss": log_loss}


@partial(jax.jit, static_argnames="score")
def without_each(
    units: Float[Array, "N n"], triplets: Choices, *, score: str
) -> tuple[Float[Array, ""], Float[Array, " N"]]:
    """Score of all units, and that without each of them."""
    nothing = jnp.zeros((3, len(triplets)), units.dtype)

    def add(sums: Sums, unit: Array) -> tuple[Sums, None]:
        added = products(unit, triplets)
        return (sums[0] + added, sums[1] + jnp.abs(added)), None

    (full, sizes), _ = lax.scan(add, (nothing, nothing), units)
    scale = sizes.max(0)
    scores = lax.map(
        lambda unit: SCORES[score](full - products(unit, triplets), scale), units
    )
    return SCORES[score](full, scale), scores


@partial(jax.jit, static_argnames="score")
def prefixes(
    units: Float[Array, "N n"], triplets: Choices, *, score: str
) -> Float[Array, " N"]:
    """Score of the first unit, of the first two, and so on."""
    nothing = jnp.zeros((3, len(triplets)), units.dtype)

    def join(sums: Sums, unit: Array) -> tuple[Sums, Array]:
        added = products(unit, triplets)
        total, size = sums[0] + added, sums[1] + jnp.abs(added)
        return (total, size), SCORES[score](total, size.max(0))

    return lax.scan(join, (nothing, nothing), units)[1]

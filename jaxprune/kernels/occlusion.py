"""Images with a square hidden, and how well a row of an RDM fits a target's.

The size of the square is an argument like its place: all sizes share what is compiled.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int, Num

from ..base.arrays import matmul, take
from ..comparisons import Comparison


@jax.jit
def occluded(
    image: Float[Array, "H W C"], squares: Int[Array, "B 3"]
) -> Float[Array, "B H W C"]:
    """Images, each with a square (top, left, size) set to zero."""

    def inside(start: Array, length: int) -> Array:
        pixel = jnp.arange(length)[None]
        return (pixel >= start[:, None]) & (pixel < (start + squares[:, 2])[:, None])

    rows, columns = (inside(squares[:, i], image.shape[i]) for i in (0, 1))
    hidden = rows[:, :, None, None] & columns[:, None, :, None]
    return jnp.where(hidden, 0, image[None])


@partial(jax.jit, static_argnames=("metric", "comparison"))
def row_scores(
    metric: str,
    comparison: Comparison,
    values: Num[Array, "B N"],
    units: Int[Array, " u"] | None,
    others: Float[Array, "m u"],
    prepared: Float[Array, " m"],
) -> Float[Array, " B"]:
    """Score of each of a batch of responses; NaN where undefined.

    Parameters
    ----------
    metric : str
        "correlation", "cosine", "euclidean" or "sqeuclidean".
    values : (B, N)
        Responses to the images.
    units : (u,) or None
        Those that count.
    others : (m, u)
        What `patterns` makes of the responses to the other conditions.
    prepared : (m,)
        Row of the target.
    """
    chosen = values if units is None else take(values, units)
    x = patterns(chosen.astype(others.dtype), metric)
    products = matmul(x, others.T)
    if metric in ("correlation", "cosine"):
        rows = 1 - products
    else:
        lengths = jnp.sum(x * x, 1)[:, None] + jnp.sum(others * others, 1)[None]
        rows = jnp.maximum(lengths - 2 * products, 0)
        rows = jnp.sqrt(rows) if metric == "euclidean" else rows
    scores = comparison.score_all(prepared[None], rows)[0]
    # NaN would have ranks like any number.
    return jnp.where(jnp.isnan(rows).any(1), jnp.nan, scores)


@partial(jax.jit, static_argnames=("metric",))
def patterns(x: Float[Array, "B u"], metric: str) -> Float[Array, "B u"]:
    """Rows whose products are the similarities; NaN where there is no pattern.

    For Euclidean metrics the rows as they are.
    """
    if metric not in ("correlation", "cosine"):
        return x
    exists = jnp.any(x != (x[:, :1] if metric == "correlation" else 0), 1)[:, None]
    if metric == "correlation":
        # Twice: rows with a large common offset keep their digits.
        for _ in range(2):
            x = x - jnp.mean(x, 1, keepdims=True)
    length = jnp.sqrt(jnp.sum(x * x, 1, keepdims=True))
    return jnp.where(exists, x / jnp.where(exists, length, 1), jnp.nan)

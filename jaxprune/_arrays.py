"""Small array helpers shared by every layer: pairs, condensed vectors, precision."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

# TF32 or bfloat16 products destroy a ranking: importances are 1/N of a score.
matmul = partial(jnp.matmul, precision="highest")


def double_precision() -> Any:
    """Allow float64 inside a ``with`` block, in this thread only."""
    return jax.enable_x64(True)


def take(values: jax.Array, index: jax.Array) -> jax.Array:
    """``values[..., index]`` for an index known to be valid: no clamping."""
    return values.at[..., index].get(mode="promise_in_bounds")


def settle(values: jax.Array) -> jax.Array:
    """Finite values ``(..., n)``, computed once before they are taken for each pair.

    XLA's CPU compiler would fuse the computation of a value for each condition into
    its use for each pair, and repeat a root and a division n times (it drops
    `optimization_barrier` before it fuses). A product is never fused, and one with
    the identity changes nothing.
    """
    return matmul(values, jnp.eye(values.shape[-1], dtype=values.dtype))


def shifted(values: jax.Array, mean: jax.Array, dtype: str) -> jax.Array:
    """``values - mean`` in the precision of the mean, then converted."""
    return (values.astype(mean.dtype) - mean).astype(dtype)


def float_of(dtype: Any) -> np.dtype:
    """Float that holds every number of a dtype, float32 if that does.

    Every half-precision number is a float32, every 32-bit integer a float64.
    """
    dtype = np.dtype(dtype)
    small = dtype.itemsize <= 2 or (dtype.itemsize == 4 and dtype.kind == "f")
    return np.dtype(np.float32 if small else np.float64)


def pair_index(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ``n (n - 1) / 2`` pairs, row-major.

    The order of `scipy.spatial.distance.squareform` and of rsatoolbox.
    """
    return np.triu_indices(n, 1)


def condensed(square: np.ndarray) -> np.ndarray:
    """Upper triangles ``(..., P)`` of square matrices ``(..., n, n)``."""
    i, j = pair_index(square.shape[-1])
    return square[..., i, j]


def squareform(vector: np.ndarray, fill: float = 0.0) -> np.ndarray:
    """Symmetric matrices ``(..., n, n)`` of condensed vectors ``(..., P)``."""
    n = n_conditions(vector.shape[-1])
    i, j = pair_index(n)
    square = np.full((*vector.shape[:-1], n, n), fill, dtype=vector.dtype)
    square[..., i, j] = vector
    square[..., j, i] = vector
    return square


def n_conditions(n_pairs: int) -> int:
    """Return n such that ``n (n - 1) / 2 == n_pairs``; ValueError if there is none."""
    n = int((1 + np.sqrt(1 + 8 * n_pairs)) / 2)
    if n * (n - 1) // 2 != n_pairs:
        raise ValueError(f"{n_pairs} is not the number of pairs of n conditions")
    return n

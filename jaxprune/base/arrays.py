"""Array helpers of every floor: pairs, condensed vectors, precision, running sums."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

# Units of a batch that one triangular product adds up: see `running`.
RUN = 32

# TF32 or bfloat16 products destroy a ranking: importances are 1/N of a score.
matmul = partial(jnp.matmul, precision="highest")


def double_precision() -> Any:
    """Allow float64 inside a ``with`` block, in this thread only.

    NaN is a value here (a missing pair, a pattern that is constant without a unit): the
    settings of JAX that make an error of the first one do not apply inside.
    """
    settings = jax.config.values
    if settings["jax_debug_nans"] or settings["jax_debug_infs"]:
        return _unchecked()
    return jax.enable_x64(True)


@contextmanager
def _unchecked() -> Iterator[None]:
    with ExitStack() as settings:
        settings.enter_context(jax.enable_x64(True))
        settings.enter_context(jax.debug_nans(False))
        settings.enter_context(jax.debug_infs(False))
        yield


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


def running(start: jax.Array, added: jax.Array) -> jax.Array:
    """``start + added[0] + ... + added[b]`` for every b of a batch ``(B, m)``.

    A product with a triangle of ones: XLA's own cumulative sum is several times
    slower on CPUs. It costs as many operations a number as the batch is long, so long
    batches are cut in runs, each of which starts from the sum over those before it.

    What a batch adds may be float32 and the start float64. Then round-off is that of
    one run however many there are, for one sum in float64 a number, which is cheap
    even where float64 has 1/32 of the rate; compensated sums in float32 would take
    four operations for the same.
    """
    several = len(added) > RUN and len(added) % RUN == 0
    length = RUN if several else len(added)
    triangle = jnp.tril(jnp.ones((length, length), added.dtype))
    if not several:
        return matmul(triangle, added).astype(start.dtype) + start[None]
    runs = added.reshape(-1, length, *added.shape[1:])
    within = matmul(triangle, runs).astype(start.dtype)
    before = jnp.tril(jnp.ones((len(runs), len(runs)), start.dtype), -1)
    starts = matmul(before, within[:, -1]) + start[None]
    return (within + starts[:, None]).reshape(added.shape)


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


def order_of(values: np.ndarray) -> np.ndarray:
    """Indices of values ``(..., N)`` from the smallest to the largest, ties by index.

    What ``argsort(kind="stable")`` gives, four times faster: NumPy's other sorts use
    vector instructions, and only equal values are then put in order.
    """
    if values.ndim > 1:
        return np.stack([order_of(row) for row in values])
    order = np.argsort(values)
    ranked, new = values[order], np.ones(len(values), bool)
    np.not_equal(ranked[1:], ranked[:-1], out=new[1:])
    tied = ~new
    tied[:-1] |= tied[1:]
    places = np.flatnonzero(tied)
    keys = np.cumsum(new)[places] * len(values) + order[places]
    keys.sort()
    order[places] = keys % len(values)
    return order


@lru_cache(maxsize=4)
def pair_index(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ``n (n - 1) / 2`` pairs, row-major; not to be changed.

    The order of `scipy.spatial.distance.squareform` and of rsatoolbox.
    """
    rows, columns = np.triu_indices(n, 1)
    # Everybody gets the same arrays: of 1,000 conditions they take 10 ms to make.
    for index in (rows, columns):
        index.flags.writeable = False
    return rows, columns


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

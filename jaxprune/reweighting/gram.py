"""The Gram matrix of centred pair features, ``K = Φ Φᵀ``, without Φ."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..base.arrays import matmul
from ..execution.run import run
from .forms import Form

# Units whose pair features ``(P, BLOCK)`` are formed at a time. Each block reads and
# writes all of K, which 1,024 multiplications for each element hide.
BLOCK = 1024
# K is symmetric: strips of rows, each from the diagonal on. Eight leave (1 + 1/8) / 2
# of the work; strips of fewer rows would not be worth compiling.
STRIPS, ROWS = 8, 256


def pair_gram(
    form: Form, x: Array, i: np.ndarray, j: np.ndarray, progress: bool
) -> Array:
    """Gram matrix ``(P, P)`` of the centred pair features, in blocks of units.

    Parameters
    ----------
    form : Form
    x : (n, N)
        Prepared features.
    i, j : (P,)
        Pairs of conditions.
    progress : bool
        Show a bar.
    """
    n_pairs, n_units = len(i), x.shape[1]
    block = min(BLOCK, n_units)
    n_strips = min(STRIPS, -(-n_pairs // ROWS))
    bounds = tuple(pairwise(n_pairs * k // n_strips for k in range(n_strips + 1)))
    zeros = [np.zeros((b - a, n_pairs - a)) for a, b in bounds]
    strips = jax.device_put(zeros, x.device)

    def task(start: int) -> Iterator[int]:
        strips[:] = _add(strips, x, start, i, j, form=form, block=block, bounds=bounds)
        jax.block_until_ready(strips)
        yield min(block, n_units - start)

    starts = range(0, n_units, block)
    run(task, starts, progress=progress, title="pair features", total=n_units)
    return _assemble(strips, bounds)


@partial(jax.jit, static_argnames=("form", "block", "bounds"), donate_argnums=0)
def _add(
    strips: list[Array],
    x: Array,
    start: Array,
    i: Array,
    j: Array,
    *,
    form: Form,
    block: int,
    bounds: tuple[tuple[int, int], ...],
) -> list[Array]:
    # The last block overlaps the one before it; units that it repeats count once. A
    # unit that never responds has no pair features.
    first = jnp.minimum(start, x.shape[1] - block)
    fresh = first + jnp.arange(block) >= start
    columns = lax.dynamic_slice_in_dim(x, first, block, 1) * fresh
    phi = form.pair_features(columns, i, j)
    # A fit takes the mean over its own pairs out. Squared differences are mostly mean:
    # most of it goes here, where no digits are lost.
    phi = phi - jnp.mean(phi, 0)
    return [
        strip + matmul(phi[a:b], phi[a:].T)
        for strip, (a, b) in zip(strips, bounds, strict=True)
    ]


@partial(jax.jit, static_argnames="bounds")
def _assemble(strips: list[Array], bounds: tuple[tuple[int, int], ...]) -> Array:
    size = strips[0].shape[1]
    gram = jnp.zeros((size, size), strips[0].dtype)
    for strip, (a, b) in zip(strips, bounds, strict=True):
        gram = gram.at[a:, a:b].set(strip.T).at[a:b, a:].set(strip)
    return gram

"""Curves on a grid of sizes: units in blocks, and the blocks scored in any order."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from ._work import Work
from .execution import budget
from .kernels import prefix, prefix_sizes


def units_of(work: Work) -> np.ndarray | jax.Array:
    """Units ``(N, n)`` in their own dtype, to be taken in some order."""
    if isinstance(work.features, np.ndarray):
        units = np.ascontiguousarray(work.features.T)
    else:
        units = jnp.asarray(work.features.T)
    if not work.problem.metric.offset_free or work.problem.place.dtype == "float64":
        return units
    # Distances do not change if a unit is centred over the conditions of a fold, and
    # float32 would lose them beside a large common offset.
    folds = units.reshape(len(units), work.problem.metric.folds, -1).astype("float64")
    return (folds - folds.mean(2, keepdims=True)).reshape(units.shape)


def taken(units: np.ndarray | jax.Array, index: np.ndarray) -> np.ndarray | jax.Array:
    """``units[index]``: NumPy gathers several times faster than XLA does on a CPU."""
    if isinstance(units, np.ndarray):
        return np.take(units, index, axis=0)
    return units[index]


class Grid:
    """Scores at some sizes, of any order: what all orders have in common.

    Blocks are as long as the steps between sizes are on average, and a longer step is
    cut in several: at most twice as many blocks as sizes, and little more than twice
    as many columns as units, however uneven the steps.

    Parameters
    ----------
    work : Work
    sizes : ndarray of int (S,)
        Increasing.
    batch_size : int or None
        Blocks computed in one call; None to let memory decide.
    batches : int
        Batches in a call where nothing is piled up.
    """

    def __init__(
        self, work: Work, sizes: np.ndarray, batch_size: int | None, batches: int
    ) -> None:
        self.work, self.units = work, units_of(work)
        constants = work.on(work.problem.place)
        self.prepared = constants.prepared
        self.positions, self.present, self.ends = blocks_of(sizes)
        n_pairs, n_blocks = len(work.group.pairs[0]), len(self.present)
        place = work.problem.place
        batch = budget.prefixes_per_batch(n_pairs, place, batch_size, n_blocks)
        # RDMs that go to the host are ranked batch by batch, and never piled up.
        self.step = batch if work.on_host else min(batches * batch, n_blocks)
        # The last call is filled up with blocks of no units.
        missing = -n_blocks % self.step
        self.positions = np.pad(self.positions, ((0, missing), (0, 0)))
        self.present = np.pad(self.present, ((0, missing), (0, 0)))
        self.kernel = {
            "metric": work.problem.metric,
            "pairs": constants.pairs,
            "mean": constants.mean,
            "dtype": place.dtype,
        }

    def score(self, order: np.ndarray, scores: np.ndarray) -> Iterator[int]:
        """Write the scores of one order to ``(g, S)``; yield how many at a time."""
        state = prefix.empty(columns=taken(self.units, order[:1]), **self.kernel)
        for first in range(0, len(self.present), self.step):
            some = slice(first, first + self.step)
            state, out = prefix_sizes.score_sizes(
                comparison=self.work.problem.comparison,
                state=state,
                blocks=taken(self.units, order[self.positions[some]]),
                present=self.present[some],
                prepared=self.prepared,
                **self.kernel,
            )
            here = slice(*np.searchsorted(self.ends, [some.start, some.stop]))
            chosen = np.asarray(out)[self.ends[here] - first]
            if len(chosen):
                rows = chosen if self.work.on_host else chosen.T
                scores[:, here] = self.work.scores(rows)
            yield len(chosen)


def blocks_of(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut the steps between sizes in blocks of equal length.

    Returns
    -------
    positions : ndarray of int (C, B)
        Places in the order.
    present : ndarray of bool (C, B)
        False for what fills up a block.
    ends : ndarray of int (S,)
        The block that completes each size.
    """
    length = -(-int(sizes[-1]) // len(sizes))
    starts = np.append(0, sizes[:-1])
    counts = -(-(sizes - starts) // length)
    ends = np.cumsum(counts) - 1
    earlier = np.arange(ends[-1] + 1) - np.repeat(ends + 1 - counts, counts)
    first = np.repeat(starts, counts) + earlier * length
    positions = first[:, None] + np.arange(length)
    present = positions < np.repeat(sizes, counts)[:, None]
    return np.where(present, positions, 0), present, ends

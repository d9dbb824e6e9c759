"""The curve at some sizes: between two sizes units join as a block, or as several."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..execution import budget
from ..kernels import direct, prefix_sizes
from .gathering import UnitGatherer
from .subproblem import Subproblem

# Units of a block. Steps on a grid differ, so that blocks of the mean step are filled
# up to 1.7 times as many units (25,088 units, 364 sizes: 629 blocks of 69). The sums of
# a block are merged in a tenth of the time that its product takes, so shorter blocks
# cost little, and most of them are not scored.
BLOCK = 32


class SizesCurve:
    """Scores at some sizes, of any order: what all orders have in common.

    Blocks are as long as the steps between sizes are on average, but no longer than
    `BLOCK`, and a longer step is cut in several: little more than twice as many columns
    as units, however uneven the steps.

    Parameters
    ----------
    sub : Subproblem
    sizes : ndarray of int (S,)
        Increasing.
    batch_size : int or None
        Blocks computed in one call; None to let memory decide.
    """

    def __init__(
        self, sub: Subproblem, sizes: np.ndarray, batch_size: int | None
    ) -> None:
        self.sub, self.gatherer = sub, UnitGatherer(sub)
        # RDMs that go to the host do so after every block: the fewer the better.
        longest = None if sub.on_host else BLOCK
        self.positions, self.present, self.ends = blocks_of(sizes, longest)
        self.wanted = np.zeros(len(self.present), bool)
        self.wanted[self.ends] = True
        n_pairs, n_blocks = len(sub.group.pairs[0]), len(self.present)
        device, shards = sub.layer.device, sub.layer.shards
        batch = budget.prefixes_per_batch(n_pairs, device, batch_size, n_blocks)
        block = self.positions.shape[1] * len(sub.features)
        step = budget.units_per_chunk(
            device, batch, n_blocks, block * sub.features.dtype.itemsize
        )
        # RDMs that go to the host are ranked batch by batch, and never piled up.
        step = batch if sub.on_host else step
        self.step = int(shards.exchanged(np.array(step)).min())
        # The last call is filled up with blocks of no units.
        missing = -n_blocks % self.step
        self.positions = np.pad(self.positions, ((0, missing), (0, 0)))
        self.present = np.pad(self.present, ((0, missing), (0, 0)))
        self.wanted = np.pad(self.wanted, (0, missing))

    def score(self, order: np.ndarray, scores: np.ndarray) -> Iterator[int]:
        """Write the scores of one order to ``(g, S)``; yield how many at a time."""
        layer, (pairs, mean, prepared) = self.sub.layer, self.sub.constants
        shards = layer.shards
        state = shards.call(direct.empty, (layer.metric,), mean, pairs)
        for first in range(0, len(self.present), self.step):
            some = slice(first, first + self.step)
            units = order[self.positions[some]].reshape(1, -1)
            # All devices do the same.
            state, out = shards.call(
                prefix_sizes.score_sizes,
                (layer.metric, self.sub.comparison),
                state,
                self.gatherer.fetch(units, [[0] * len(shards.local)])[0](),
                shards.put(self.present[some]),
                shards.put(self.wanted[some]),
                *(mean, pairs, prepared),
                dtype=layer.device.dtype,
            )
            out = shards.numbers(out)[0]
            here = slice(*np.searchsorted(self.ends, [some.start, some.stop]))
            chosen = out[self.ends[here] - first]
            if len(chosen):
                rows = chosen if self.sub.on_host else chosen.T
                scores[:, here] = self.sub.scores(rows)
            yield len(chosen)


def blocks_of(
    sizes: np.ndarray, longest: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut the steps between sizes in blocks of equal length.

    Parameters
    ----------
    sizes : ndarray of int (S,)
    longest : int or None
        Of the blocks: shorter ones are filled up with fewer units.

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
    length = length if longest is None else min(length, longest)
    starts = np.append(0, sizes[:-1])
    counts = -(-(sizes - starts) // length)
    ends = np.cumsum(counts) - 1
    earlier = np.arange(ends[-1] + 1) - np.repeat(ends + 1 - counts, counts)
    first = np.repeat(starts, counts) + earlier * length
    positions = first[:, None] + np.arange(length)
    present = positions < np.repeat(sizes, counts)[:, None]
    return np.where(present, positions, 0), present, ends

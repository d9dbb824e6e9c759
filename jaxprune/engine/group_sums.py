"""Sums over the units of each group: one pass over the layer makes all of them.

They are kept where memory has room for them, so that importances, curves and whatever
is repeated find them made. Otherwise some groups at a time are summed when they are
wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

from ..base.types import State
from ..execution import budget
from ..execution.devices import ComputeDevice
from ..execution.run import run
from ..kernels import direct, downdate
from ..kernels import groups as kernels
from .sums import Sums
from .unit_groups import UnitGroups


class GroupSums:
    """Sums over each group, and last over the units in none, on every local device.

    Parameters
    ----------
    sums : Sums
        Pieces, metric and pairs.
    mean : ndarray (m,)
        Row means, subtracted from the units.
    groups : UnitGroups
        Of the units of `sums`.
    device : ComputeDevice

    Attributes
    ----------
    n_bytes : int
        Of the sums of all groups.
    """

    def __init__(
        self, sums: Sums, mean: np.ndarray, groups: UnitGroups, device: ComputeDevice
    ) -> None:
        self.sums, self.groups, self.device = sums, groups, device
        self.mean = sums.shards.put(mean)
        each = 8 * (len(sums.pairs[0]) + 4 * len(mean))
        self.n_bytes = each * (len(groups) + 1)
        # Several devices have the sums of each of them for a moment.
        devices = len(sums.shards.devices)
        copies = 1 + devices if sums.shards.several else 1
        self._together = max(device.memory // budget.BATCHES // (copies * each), 1)
        mean_length = -(-len(groups.units) // (len(groups) + 1))
        self._block = min(mean_length, sums.block)

    @property
    def stay(self) -> bool:
        """Whether the sums of all groups are kept."""
        return self._together > len(self.groups)

    def made(self) -> bool:
        """Sum over all groups if these sums are kept; whether they are."""
        return self.stay and self.everything is not None

    def parts(
        self, order: np.ndarray, batch: int
    ) -> Iterator[tuple[int, State, np.ndarray]]:
        """Sums of the groups of an order, of as many as there is memory for.

        Parameters
        ----------
        order : ndarray of int (L,)
            Groups; G are the units in none.
        batch : int
            Groups that are computed with together: parts are of whole batches.

        Yields
        ------
        start : int
            Place in the order that a part begins at.
        states : state (B, ...)
            Sums, in float64.
        rows : ndarray of int
            Which of `states` are those of the groups of this part, in order.
        """
        if self.stay:
            yield 0, self.everything, order
            return
        length = max(self._together // batch, 1) * batch
        for start in range(0, len(order), length):
            some = order[start : start + length]
            yield start, self._summed(some), np.arange(len(some))

    @cached_property
    def everything(self) -> State:
        """Sums of all groups ``(G + 1, ...)``."""
        return self._summed(np.arange(len(self.groups) + 1))

    @cached_property
    def total(self) -> State:
        """Sums over all units, of groups or of none."""
        sums, shards = self.sums, self.sums.shards
        if self.stay and self.groups.disjoint:
            present = shards.put(np.ones(len(self.groups) + 1, bool))
            inputs = self.everything, present, self.mean, sums.pairs_on_devices
            return shards.call(kernels.merged, (sums.metric,), *inputs)
        everything = np.ones((1, sums.pieces[0].source.shape[1]), bool)
        states = sums.over(everything, self.mean, self.device.dtype)
        return shards.call(downdate.only, (), states, dtype="float64")

    def _summed(self, which: np.ndarray) -> State:
        """Sums of some groups, equally many in each thread."""
        several = len(self.sums.shards.local) > 1
        workers = 1 if several else min(self.device.workers, len(which))
        length = -(-len(which) // workers)
        firsts = range(0, len(which), length)
        states: list[State] = [None] * len(firsts)

        def task(index: int) -> Iterator[int]:
            some = which[firsts[index] : firsts[index] + length]
            states[index] = self._over_pieces(some, length)
            yield len(some)

        run(task, range(len(firsts)), workers=workers)
        if len(states) == 1:
            return states[0]
        # The last ones were filled up.
        states[-1] = jax.tree.map(lambda a: a[: len(which) - firsts[-1]], states[-1])
        return jax.tree.map(lambda *rows: jnp.concatenate(rows), *states)

    def _over_pieces(self, which: np.ndarray, length: int) -> State:
        """Sums of some groups, filled up to a number of them."""
        sums, shards, states = self.sums, self.sums.shards, None
        units = self.groups.joined(which)
        group = np.repeat(np.arange(len(which)), self.groups.lengths[which])
        pairs = sums.pairs_on_devices
        for piece in sums.pieces:
            lists = [
                self._within(slice_, units, group, length) for slice_ in piece.units
            ]
            longest = budget.bucket(max(len(units) for units, _ in lists))
            index = np.zeros((len(lists), longest + self._block), np.int32)
            for row, (here, _) in zip(index, lists, strict=True):
                row[: len(here)] = here
            lengths = [lengths for _, lengths in lists]
            starts = [np.cumsum(one, dtype=np.int32) - one for one in lengths]
            inputs = map(shards.spread, (list(index), starts, lengths))
            states = shards.call(
                kernels.sums,
                (sums.metric,),
                *(states, piece.load(), *inputs, self.mean, pairs),
                dtype=self.device.dtype,
                block=self._block,
            )
            # Or pieces would be loaded faster than they are used, and pile up.
            jax.block_until_ready(states)
        if shards.several:
            every = shards.gathered(states), pairs
            states = shards.call(direct.folded, (sums.metric,), *every)
        return states

    def _within(
        self, piece: slice, units: np.ndarray, group: np.ndarray, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Columns of a piece that belong to groups, and how many to each."""
        first = self.sums.shards.here.start + piece.start
        inside = (units >= first) & (units < first + piece.stop - piece.start)
        lengths = np.bincount(group[inside], minlength=count)
        return units[inside] - first, lengths.astype(np.int32)

"""Sums over the units of a layer, wherever they are: pieces, devices, processes.

A sum does not care where its terms are. What travels between devices is one number for
each pair of conditions, however many units there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np

from ..base.types import State
from ..execution.pieces import Piece
from ..execution.shards import Shards
from ..kernels import direct
from ..metrics import Metric


@dataclass(frozen=True, eq=False)
class Sums:
    """What is summed over the units of a layer.

    Attributes
    ----------
    metric : Metric
    shards : Shards
    pieces : list of Piece
        Units of this process.
    pairs : tuple of ndarray (p,)
    block : int
        Units whose products are summed together.
    """

    metric: Metric
    shards: Shards
    pieces: list[Piece]
    pairs: tuple[np.ndarray, np.ndarray]
    block: int

    @cached_property
    def pairs_on_devices(self) -> Any:
        """Pairs of conditions, as the kernels index them."""
        return tuple(self.shards.put(index.astype(np.int32)) for index in self.pairs)

    def here(
        self, masks: np.ndarray, mean: jax.Array, dtype: str, states: State = None
    ) -> State:
        """Sums over the units of masks, on each device over its own units.

        Parameters
        ----------
        masks : ndarray of bool (n_masks, N_here)
            Units of this process.
        mean : (m,)
            On the devices; subtracted from the units before they are converted.
        dtype : str
        states : state (n_masks, ...), optional
            Sums over other units, to which these are added.

        Returns
        -------
        state ``(n_masks, ...)``, in float64
        """
        pairs = self.pairs_on_devices
        for piece in self.pieces:
            inputs = states, piece.load(), piece.masks(masks), mean, pairs
            states = self.shards.call(
                direct.totals, (self.metric,), *inputs, dtype=dtype, block=self.block
            )
            # Or pieces would be loaded faster than they are used, and pile up.
            jax.block_until_ready(states)
        return states

    def over(self, masks: np.ndarray, mean: jax.Array, dtype: str) -> State:
        """The same over the units of all devices."""
        states = self.here(masks, mean, dtype)
        if not self.shards.several:
            return states
        every = self.shards.gathered(states), self.pairs_on_devices
        return self.shards.call(direct.folded, (self.metric,), *every)

    def rdms(self, masks: np.ndarray, metric: Metric | None = None) -> np.ndarray:
        """RDMs of masks ``(n_masks, N_here)``, by definition, in float64.

        `metric` may say otherwise what an undefined similarity becomes.
        """
        mean = self.shards.put(np.zeros(len(self.pieces[0].source)))
        states = self.over(masks, mean, "float64"), self.pairs_on_devices
        out = self.shards.call(direct.rdm, (metric or self.metric,), *states)
        return self.shards.numbers(out)[0]

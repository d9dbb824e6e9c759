"""Sums over the units of a layer, wherever they are: pieces, devices, processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._types import State
from .execution.pieces import Piece
from .execution.shards import Shards
from .kernels import direct
from .metrics import Metric


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
    """

    metric: Metric
    shards: Shards
    pieces: list[Piece]
    pairs: tuple[np.ndarray, np.ndarray]

    def pairs_on_devices(self) -> Any:
        """Pairs of conditions, as the kernels index them."""
        return tuple(self.shards.put(index.astype(np.int32)) for index in self.pairs)

    def over(self, masks: np.ndarray, mean: np.ndarray, dtype: str) -> list[State]:
        """Sums over the units of each of several masks, of all devices.

        Parameters
        ----------
        masks : ndarray of bool (n_masks, N_here)
            Units of this process.
        mean : ndarray (m,)
            Subtracted from the units before they are converted.
        dtype : str
        """
        pairs, centre = self.pairs_on_devices(), self.shards.put(mean)
        call, options = self.shards.call, {"dtype": dtype}
        states: list[State] = [None] * len(masks)
        for piece in self.pieces:
            x = piece.load()
            for index, mask in enumerate(masks):
                chosen = piece.masks(mask)
                added = call(
                    direct.total, (self.metric,), x, centre, chosen, pairs, **options
                )
                if states[index] is not None:
                    both = states[index], added
                    added = call(direct.merged, (self.metric,), *both, pairs)
                states[index] = added
        if not self.shards.several:
            return states
        return [self.together(state) for state in states]

    def together(self, state: State) -> State:
        """Sums over all devices, from those of each."""
        rows = self.shards.gathered(state)
        pairs = self.pairs_on_devices()
        return self.shards.call(direct.folded, (self.metric,), rows, pairs)

    def rdms(self, masks: np.ndarray) -> list[np.ndarray]:
        """RDMs ``(p,)`` of masks ``(n_masks, N_here)``, by definition, in float64."""
        mean, pairs = np.zeros(len(self.pieces[0].source)), self.pairs_on_devices()
        states = self.over(masks, mean, "float64")
        rdms = [
            self.shards.call(direct.rdm, (self.metric,), state, pairs)
            for state in states
        ]
        return [self.shards.numbers(rdm)[0] for rdm in rdms]

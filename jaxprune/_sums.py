"""Sums over the units of a layer, wherever they are: pieces, devices, processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import jax
import numpy as np

from ._types import State
from .execution.device import Place
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

    @property
    def places(self) -> list[Place]:
        """Devices of this process that have pieces, in the order of their units."""
        return list({piece.place.device: piece.place for piece in self.pieces}.values())

    def pairs_on(self, place: Place) -> Any:
        """Pairs of conditions, as the kernels index them."""
        return tuple(place.put(index.astype(np.int32)) for index in self.pairs)

    def over(self, masks: np.ndarray, mean: np.ndarray, dtype: str) -> list[Any]:
        """Sums over the units of masks: for each local device a list of states.

        Parameters
        ----------
        masks : ndarray of bool (n_masks, N_here)
            Units of this process.
        mean : ndarray (m,)
            Subtracted from the units before they are converted.
        dtype : str
        """
        found = []
        for place in self.places:
            pairs, centre = self.pairs_on(place), place.put(mean)
            states: list[State] = [None] * len(masks)
            for piece in self.pieces:
                if piece.place.device != place.device:
                    continue
                x = piece.load()
                for index, mask in enumerate(masks):
                    chosen = np.zeros(piece.width, bool)
                    chosen[: piece.n_units] = mask[piece.units]
                    added = direct.total(
                        self.metric, x, centre, place.put(chosen), pairs, dtype=dtype
                    )
                    if states[index] is not None:
                        added = direct.merged(self.metric, states[index], added, pairs)
                    states[index] = added
            found.append(states)
        return self.together(found)

    def together(self, states: Sequence[Any]) -> list[Any]:
        """Merge lists of states, one of each local device, over all devices."""
        if not self.shards.several:
            return list(states)
        return [
            self._merged(place, rows)
            for place, rows in zip(
                self.places, self.shards.gathered(states), strict=True
            )
        ]

    def _merged(self, place: Place, rows: list[State]) -> list[State]:
        pairs = self.pairs_on(place)

        def merge(first: State, second: State) -> State:
            return direct.merged(self.metric, first, second, pairs)

        devices = range(len(self.shards.devices))
        return [
            reduce(merge, [jax.tree.map(lambda a, d=d: a[d], row) for d in devices])
            for row in rows
        ]

    def rdms(self, masks: np.ndarray) -> list[jax.Array]:
        """RDMs ``(p,)`` of masks, by definition and in float64."""
        mean = np.zeros(len(self.pieces[0].source))
        states = self.over(masks, mean, "float64")[0]
        pairs = self.pairs_on(self.places[0])
        return [direct.rdm(self.metric, state, pairs) for state in states]

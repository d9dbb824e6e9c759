"""A layer and one group of targets: what every path of a computation needs.

Targets that miss the same pairs share pairs, means and sums. Scores by definition live
here too: for the few units or masks that a faster path says it cannot do safely.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..base.types import Prepared
from ..comparisons import Comparison, score_all
from ..execution import budget
from ..execution.devices import device_of
from ..execution.pieces import pieces_of, whole
from ..kernels import whitening
from ..metrics import Metric
from .group_sums import GroupSums
from .layer import Layer, row_means
from .readout import Reading
from .sums import Sums
from .targets import TargetGroup

# Masks that are summed in one pass over the layer.
MASKS = 32


class Constants(NamedTuple):
    """What a kernel takes beside units, on its device."""

    pairs: Any
    mean: jax.Array
    prepared: Prepared | None


class Subproblem:
    """A group of targets on the device: what every path needs.

    Attributes
    ----------
    features : ndarray or jax array (m, N_here)
        Units of this process, and the group's conditions (in every fold); of units
        that share noise, coordinates whose sum over all units is the layer's.
    pieces : list of Piece
        The same on the devices.
    removals : list of Piece
        What leaving out each unit subtracts: `pieces`, but for units that share noise.
    unit_groups : UnitGroups or None
        Of the units; those of the layer.
    targets : ndarray (g, p)
    prepared : ndarray (g + K, p), or a pytree of arrays
        Targets as the comparison wants them, and K controls.
    on_host : bool
        RDMs are compared in NumPy: XLA sorts slowly on CPUs.
    """

    def __init__(
        self, layer: Layer, group: TargetGroup, comparison: Comparison
    ) -> None:
        self.layer, self.group, self.comparison = layer, group, comparison
        self.unit_groups, rows, device = layer.unit_groups, group.rows, layer.device
        self.features = layer.features if rows is None else layer.rows_of(rows)
        self._noise: Any = None
        if layer.noise is not None:
            self._given = device.put(self.features)
            self._noise = device.put(layer.noise)
            everything = np.arange(layer.n_units)
            self.features = in_order(self._given, self._noise, everything)
            self.pieces = [whole(device, self.features)]
            removals = whitening.removals(self._given, self._noise)
            self.removals = [whole(device, removals)]
        elif rows is None:
            self.pieces = self.removals = layer.pieces
        else:
            self.pieces = pieces_of(self.features, device, layer.shards)
            self.removals = self.pieces
        self.targets = group.targets
        self.prepared = group.prepared(comparison, group.targets)
        self.on_host = comparison.ranks and device.on_cpu

    @property
    def n_ranked(self) -> int:
        """Number of what is ranked: of groups, or of units."""
        return len(self.unit_groups) if self.unit_groups else self.layer.n_units

    @cached_property
    def reading(self) -> Reading | None:
        """What RDMs are read from, if that is not the units themselves."""
        reading, rows = self.layer.reading, self.group.rows
        return reading if reading is None or rows is None else reading.rows(rows)

    @cached_property
    def sums(self) -> Sums:
        """Sums over the units."""
        layer, n_pairs = self.layer, len(self.group.pairs[0])
        if self.pieces is layer.pieces and n_pairs == len(layer.sums.pairs[0]):
            return layer.sums
        return layer.sums_over(self.pieces, self.group.pairs)

    @cached_property
    def sums_of_groups(self) -> GroupSums:
        """Sums over the units of each group."""
        layer = self.layer
        if self.sums is layer.sums:
            return layer.sums_of_groups
        assert self.unit_groups is not None
        return GroupSums(self.sums, self.mean, self.unit_groups, layer.device)

    @cached_property
    def removals_of_groups(self) -> GroupSums:
        """What leaving out each group subtracts: those, but for units with noise."""
        if not self.shares_noise:
            return self.sums_of_groups
        layer, groups = self.layer, self.unit_groups
        assert groups is not None
        order = np.arange(len(groups))
        members = [groups.members(group) for group in order.tolist()]
        given = self.removals[0].source, self._noise
        columns = [whitening.of_group(*given, jnp.asarray(one)) for one in members]
        piece = whole(
            layer.device, jnp.concatenate([given[0][:, groups.rest], *columns], 1)
        )
        sums = layer.sums_over([piece], self.group.pairs)
        return GroupSums(sums, self.mean, groups.in_order(order), layer.device)

    @cached_property
    def mean(self) -> np.ndarray:
        """Row means of all units in double precision; zeros if they do not matter."""
        layer, rows = self.layer, self.group.rows
        if layer.noise is not None:
            return row_means(self.features, layer.metric, layer.shards)
        return layer.mean if rows is None else layer.mean[layer.rows(rows)]

    @cached_property
    def constants(self) -> Constants:
        """Pairs, means and targets on the devices."""
        mean = self.layer.shards.put(self.mean)
        return Constants(self.sums.pairs_on_devices, mean, self._targets_on_devices())

    def only(self, members: np.ndarray) -> Subproblem:
        """The same for some targets of the group."""
        sub = self._copy("constants")
        sub.targets = self.targets[members]
        sub.prepared = self.group.prepared(self.comparison, sub.targets)
        return sub

    @property
    def shares_noise(self) -> bool:
        """Whether what a unit adds depends on the units that are there."""
        return self._noise is not None

    def in_order(self, order: np.ndarray) -> Subproblem:
        """The same, with units that add up to the prefixes of an order, in that order.

        Of units that share noise; `order` may hold some of the units. Of groups, which
        are called 0, 1, 2, ... then, it holds all.
        """
        units, sub = order, self._copy("constants", "mean", "sums", "sums_of_groups")
        if self.unit_groups is not None:
            units = self.unit_groups.joined(np.append(len(self.unit_groups), order))
            sub.unit_groups = self.unit_groups.in_order(order)
        rest = np.setdiff1d(np.arange(self.layer.n_units), units)
        sub.features = in_order(self._given, self._noise, np.append(units, rest))
        sub.pieces = sub.removals = [whole(self.layer.device, sub.features)]
        sub._noise = None
        return sub

    @property
    def workers(self) -> int:
        """Threads that call kernels: one, where a call keeps several devices busy."""
        several = len(self.layer.shards.local) > 1
        return 1 if several else self.layer.device.workers

    @property
    def dead(self) -> np.ndarray:
        """Units here that leaving out cannot tell apart: they never respond.

        Where only differences between conditions count, those that never differ.
        """
        x = self.removals[0].source
        if self.layer.metric.scale:
            return ~np.asarray(x.any(0))
        return np.asarray(x.min(0) == x.max(0))

    def _copy(self, *derived: str) -> Subproblem:
        """A copy to be changed: what was derived from what changes is derived anew."""
        sub = copy(self)
        for name in derived:
            sub.__dict__.pop(name, None)
        return sub

    def _targets_on_devices(self) -> Prepared | None:
        """Targets for the kernel, or None if it is to return RDMs."""
        if self.on_host:
            return None
        shards, dtype = self.layer.shards, self.layer.device.dtype

        def put(array: np.ndarray) -> jax.Array:
            return shards.put(array.astype(dtype) if array.dtype.kind == "f" else array)

        return jax.tree.map(put, self.prepared)

    def scores(self, out: Any) -> np.ndarray:
        """Scores ``(g, B)`` from what a kernel returned: scores, or RDMs ``(B, p)``."""
        if self.on_host:
            return self.comparison.score_rows(self.prepared, np.asarray(out))
        return np.asarray(out, float)

    def direct(self, masks: np.ndarray) -> np.ndarray:
        """Scores ``(g, n_masks)`` by definition, in float64; masks of all units."""
        if self.shares_noise:
            rdms = [self._subset(mask) for mask in masks]
        else:
            rdms = self.sums.rdms(masks[:, self.layer.shards.here])
        scores = [self.fit(rdm) for rdm in rdms]
        return np.stack(scores, 1)

    def fit(self, rdm: np.ndarray | jax.Array) -> np.ndarray:
        """Scores ``(g,)`` of an RDM ``(p,)`` in float64."""
        out: Any = rdm[None]
        if not self.on_host:
            prepared = jax.tree.map(jnp.asarray, self.prepared)
            out = score_all(self.comparison, prepared, jnp.asarray(out))
        return self.scores(out)[:, 0]

    def all_but(self, which: np.ndarray) -> np.ndarray:
        """Masks ``(B, N)`` of all units but one, or but those of one group."""
        if self.unit_groups is not None:
            return ~self.unit_groups.masks(which)
        return np.arange(self.layer.n_units) != which[:, None]

    def without(self, which: np.ndarray) -> np.ndarray:
        """Scores ``(g, B)`` without each of some units or groups, by definition."""
        scores = np.empty((len(self.targets), len(which)))
        # A mask is as long as the layer, so not all of them together.
        for first in range(0, len(which), MASKS):
            some = slice(first, first + MASKS)
            scores[:, some] = self.direct(self.all_but(which[some]))
        return scores

    def _subset(self, mask: np.ndarray) -> np.ndarray:
        return subset_rdms(
            self.layer.metric, self._given, self._noise, mask[None], self.group.pairs
        )[0]


def subset_rdms(
    metric: Metric,
    x: jax.Array,
    noise: jax.Array,
    masks: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
) -> list[np.ndarray]:
    """RDMs ``(p,)`` of subsets of units that share noise, each in its coordinates."""
    device, rdms = device_of(x, "float64"), []
    for mask in masks:
        order = np.argsort(~mask, kind="stable")
        piece = whole(device, in_order(x, noise, order))
        block = budget.units_summed(device, len(x))
        sums = Sums(metric, piece.shards, [piece], pairs, block)
        rdms += [*sums.rdms(np.arange(len(mask))[None] < mask.sum())]
    return rdms


def in_order(x: jax.Array, noise: jax.Array, order: np.ndarray) -> jax.Array:
    """`whitening.in_order` for an order from the host."""
    return whitening.in_order(x, noise, jnp.asarray(order, "int32"))


# Full scores (g,), scores without each unit (g, N), importances (g, N).
Scores = tuple[np.ndarray, np.ndarray, np.ndarray]


def tie_dead(values: np.ndarray, dead: np.ndarray) -> None:
    """Units that never respond ``(N,)`` share one value ``(g, N)``, exactly."""
    values[:, dead] = values[:, np.argmax(dead)][:, None]

"""A group of targets on the device: what every path of a computation needs."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..base.types import Prepared
from ..comparisons import score_all
from ..execution import budget
from ..execution.device import place_of
from ..execution.pieces import pieces_of, whole
from ..execution.run import run
from ..kernels import whitening
from ..metrics import Metric
from .problem import Problem
from .sums import Sums
from .targets import Group

# Masks that are summed in one pass over the layer.
MASKS = 32


class Constants(NamedTuple):
    """What a kernel takes beside units, on its device."""

    pairs: Any
    mean: jax.Array
    prepared: Prepared | None


class Work:
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
    targets : ndarray (g, p)
    prepared : ndarray (g, p), or a pytree of arrays
        Targets as the comparison wants them.
    on_host : bool
        RDMs are compared in NumPy: XLA sorts slowly on CPUs.
    """

    def __init__(self, problem: Problem, group: Group) -> None:
        self.problem, self.group = problem, group
        self.features = problem.rows_of(group)
        self._noise: Any = None
        if problem.noise is not None:
            self._given = problem.place.put(self.features)
            self._noise = problem.place.put(problem.noise)
            everything = np.arange(problem.n_units)
            self.features = in_order(self._given, self._noise, everything)
            self.pieces = [whole(problem.place, self.features)]
            removals = whitening.removals(self._given, self._noise)
            self.removals = [whole(problem.place, removals)]
        else:
            self.pieces = self.removals = problem.pieces
            if group.rows is not None:
                self.pieces = self.removals = pieces_of(
                    self.features, problem.place, problem.shards
                )
        self.targets = group.targets
        self.prepared = problem.comparison.prepare_all(group.targets, group.pairs)
        self.on_host = problem.comparison.ranks and problem.place.on_cpu

    @property
    def sums(self) -> Sums:
        """Sums over the units."""
        problem = self.problem
        return Sums(
            problem.metric, problem.shards, self.pieces, self.group.pairs, self.block
        )

    @property
    def block(self) -> int:
        """Units whose products are summed together."""
        return budget.units_summed(self.problem.place, len(self.features))

    @cached_property
    def mean(self) -> np.ndarray:
        """Row means of all units in double precision; zeros if they do not matter."""
        if not self.problem.metric.centred:
            return np.zeros(len(self.features))
        if isinstance(self.features, np.ndarray):
            total = self.features.sum(1, dtype=np.float64)
        else:
            total = np.asarray(jnp.sum(self.features, 1, dtype="float64"))
        shards = self.problem.shards
        return shards.exchanged(total).sum(0) / shards.n_units

    @cached_property
    def constants(self) -> Constants:
        """Pairs, means and targets on the devices."""
        put = self.problem.shards.put
        return Constants(
            self.sums.pairs_on_devices(), put(self.mean), self._targets_on_devices()
        )

    def only(self, members: np.ndarray) -> Work:
        """The same for some targets of the group."""
        work = self._copy()
        work.targets = self.targets[members]
        work.prepared = self.problem.comparison.prepare_all(
            work.targets, self.group.pairs
        )
        return work

    @property
    def shares_noise(self) -> bool:
        """Whether what a unit adds depends on the units that are there."""
        return self._noise is not None

    def in_order(self, order: np.ndarray) -> Work:
        """The same, with units that add up to the prefixes of an order, in that order.

        Of units that share noise; `order` may hold some of the units.
        """
        rest = np.setdiff1d(np.arange(self.problem.n_units), order)
        work = self._copy()
        work.features = in_order(self._given, self._noise, np.append(order, rest))
        work.pieces = work.removals = [whole(self.problem.place, work.features)]
        work._noise = None
        return work

    @property
    def dead(self) -> np.ndarray:
        """Units here that leaving out cannot tell apart: they never respond.

        Where only differences between conditions count, those that never differ.
        """
        x = self.removals[0].source
        if self.problem.metric.scale:
            return ~np.asarray(x.any(0))
        return np.asarray(x.min(0) == x.max(0))

    def _copy(self) -> Work:
        """A copy to be changed: constants are made anew."""
        work = copy(self)
        work.__dict__.pop("constants", None)
        return work

    def _targets_on_devices(self) -> Prepared | None:
        """Targets for the kernel, or None if it is to return RDMs."""
        if self.on_host:
            return None
        shards, dtype = self.problem.shards, self.problem.place.dtype

        def put(array: np.ndarray) -> jax.Array:
            return shards.put(array.astype(dtype) if array.dtype.kind == "f" else array)

        return jax.tree.map(put, self.prepared)

    def scores(self, out: Any) -> np.ndarray:
        """Scores ``(g, B)`` from what a kernel returned: scores, or RDMs ``(B, p)``."""
        if self.on_host:
            return self.problem.comparison.score_rows(self.prepared, np.asarray(out))
        return np.asarray(out, float)

    def direct(self, masks: np.ndarray) -> np.ndarray:
        """Scores ``(g, n_masks)`` by definition, in float64; masks of all units."""
        problem = self.problem
        if self.shares_noise:
            rdms = [self._subset(mask) for mask in masks]
        else:
            rdms = self.sums.rdms(masks[:, problem.shards.here])
        scores = [self.fit(rdm) for rdm in rdms]
        return np.stack(scores, 1)

    def fit(self, rdm: np.ndarray | jax.Array) -> np.ndarray:
        """Scores ``(g,)`` of an RDM ``(p,)`` in float64."""
        out: Any = rdm[None]
        if not self.on_host:
            prepared = jax.tree.map(jnp.asarray, self.prepared)
            out = score_all(self.problem.comparison, prepared, jnp.asarray(out))
        return self.scores(out)[:, 0]

    def without(self, units: np.ndarray) -> np.ndarray:
        """Scores ``(g, n_units)`` without each of some units, by definition."""
        everything = np.arange(self.problem.n_units)
        scores = np.empty((len(self.targets), len(units)))
        # A mask is as long as the layer, so not all of them together.
        for first in range(0, len(units), MASKS):
            some = slice(first, first + MASKS)
            scores[:, some] = self.direct(everything != units[some, None])
        return scores

    def _subset(self, mask: np.ndarray) -> np.ndarray:
        return subset_rdms(
            self.problem.metric, self._given, self._noise, mask[None], self.group.pairs
        )[0]


def subset_rdms(
    metric: Metric,
    x: jax.Array,
    noise: jax.Array,
    masks: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
) -> list[np.ndarray]:
    """RDMs ``(p,)`` of subsets of units that share noise, each in its coordinates."""
    place, rdms = place_of(x, "float64"), []
    for mask in masks:
        order = np.argsort(~mask, kind="stable")
        piece = whole(place, in_order(x, noise, order))
        block = budget.units_summed(place, len(x))
        sums = Sums(metric, piece.shards, [piece], pairs, block)
        rdms += [*sums.rdms(np.arange(len(mask))[None] < mask.sum())]
    return rdms


def in_order(x: jax.Array, noise: jax.Array, order: np.ndarray) -> jax.Array:
    """`whitening.in_order` for an order from the host."""
    return whitening.in_order(x, noise, jnp.asarray(order, "int32"))


# Full scores (g,), scores without each unit (g, N), importances (g, N).
Scores = tuple[np.ndarray, np.ndarray, np.ndarray]


def _workers(work: Work) -> int:
    """Threads: one where every call keeps several devices busy."""
    several = len(work.problem.shards.local) > 1
    return 1 if several else work.problem.place.workers


def _run(task: Any, tasks: list[Any], work: Work, progress: bool) -> None:
    run(
        task,
        tasks,
        workers=_workers(work),
        progress=progress,
        title="importance",
        total=work.features.shape[1],
    )


def _tie(values: np.ndarray, dead: np.ndarray) -> None:
    """Units that never respond ``(N,)`` share one value ``(g, N)``, exactly."""
    values[:, dead] = values[:, np.argmax(dead)][:, None]

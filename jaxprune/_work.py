"""A group of targets on the device: what every path of a computation needs."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._problem import Group, Problem
from ._types import Prepared
from .comparisons import score_all
from .kernels import direct, whitening


class Work:
    """A group of targets on the device: what every path needs.

    Attributes
    ----------
    x : jax array (m, N)
        Features of the group's conditions (in every fold), in their own dtype; of
        units that share noise, coordinates whose sum over all units is the layer's.
    removals : jax array (m, N)
        What leaving out each unit subtracts: x, but for units that share noise.
    pairs : tuple of jax array (p,)
    targets : ndarray (g, p)
    prepared : ndarray (g, p), or a pytree of arrays
        Targets as the comparison wants them.
    on_host : bool
        RDMs are compared in NumPy: XLA sorts slowly on CPUs.
    """

    def __init__(self, problem: Problem, group: Group) -> None:
        self.problem, self.group = problem, group
        self.features = problem.rows_of(group)
        self.x = self.removals = self._given = problem.place.put(self.features)
        self._noise: Any = None
        if problem.noise is not None:
            self._noise = problem.place.put(problem.noise)
            self.x = in_order(self._given, self._noise, np.arange(problem.n_units))
            self.removals = whitening.removals(self._given, self._noise)
        self.pairs = tuple(problem.place.put(a.astype(np.int32)) for a in group.pairs)
        self.targets = group.targets
        self.prepared = problem.comparison.prepare_all(group.targets, group.pairs)
        self.on_host = problem.comparison.ranks and problem.place.on_cpu

    def only(self, members: np.ndarray) -> Work:
        """The same for some targets of the group."""
        work = copy(self)
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
        work = copy(self)
        work.x = in_order(self._given, self._noise, np.append(order, rest))
        work.features = work.removals = work._given = work.x
        work._noise = None
        return work

    @property
    def dead(self) -> np.ndarray:
        """Units that leaving out cannot tell apart ``(N,)``: they never respond.

        Where only differences between conditions count, those that never differ.
        """
        x = self.removals if self.shares_noise else self.features
        if self.problem.metric.scale:
            return ~np.asarray(x.any(0))
        return np.asarray(x.min(0) == x.max(0))

    @property
    def prepared_on_device(self) -> Prepared | None:
        """Targets for the kernel, or None if it is to return RDMs."""
        if self.on_host:
            return None
        place = self.problem.place

        def put(array: np.ndarray) -> jax.Array:
            return place.put(
                array.astype(place.dtype) if array.dtype.kind == "f" else array
            )

        return jax.tree.map(put, self.prepared)

    def scores(self, out: Any) -> np.ndarray:
        """Scores ``(g, B)`` from what a kernel returned: scores, or RDMs ``(B, p)``."""
        if self.on_host:
            return self.problem.comparison.score_rows(self.prepared, np.asarray(out))
        return np.asarray(out, float)

    def direct(self, masks: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Scores ``(g, n_masks)`` by definition, in float64, one mask at a time."""
        problem = self.problem
        scores = np.empty((len(self.targets), len(masks)))
        for index, mask in enumerate(masks):
            x, chosen = subset(self._given, self._noise, mask)
            rdm = direct.masked_rdm(
                problem.metric, x, jnp.asarray(chosen), self.pairs, dtype="float64"
            )[None]
            if not self.on_host:
                prepared = jax.tree.map(jnp.asarray, self.prepared)
                rdm = score_all(problem.comparison, prepared, rdm)
            scores[:, index] = self.scores(rdm)[:, 0]
        return scores

    def without(self, units: np.ndarray) -> np.ndarray:
        """Scores ``(g, n_units)`` without each of some units, by definition."""
        everything = np.arange(self.problem.n_units)
        scores = np.empty((len(self.targets), len(units)))
        for index, unit in enumerate(units):
            scores[:, index] = self.direct([everything != unit])[:, 0]
        return scores


def subset(
    x: jax.Array, noise: jax.Array | None, mask: np.ndarray
) -> tuple[jax.Array, np.ndarray]:
    """Columns ``(m, N)`` and a mask over them: the sums of a subset of units."""
    if noise is None:
        return x, mask
    order = np.argsort(~mask, kind="stable")
    return in_order(x, noise, order), np.arange(len(mask)) < mask.sum()


def in_order(x: jax.Array, noise: jax.Array, order: np.ndarray) -> jax.Array:
    """`whitening.in_order` for an order from the host."""
    return whitening.in_order(x, noise, jnp.asarray(order, "int32"))


def means(work: Work) -> jax.Array:
    """Row means in double precision; zeros for a metric that does not centre."""
    problem = work.problem
    if not problem.metric.centred:
        mean = np.zeros(len(work.x))
    elif isinstance(work.features, np.ndarray):
        mean = work.features.mean(1, dtype=np.float64)
    else:
        mean = jnp.mean(work.x.astype("float64"), 1)
    return problem.place.put(mean)

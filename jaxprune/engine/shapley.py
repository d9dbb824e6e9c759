"""Shapley values: the mean gain of a unit as it joins, over random orders.

An order costs as much as one curve, whose steps are the gains of all units in it. It is
followed by its reverse, and begun from other places too, so that every unit is often
among the first, where gains are largest: the mean of a few orders then varies little.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.arrays import double_precision
from ..execution.run import bar
from ..io.checkpoints import Checkpoints
from ..results import Shapley
from .curves import scores_of_orders
from .problem import Problem

# Pairs of orders between two looks at the standard errors, which need some to be errors
# of. A look at 92 x 4,096 comes about every two seconds on two cores.
PAIRS_PER_LOOK = 32
# Pairs whose curves (k, 2 pairs, N) are held at a time.
PAIRS_AT_ONCE = 8
# An order is also begun from so many places, each for this share of its length: as much
# work as another order. The first gains are by far the largest, and an order alone has
# few units among them: 92 x 4,096 takes a quarter of the time. Few units need no such
# care.
HEADS, SHORTEST_HEAD = 16, 16
# Of the checkpoint.
NAME = "shapley"


def shapley_values(
    problem: Problem,
    tolerance: float = 0.02,
    max_orders: int = 20_000,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = False,
    checkpoint: str | Path | None = None,
) -> Shapley:
    """Shapley values for the targets of a problem; arguments as of the public one."""
    if checkpoint is not None and problem.layer.shards.distributed:
        raise ValueError(
            "checkpoint: Shapley values are kept by a single process, and their units "
            "are spread over several. Leave checkpoint out."
        )
    checkpoints = Checkpoints.of(
        checkpoint, lambda: {"seed": seed, **problem.identity()}
    )
    single = problem.settings.pool == "mean" or not problem.stacked
    gains = _Gains.empty(1 if single else len(problem.targets), problem.n_ranked)
    if (known := checkpoints.load(NAME)) is not None:
        gains = _Gains(known["mean"], known["squares"], known["pairs"])
    most = max_orders // 2

    def enough() -> bool:
        if gains.pairs < min(PAIRS_PER_LOOK, most):
            return False
        largest = np.abs(gains.mean).max(1)
        return bool((gains.errors.max(1) <= tolerance * largest).all())

    title, total = "Shapley values", 2 * most
    with double_precision(), bar(title, total, "orders", progress) as advance:
        advance(2 * gains.pairs)
        while gains.pairs < most and not enough():
            stop = min(gains.pairs + PAIRS_PER_LOOK, most)
            while gains.pairs < stop:
                first = gains.pairs
                count = min(PAIRS_AT_ONCE, stop - first)
                orders = _orders(seed, first, count, problem.n_ranked)
                gains.add(_sampled(problem, orders, batch_size))
                advance(2 * count)
            checkpoints.save(NAME, vars(gains))
    converged = enough()
    if not converged:
        with np.errstate(divide="ignore"):
            ratio = (gains.errors.max(1) / np.abs(gains.mean).max(1)).max()
        warnings.warn(
            f"Shapley values: after {2 * gains.pairs} orders the largest standard "
            f"error is {ratio:.2g} of the largest value; {tolerance:g} was asked for. "
            "Raise max_orders or tolerance.",
            UserWarning,
            stacklevel=3,
        )
    values, errors = gains.mean, gains.errors
    full = values.sum(1)
    return Shapley(
        values=values[0] if single else values,
        standard_errors=errors[0] if single else errors,
        n_orders=2 * gains.pairs,
        converged=converged,
        full_score=float(full[0]) if single else full,
        seed=seed,
        dtype=problem.device.dtype,
        device=problem.device.name,
        settings=problem.settings,
        groups=problem.group_names,
    )


@dataclass
class _Gains:
    """Mean over pairs of orders, and sum of squares around it, ``(k, N)`` (Welford)."""

    mean: np.ndarray
    squares: np.ndarray
    pairs: int

    @staticmethod
    def empty(k: int, n_units: int) -> _Gains:
        return _Gains(np.zeros((k, n_units)), np.zeros((k, n_units)), 0)

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the mean; infinite for less than two pairs."""
        if self.pairs < 2:
            return np.full(self.mean.shape, np.inf)
        return np.sqrt(self.squares / (self.pairs - 1) / self.pairs)

    def add(self, gains: np.ndarray) -> None:
        """Add gains of the units ``(k, 2 c, N)`` in orders; every second a reverse."""
        for pair in np.moveaxis((gains[:, ::2] + gains[:, 1::2]) / 2, 1, 0):
            self.pairs += 1
            change = pair - self.mean
            self.mean += change / self.pairs
            self.squares += change * (pair - self.mean)


def _orders(seed: int, first: int, count: int, n_units: int) -> np.ndarray:
    """Some pairs of orders ``(2 count, N)``: a random one, and its reverse."""
    orders = [
        np.random.default_rng([seed, pair]).permutation(n_units)
        for pair in range(first, first + count)
    ]
    return np.stack([order for one in orders for order in (one, one[::-1])])


def _sampled(
    problem: Problem, orders: np.ndarray, batch_size: int | None
) -> np.ndarray:
    """Gains of all units in some orders ``(k, orders, N)``, each unbiased.

    Those at the first places are means over several beginnings of the order, each of
    the units that follow from another place on.
    """
    n_units = orders.shape[1]
    length = -(-n_units // HEADS)
    steps = _steps(problem, orders, n_units, batch_size)
    gains = np.empty_like(steps)
    if length < SHORTEST_HEAD:
        np.put_along_axis(gains, np.broadcast_to(orders, steps.shape), steps, 2)
        return gains
    starts = np.arange(1, HEADS) * length
    heads = np.stack([np.roll(order, -first) for order in orders for first in starts])
    begun = _steps(problem, heads, length, batch_size)
    begun = begun.reshape(len(steps), len(orders), HEADS - 1, length)
    first = steps[..., :length].copy()
    # What the first places gain here more than on average, all units share, so that
    # gains still add up to the score of all.
    excess = first.sum(-1) - (first.sum(-1) + begun.sum((-2, -1))) / HEADS
    steps[..., :length] /= HEADS
    np.put_along_axis(gains, np.broadcast_to(orders, steps.shape), steps, 2)
    for index, head in enumerate(heads):
        order, place = divmod(index, HEADS - 1)
        gains[:, order, head[:length]] += begun[:, order, place] / HEADS
    return gains + excess[..., None] / n_units


def _steps(
    problem: Problem,
    orders: np.ndarray,
    size: int,
    batch_size: int | None,
) -> np.ndarray:
    """Gains ``(k, orders, size)`` at the first places; what has no score scores 0."""
    scores = np.empty((len(problem.targets), len(orders), size))
    for sub in problem.subproblems:
        scores[sub.group.which] = scores_of_orders(
            sub,
            lambda i: orders[i],
            len(orders),
            np.arange(1, size + 1),
            batch_size=batch_size,
        )
    scores = np.nan_to_num(scores)
    if problem.settings.objective == "r2":
        scores = scores**2
    if problem.settings.pool == "mean":
        scores = scores.mean(0, keepdims=True)
    return np.diff(scores, axis=2, prepend=0.0)

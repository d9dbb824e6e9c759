"""Shapley values of units: the mean gain as they join, over random orders."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from .base import checks
from .engine.curves import scores_of_orders
from .engine.problem import Problem, make_problem
from .engine.work import Work
from .execution.run import run
from .io.checkpoints import Parts, digest
from .results import Settings

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


@dataclass(frozen=True)
class Shapley:
    """Shapley values of the units of a layer, estimated from random orders.

    Attributes
    ----------
    values : ndarray (N,) or (k, N)
        Mean gain of the score when a unit joins those before it in a random order.
        They add up to `full_score`, exactly but for round-off.
    standard_errors : ndarray (N,) or (k, N)
        Of the values, over pairs of orders.
    n_orders : int
        Orders, two a pair.
    converged : bool
        Whether the errors came below the tolerance.
    full_score : float or ndarray (k,)
        Score of all units.
    seed : int
        Where the orders come from.
    dtype, device : str
        Where and in which precision it was computed.
    settings : Settings
        The options that change the numbers.
    """

    values: np.ndarray
    standard_errors: np.ndarray
    n_orders: int
    converged: bool
    full_score: Any
    seed: int
    dtype: str
    device: str
    settings: Settings


def shapley(
    features: Any,
    target: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    tolerance: float = 0.02,
    max_orders: int = 20_000,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    objective: str = "r",
    precision: str = "auto",
    undefined: str = "nan",
    target_kind: str = "dissimilarity",
    pool: str = "each",
    noise: Any = None,
    batch_size: int | None = None,
    devices: Any = None,
    memory: Any = None,
    progress: bool = False,
) -> Shapley:
    r"""Importance of a unit among all sets of the others: its Shapley value.

    .. math:: \phi_k = \frac{1}{N!} \sum_{\text{orders } o} \bigl[
              \mathrm{score}(B_k(o) \cup \{k\}) - \mathrm{score}(B_k(o)) \bigr]

    where :math:`B_k(o)` are the units before k in order o. Leaving one unit out asks
    what the layer loses without it; units that stand in for each other all seem
    dispensable then, and share what they carry here. The mean is estimated from random
    orders, each followed by its reverse, until the standard errors are small.

    Parameters
    ----------
    features, target, metric, compare
        As in :func:`leave_one_out`.
    tolerance : float
        Stop when the largest standard error is below this share of the largest value
        (without its sign); for every target, if there are several.
    max_orders : int
        Stop after so many orders at the latest.
    seed : int
        Of the orders: pair i depends on the seed and on i only.
    checkpoint : path, optional
        A folder (made if need be) where running sums are kept. The same call,
        interrupted, goes on from there, and so does one with a smaller tolerance or
        more orders.
    objective, precision, undefined, target_kind, pool, noise, batch_size
        As in :func:`leave_one_out`; so are ``devices``, ``memory`` and ``progress``.

    Returns
    -------
    Shapley
        ``values`` and ``standard_errors``; a leading axis for several targets with
        ``pool="each"``.

    Raises
    ------
    ValueError
        Bad input.

    Warns
    -----
    UserWarning
        When the errors are still larger than asked for after `max_orders`.

    Notes
    -----
    No unit at all scores 0, and so does a set without a score (a constant pattern),
    whatever `undefined` says of similarities.

    Every order costs as much as two curves of :func:`reintroduce`: O(n² N) for the
    gains of all N units. A unit that comes early in an order comes late in its reverse:
    gains usually fall as sets grow, so their mean over a pair varies less than over two
    orders that are drawn independently. The first places gain most, and each order has
    few units there; so in wide layers an order is also begun from 15 other places, and
    every unit is among the first sixteenth in one of these beginnings.

    References
    ----------
    .. [1] Shapley (1953). A value for n-person games. Contributions to the Theory of
       Games II, 307-317.
    .. [2] Castro, Gómez, Tejada (2009). Polynomial calculation of the Shapley value
       based on sampling. Computers & Operations Research 36, 1726-1730.
    .. [3] Mitchell, Cooper, Frank, Holmes (2022). Sampling permutations for Shapley
       value estimation. Journal of Machine Learning Research 23, 1-46.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> rng = np.random.default_rng(0)
    >>> features, position = rng.random((6, 8)), np.arange(6.0)
    >>> features[:, 3] += position
    >>> features[:, 5] += position
    >>> target = np.abs(position[:, None] - position)
    >>> found = jp.shapley(features, target, "euclidean", tolerance=0.05)
    >>> sorted(np.argsort(found.values)[-2:].tolist()), found.converged
    ([3, 5], True)
    >>> bool(np.isclose(found.values.sum(), found.full_score))
    True
    """
    if not tolerance > 0:
        raise ValueError(
            f"tolerance={tolerance!r}: expected a share of the largest value, above 0."
        )
    max_orders = checks.whole("max_orders", max_orders, 2)
    seed = checks.whole("seed", seed, 0)
    batch_size = checks.positive_or_none("batch_size", batch_size)
    problem = make_problem(
        features,
        target,
        metric=metric,
        compare=compare,
        objective=objective,
        precision=precision,
        undefined=undefined,
        target_kind=target_kind,
        pool=pool,
        devices=devices,
        memory=memory,
        noise=noise,
    )
    folder = None if checkpoint is None else Path(checkpoint).expanduser()
    return estimated(problem, tolerance, max_orders, seed, batch_size, progress, folder)


def estimated(
    problem: Problem,
    tolerance: float = 0.02,
    max_orders: int = 20_000,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = False,
    folder: Path | None = None,
) -> Shapley:
    """`shapley` of a problem; `folder` is for its checkpoint."""
    if folder is not None and problem.shards.distributed:
        raise ValueError(
            "checkpoint: Shapley values are kept by a single process, and their units "
            "are spread over several. Leave checkpoint out."
        )
    parts = Parts(folder)
    single = problem.settings.pool == "mean" or not problem.stacked
    gains = _Gains.empty(1 if single else len(problem.targets), problem.n_units)
    about: dict[str, Any] = {"seed": seed, **asdict(problem.settings)}
    name = ""
    if folder is not None:
        data = (problem.unscaled, problem.targets, problem.noise)
        about["data"] = digest(*data)
        about["dtype"] = problem.place.dtype
        name = sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        name = f"shapley-{name[:16]}"
        if (known := parts.load(name, about)) is not None:
            kept = known[1]
            gains = _Gains(kept["mean"], kept["squares"], int(kept["pairs"]))
    most = max_orders // 2

    def enough() -> bool:
        if gains.pairs < min(PAIRS_PER_LOOK, most):
            return False
        largest = np.abs(gains.mean).max(1)
        return bool((gains.errors.max(1) <= tolerance * largest).all())

    def task(_: int) -> Iterator[int]:
        works = [Work(problem, group) for group in problem.groups]
        yield 2 * gains.pairs
        while gains.pairs < most and not enough():
            stop = min(gains.pairs + PAIRS_PER_LOOK, most)
            while gains.pairs < stop:
                first = gains.pairs
                count = min(PAIRS_AT_ONCE, stop - first)
                orders = _orders(seed, first, count, problem.n_units)
                gains.add(_sampled(problem, works, orders, batch_size))
                yield 2 * count
            parts.save(name, {}, gains.arrays(), about)

    run(
        task,
        [0],
        progress=progress,
        title="Shapley values",
        total=2 * most,
        unit="orders",
    )
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
        dtype=problem.place.dtype,
        device=problem.place.name,
        settings=problem.settings,
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

    def arrays(self) -> dict[str, np.ndarray]:
        """By name, to be kept."""
        pairs = np.array(self.pairs)
        return {"mean": self.mean, "squares": self.squares, "pairs": pairs}


def _orders(seed: int, first: int, count: int, n_units: int) -> np.ndarray:
    """Some pairs of orders ``(2 count, N)``: a random one, and its reverse."""
    orders = [
        np.random.default_rng([seed, pair]).permutation(n_units)
        for pair in range(first, first + count)
    ]
    return np.stack([order for one in orders for order in (one, one[::-1])])


def _sampled(
    problem: Problem, works: list[Work], orders: np.ndarray, batch_size: int | None
) -> np.ndarray:
    """Gains of all units in some orders ``(k, orders, N)``, each unbiased.

    Those at the first places are means over several beginnings of the order, each of
    the units that follow from another place on.
    """
    n_units = orders.shape[1]
    length = -(-n_units // HEADS)
    steps = _steps(problem, works, orders, n_units, batch_size)
    gains = np.empty_like(steps)
    if length < SHORTEST_HEAD:
        np.put_along_axis(gains, np.broadcast_to(orders, steps.shape), steps, 2)
        return gains
    starts = np.arange(1, HEADS) * length
    heads = np.stack([np.roll(order, -first) for order in orders for first in starts])
    begun = _steps(problem, works, heads, length, batch_size)
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
    works: list[Work],
    orders: np.ndarray,
    size: int,
    batch_size: int | None,
) -> np.ndarray:
    """Gains ``(k, orders, size)`` at the first places; what has no score scores 0."""
    scores = np.empty((len(problem.targets), len(orders), size))
    for work in works:
        scores[work.group.which] = scores_of_orders(
            work,
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

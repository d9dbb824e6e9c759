"""Reintroduction of units in an order: check, plan, run, wrap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import _checks
from ._arrays import double_precision
from ._grid import Grid
from ._lanes import Lanes
from ._problem import Problem, make_problem
from ._ranked import Ranked
from ._retry import with_less_memory
from ._work import Work
from .execution.run import run
from .results import Reintroduction
from .scoring import pooled

# With fewer units between two sizes, all prefixes cost less than blocks of units do.
SMALLEST_STEP = 4


def reintroduce(
    features: Any,
    target: Any,
    order: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    sizes: Any = None,
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
) -> Reintroduction:
    """Scores of the first 1, 2, ..., N units of an order, or of some of these prefixes.

    Parameters
    ----------
    order : array_like of int (N,), or (k, N) for k targets
        Every unit once, most important first.
    sizes : array_like of int (S,), optional
        Increasing numbers of units, 1 to N; the curve has one score for each. With
        None, every prefix is scored.
    features, target, metric, compare, objective, precision, undefined, target_kind
        As in :func:`leave_one_out`; so are ``pool``, ``noise``, ``batch_size``,
        ``devices``, ``memory`` and ``progress``.

    Returns
    -------
    Reintroduction
        ``curve[j]`` is the score of the first ``sizes[j]`` units: with
        ``sizes=None``, ``curve[k - 1]`` that of the first k, the full set included.
        ``best_size`` is a number of units. A prefix in which some condition is still
        constant has no score (NaN) and is never the best, unless
        ``undefined="zero"``.

    Raises
    ------
    ValueError
        Bad input, or no prefix with a score.
    MemoryError
        As of :func:`leave_one_out`.

    Notes
    -----
    Every unit is a rank-one update of running sums, so the whole curve costs
    O(n² N) instead of the O(n² N²) of scoring each prefix anew. On a grid of sizes
    the units between two sizes join as a block, in one matrix product: the same
    scores, for a fraction of that.

    Several devices take a segment of the order each, starting from the sums over the
    units before it. Units are gathered some at a time, from where they are. In
    float32, sums are carried in float64 from one batch of units to the next, so what
    a curve is known to does not depend on the number of units.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> features = np.random.default_rng(0).random((5, 8))
    >>> target = np.arange(10.0)
    >>> result = jp.reintroduce(features, target, np.arange(8))
    >>> result.curve.shape, bool(np.isnan(result.curve[0]))
    ((8,), True)
    >>> bool(np.isclose(result.curve[-1], jp.score(features, target)))
    True
    >>> coarse = jp.reintroduce(features, target, np.arange(8), sizes=[4, 8])
    >>> bool(np.allclose(coarse.curve, result.curve[[3, 7]])), coarse.sizes
    (True, array([4, 8]))
    """
    batch_size = _checks.positive_or_none("batch_size", batch_size)
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
    orders = _checks.order(order, problem.n_units, len(problem.targets))
    if orders.ndim == 2 and not problem.stacked:
        orders = orders[0]
    kept = _checks.sizes(sizes, problem.n_units)
    curve = curves(problem, orders, batch_size, progress, kept)
    size, value = best_prefix(curve, kept)
    return Reintroduction(
        curve=curve,
        sizes=kept,
        order=orders,
        best_size=size,
        best_score=value,
        path="prefix",
        dtype=problem.place.dtype,
        device=problem.place.name,
        settings=problem.settings,
    )


def curves(
    problem: Problem,
    order: np.ndarray,
    batch_size: int | None,
    progress: bool,
    sizes: np.ndarray | None = None,
) -> np.ndarray:
    """Scores of the prefixes of some sizes, by default all: ``(S,)`` or ``(k, S)``."""
    sizes = _checks.sizes(sizes, problem.n_units)
    scores = np.empty((len(problem.targets), len(sizes)))

    def compute(problem: Problem, batch_size: int | None) -> None:
        for group in problem.groups:
            work = Work(problem, group)
            options = {"batch_size": batch_size, "progress": progress}

            def curve(work: Work, order: np.ndarray, options: Any = options) -> Any:
                return scores_of_orders(work, lambda _: order, 1, sizes, **options)

            if order.ndim == 1:
                scores[group.which] = curve(work, order)[:, 0]
                continue
            for member, which in enumerate(group.which):
                scores[which] = curve(work.only(np.array([member])), order[which])[0]

    with double_precision():
        with_less_memory(compute, problem, batch_size)
    return pooled(problem.stacked, problem.settings, scores)


def best_prefix(curve: np.ndarray, sizes: np.ndarray | None = None) -> tuple[Any, Any]:
    """Size and score of the best prefix, the smallest of several; undefined ones out.

    `sizes` are those of the curve, by default 1, 2, ..., N.

    Raises
    ------
    ValueError
        No prefix has a score.
    """
    if np.isnan(curve).all(-1).any():
        raise ValueError(
            "no prefix of the order has a defined score: in each, some condition is "
            "constant (and has no correlation) or all dissimilarities are equal. Pass "
            "undefined='zero' to count undefined similarities and scores as 0, or look "
            "at features for conditions that are all alike."
        )
    index = np.nanargmax(curve, -1)
    value = np.take_along_axis(curve, np.expand_dims(index, -1), -1)[..., 0]
    size = index + 1 if sizes is None else sizes[index]
    if curve.ndim == 1:
        return int(size), float(value)
    return size, value


def scores_of_orders(
    work: Work,
    order_of: Callable[[int], np.ndarray],
    n_orders: int,
    sizes: np.ndarray,
    *,
    batch_size: int | None = None,
    progress: bool = False,
    title: str = "reintroduction",
) -> np.ndarray:
    """Scores ``(g, n_orders, S)`` of several orders; ``order_of(i)`` makes the i-th.

    On a single device threads take an order each, or a segment each of a single one.
    Several devices take segments of one order after the other.
    """
    problem, last, alone = work.problem, int(sizes[-1]), n_orders == 1
    several = work.shares_noise or problem.shards.several
    workers = 1 if several else problem.place.workers
    scores = np.empty((len(work.targets), n_orders, len(sizes)))
    dense = SMALLEST_STEP * len(sizes) > last
    options = {"batch_size": batch_size, "progress": progress and alone}
    if work.shares_noise:
        # Coordinates are those of an order: each is scored for itself.
        def task(index: int) -> Iterator[int]:
            one = work.in_order(order_of(index))
            places = np.arange(work.features.shape[1])
            found = scores_of_orders(one, lambda _: places, 1, sizes, **options)
            scores[:, [index]] = found
            yield len(sizes)
    elif dense:
        ranked, threads = Ranked(work), problem.place.workers if alone else 1
        lanes = Lanes.of(work, ranked, last, batch_size, threads)

        def task(index: int) -> Iterator[int]:
            curve = lanes.curve(order_of(index)[:last], progress and alone)
            scores[:, index] = curve[:, sizes - 1]
            yield len(sizes)
    else:
        grid = Grid(work, sizes, batch_size)

        def task(index: int) -> Iterator[int]:
            return grid.score(order_of(index), scores[:, index])

    run(
        task,
        range(n_orders),
        workers=workers,
        progress=progress and not (alone and (dense or work.shares_noise)),
        title=title,
        total=n_orders * len(sizes),
    )
    return scores

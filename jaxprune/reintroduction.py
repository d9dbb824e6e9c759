"""Reintroduction of units in an order: check, plan, run, wrap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np

from . import _checks
from ._arrays import double_precision
from ._grid import Grid, taken, units_of
from ._problem import Problem, make_problem
from ._work import Work
from .execution import budget
from .execution.run import run
from .kernels import prefix
from .results import Reintroduction
from .scoring import pooled

# Batches of prefixes between two updates of the progress bar.
BATCHES_PER_TASK = 64
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
        ``devices`` and ``progress``.

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

    Notes
    -----
    Every unit is a rank-one update of running sums, so the whole curve costs
    O(n² N) instead of the O(n² N²) of scoring each prefix anew. On a grid of sizes
    the units between two sizes join as a block, in one matrix product: the same
    scores, for a fraction of that.

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

    def curve(work: Work, order: np.ndarray) -> np.ndarray:
        options = {"batch_size": batch_size, "progress": progress}
        return scores_of_orders(work, lambda _: order, 1, sizes, **options)[:, 0]

    with double_precision():
        for group in problem.groups:
            work = Work(problem, group)
            if order.ndim == 1:
                scores[group.which] = curve(work, order)
                continue
            for member, which in enumerate(group.which):
                scores[which] = curve(work.only(np.array([member])), order[which])[0]
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

    On a CPU, threads take an order each; or, of a single one, a segment each.
    """
    place, last, alone = work.problem.place, sizes[-1], n_orders == 1
    scores = np.empty((len(work.targets), n_orders, len(sizes)))
    dense = SMALLEST_STEP * len(sizes) > last
    if work.shares_noise:
        # Coordinates are those of an order: each is scored for itself.
        def task(index: int) -> Iterator[int]:
            one, places = (
                work.in_order(order_of(index)),
                np.arange(work.features.shape[1]),
            )
            options = {"batch_size": batch_size, "progress": progress and alone}
            found = scores_of_orders(one, lambda _: places, 1, sizes, **options)
            scores[:, [index]] = found
            yield len(sizes)
    elif dense:
        units = units_of(work)

        def task(index: int) -> Iterator[int]:
            order = order_of(index)[:last]
            workers = place.workers if alone else 1
            curve = _scan(work, units, order, batch_size, workers, progress and alone)
            scores[:, index] = curve[:, sizes - 1]
            yield len(sizes)
    else:
        grid = Grid(work, sizes, batch_size, BATCHES_PER_TASK)

        def task(index: int) -> Iterator[int]:
            return grid.score(order_of(index), scores[:, index])

    run(
        task,
        range(n_orders),
        workers=1 if work.shares_noise else place.workers,
        progress=progress and not (alone and (dense or work.shares_noise)),
        title=title,
        total=n_orders * len(sizes),
    )
    return scores


def _scan(
    work: Work,
    units: Any,
    order: np.ndarray,
    batch_size: int | None,
    workers: int,
    progress: bool,
) -> np.ndarray:
    """Scores ``(g, L)`` of all prefixes of one order ``(L,)``.

    Each worker takes a segment of the order, which starts from the sums over all
    segments before it.
    """
    problem, place = work.problem, work.problem.place
    n_units = len(order)
    batch = budget.prefixes_per_batch(
        len(work.group.pairs[0]), place, batch_size, n_units
    )
    length = -(-n_units // (workers * batch)) * batch
    # RDMs that go to the host are ranked batch by batch, and never piled up.
    step = batch if work.on_host else min(BATCHES_PER_TASK * batch, length)
    columns, constants = taken(units, order), work.on(place)
    segments = range(0, n_units, length)
    kernel = {"metric": problem.metric, "dtype": place.dtype}
    kernel |= {"pairs": constants.pairs, "mean": constants.mean}
    states = [prefix.empty(columns=columns[:1], **kernel)]
    for first in segments[:-1]:
        block = columns[first : first + length]
        states.append(prefix.advance(state=states[-1], columns=block, **kernel))
    prepared = constants.prepared
    scores = np.empty((len(work.targets), n_units))

    def task(segment: int) -> Iterator[int]:
        state, end = states[segment], min(segments[segment] + length, n_units)
        for first in range(segments[segment], end, step):
            units = slice(first, min(first + step, end))
            block = columns[units]
            # The last block is filled up with units that nothing comes after.
            missing = step - len(block)
            if missing:
                pad = np.pad if isinstance(block, np.ndarray) else jnp.pad
                block = pad(block, ((0, missing), (0, 0)))
            state, out = prefix.score_prefixes(
                comparison=problem.comparison,
                state=state,
                columns=block,
                prepared=prepared,
                batch=batch,
                **kernel,
            )
            size = len(block) - missing
            scores[:, units] = work.scores(out)[:, :size]
            yield size

    run(
        task,
        range(len(segments)),
        workers=workers,
        progress=progress,
        title="reintroduction",
        total=n_units,
    )
    return scores

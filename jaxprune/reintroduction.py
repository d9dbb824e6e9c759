"""Reintroduction of units in an order: check, plan, run, wrap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import _checks
from ._arrays import double_precision
from ._paths import Work, means
from ._problem import Problem, make_problem
from .execution import budget
from .execution.run import run
from .kernels import prefix
from .results import Reintroduction
from .scoring import pooled

# Batches of prefixes between two updates of the progress bar.
BATCHES_PER_TASK = 64


def reintroduce(
    features: Any,
    target: Any,
    order: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    objective: str = "r",
    precision: str = "auto",
    undefined: str = "nan",
    target_kind: str = "dissimilarity",
    pool: str = "each",
    batch_size: int | None = None,
    devices: None = None,
    progress: bool = False,
) -> Reintroduction:
    """Scores of the first 1, 2, ..., N units of an order.

    Parameters
    ----------
    order : array_like of int (N,), or (k, N) for k targets
        Every unit once, most important first.
    features, target, metric, compare, objective, precision, undefined, target_kind
        As in :func:`leave_one_out`; so are ``pool``, ``batch_size``, ``devices`` and
        ``progress``.

    Returns
    -------
    Reintroduction
        ``curve[k - 1]`` is the score of the first k units, the full set included;
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
    O(n² N) instead of the O(n² N²) of scoring each prefix anew.

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
    )
    orders = _checks.order(order, problem.n_units, len(problem.targets))
    if orders.ndim == 2 and not problem.stacked:
        orders = orders[0]
    curve = curves(problem, orders, batch_size, progress)
    size, value = best_prefix(curve)
    return Reintroduction(
        curve=curve,
        best_size=size,
        best_score=value,
        path="prefix",
        dtype=problem.place.dtype,
        device=problem.place.name,
        settings=problem.settings,
    )


def curves(
    problem: Problem, order: np.ndarray, batch_size: int | None, progress: bool
) -> np.ndarray:
    """Scores of all prefixes, ``(N,)`` or ``(k, N)``."""
    scores = np.empty((len(problem.targets), problem.n_units))
    with double_precision():
        for group in problem.groups:
            work = Work(problem, group)
            if order.ndim == 1:
                scores[group.which] = _scan(work, order, batch_size, progress)
                continue
            for member, which in enumerate(group.which):
                one = work.only(np.array([member]))
                scores[which] = _scan(one, order[which], batch_size, progress)[0]
    return pooled(problem.stacked, problem.settings, scores)


def best_prefix(curve: np.ndarray) -> tuple[Any, Any]:
    """Size and score of the best prefix, the smallest of several; undefined ones out.

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
    if curve.ndim == 1:
        return int(index) + 1, float(value)
    return index + 1, value


def _scan(
    work: Work, order: np.ndarray, batch_size: int | None, progress: bool
) -> np.ndarray:
    """Scores ``(g, N)`` of the prefixes of one order.

    On a CPU, each thread takes a segment of the order, which starts from the sums
    over all segments before it.
    """
    problem, place = work.problem, work.problem.place
    n_units = problem.n_units
    batch = budget.prefixes_per_batch(len(work.pairs[0]), place, batch_size, n_units)
    length = -(-n_units // (place.workers * batch)) * batch
    # RDMs that go to the host are ranked batch by batch, and never piled up.
    step = batch if work.on_host else min(BATCHES_PER_TASK * batch, length)
    columns, mean = _ranked(work, order), means(work)
    segments = range(0, n_units, length)
    kernel = {"metric": problem.metric, "pairs": work.pairs, "mean": mean}
    kernel["dtype"] = place.dtype
    states = [prefix.empty(columns=columns[:1], **kernel)]
    for first in segments[:-1]:
        block = columns[first : first + length]
        states.append(prefix.advance(state=states[-1], columns=block, **kernel))
    prepared = work.prepared_on_device
    scores = np.empty((len(work.prepared), n_units))

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
        workers=place.workers,
        progress=progress,
        title="reintroduction",
        total=n_units,
    )
    return scores


def _ranked(work: Work, order: np.ndarray) -> np.ndarray | jax.Array:
    """Units in order, ``(N, n)``, in their own dtype."""
    if isinstance(work.features, np.ndarray):
        # NumPy gathers rows several times faster than XLA does on a CPU.
        columns = np.take(work.features.T, order, axis=0)
    else:
        columns = work.x.T[order]
    if work.problem.metric.scale or work.problem.place.dtype == "float64":
        return columns
    # Distances do not change if a unit is centred over the conditions, and float32
    # would lose them beside a large common offset.
    return columns - columns.mean(1, keepdims=True, dtype="float64")

"""Scores of the prefixes of one order or of many, at all sizes or at some.

All prefixes are scanned unit by unit, in segments side by side (`segments`). At few
sizes it costs less to let the units between two of them join together (`sizes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..base.arrays import double_precision
from ..execution.run import run
from .gathering import UnitGatherer
from .grouped import group_curve
from .problem import Problem, pooled
from .readout_scores import read_prefixes
from .retry import with_less_memory
from .segments import Segments
from .sizes import SizesCurve
from .subproblem import Subproblem

# With fewer units between two sizes, all prefixes cost less than blocks of units do.
SMALLEST_STEP = 4


def curves(
    problem: Problem,
    order: np.ndarray,
    batch_size: int | None,
    progress: bool,
    sizes: np.ndarray,
) -> np.ndarray:
    """Scores of the prefixes of some sizes ``(S,)``: ``(S,)`` or ``(k, S)``."""
    scores = np.empty((len(problem.targets), len(sizes)))

    def compute(problem: Problem, batch_size: int | None) -> None:
        for sub in problem.subproblems:
            options = {"batch_size": batch_size, "progress": progress}

            def curve(
                sub: Subproblem, order: np.ndarray, options: Any = options
            ) -> Any:
                return scores_of_orders(sub, lambda _: order, 1, sizes, **options)

            if order.ndim == 1:
                scores[sub.group.which] = curve(sub, order)[:, 0]
                continue
            for member, which in enumerate(sub.group.which):
                scores[which] = curve(sub.only(np.array([member])), order[which])[0]

    with double_precision():
        with_less_memory(compute, problem, batch_size)
    return pooled(problem.stacked, problem.settings, scores)


def best_prefix(curve: np.ndarray, sizes: np.ndarray) -> tuple[Any, Any]:
    """Size and score of the best prefix, the smallest of several; undefined ones out.

    `sizes` are those of the curve.

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
    size = sizes[index]
    if curve.ndim == 1:
        return int(size), float(value)
    return size, value


def scores_of_orders(
    sub: Subproblem,
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
    layer, last, alone = sub.layer, int(sizes[-1]), n_orders == 1
    one_by_one = sub.shares_noise or layer.shards.several
    summed = sub.reading is None and not sub.shares_noise
    grouped = sub.unit_groups is not None and summed
    if grouped:
        # Sums over groups are made before threads begin, or for one order at a time.
        one_by_one |= not sub.sums_of_groups.made()
    workers = 1 if one_by_one else layer.device.workers
    scores = np.empty((len(sub.targets), n_orders, len(sizes)))
    dense = not grouped and SMALLEST_STEP * len(sizes) > last
    options = {"batch_size": batch_size, "progress": progress and alone}
    if sub.reading is not None:
        # A batch of what is read keeps all cores busy.
        workers, dense = 1, True

        def task(index: int) -> Iterator[int]:
            order = order_of(index)[:last]
            scores[:, index] = read_prefixes(sub, order, sizes, **options)
            yield len(sizes)
    elif sub.shares_noise:
        # Coordinates are those of an order: each is scored for itself.
        def task(index: int) -> Iterator[int]:
            one = sub.in_order(order_of(index))
            places = np.arange(last if sub.unit_groups else sub.features.shape[1])
            found = scores_of_orders(one, lambda _: places, 1, sizes, **options)
            scores[:, [index]] = found
            yield len(sizes)
    elif grouped:

        def task(index: int) -> Iterator[int]:
            curve = group_curve(sub, order_of(index)[:last], batch_size)
            scores[:, index] = curve[:, sizes - 1]
            yield len(sizes)
    elif dense:
        gatherer, threads = UnitGatherer(sub), layer.device.workers if alone else 1
        segments = Segments.of(sub, gatherer, last, batch_size, threads)

        def task(index: int) -> Iterator[int]:
            curve = segments.curve(order_of(index)[:last], progress and alone)
            scores[:, index] = curve[:, sizes - 1]
            yield len(sizes)
    else:
        sizes_curve = SizesCurve(sub, sizes, batch_size)

        def task(index: int) -> Iterator[int]:
            return sizes_curve.score(order_of(index), scores[:, index])

    run(
        task,
        range(n_orders),
        workers=workers,
        progress=progress and not (alone and (dense or sub.shares_noise)),
        title=title,
        total=n_orders * len(sizes),
    )
    return scores

"""Reintroduction: scores of the first 1, 2, ..., N units of an order.

A prefix is the one before it and a unit, so the sums behind its RDM are updated, never
made anew (`kernels.prefix`); between two sizes that are wanted, units join as a block.
"""

from __future__ import annotations

from typing import Any

from .base import checks
from .engine.curves import best_prefix, curves
from .engine.problem import make_problem
from .results import Reintroduction


def reintroduce(
    features: Any,
    target: Any,
    order: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    groups: Any = None,
    controls: Any = None,
    semi: bool = False,
    readout: Any = None,
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
        Every unit once, most important first; with groups every group,
        ``(G,)`` or ``(k, G)``.
    groups : array_like, optional
        Groups of units that are put back together, as in :func:`leave_one_out`, none of
        which share units: `sizes` and the curve count groups then.
        Units in no group are in from the start.
    readout : callable, optional
        What the RDM is read from, as in :func:`leave_one_out`. Units that have not
        been put back are zero.
    sizes : int, array_like of int (S,) or "all", optional
        Increasing numbers of units, 1 to N; the curve has one score for each. A single
        number is how many there are, on a grid, as in :func:`prune`. By default every
        prefix is scored.
    features, target, metric, compare, controls, semi, objective, precision
        As in :func:`leave_one_out`; so are ``undefined``, ``target_kind``, ``pool``,
        ``noise``, ``batch_size``, ``devices``, ``memory`` and ``progress``.

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
    >>> pairs = jp.reintroduce(features, target, [3, 0, 2, 1], groups=np.arange(8) // 2)
    >>> both = np.isin(np.arange(8), [6, 7])[None]
    >>> bool(np.isclose(pairs.curve[0], jp.score_masks(features, target, both)[0]))
    True
    """
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
        groups=groups,
        controls=controls,
        semi=semi,
        readout=readout,
    )
    orders = checks.order(order, problem.n_ranked, len(problem.targets))
    if orders.ndim == 2 and not problem.stacked:
        orders = orders[0]
    kept = checks.sizes(sizes, problem.n_ranked)
    curve = curves(problem, orders, batch_size, progress, kept)
    size, value = best_prefix(curve, kept)
    return Reintroduction(
        curve=curve,
        sizes=kept,
        order=orders,
        best_size=size,
        best_score=value,
        path="prefix" if readout is None else "readout",
        dtype=problem.device.dtype,
        device=problem.device.name,
        settings=problem.settings,
        groups=problem.group_names,
    )

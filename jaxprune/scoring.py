"""RDMs, and scores of whole layers and of arbitrary subsets of their units.

A subset is a mask. The sums behind the RDMs of many masks are one matrix product of the
masks with what each unit contributes (`kernels.masked`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import checks
from .base.arrays import double_precision
from .base.sparse import is_sparse
from .engine.grouped import groups_alone
from .engine.layer import make_layer
from .engine.masked import masked_scores
from .engine.problem import Problem, make_problem, pooled
from .engine.rdms import layer_rdms
from .engine.retry import with_less_memory
from .io.objects import count_units, has_labels, plain
from .metrics import metric_named


def rdm(
    features: Any,
    metric: str = "correlation",
    undefined: str = "nan",
    *,
    noise: Any = None,
) -> np.ndarray:
    """Representational dissimilarity matrix of a layer, condensed.

    Parameters
    ----------
    features : array_like (n_conditions, n_units)
        Activations, one row per condition; ``(folds, n_conditions, n_units)`` for
        ``"crossnobis"``.
    metric : str
        Distance. ``"correlation"``, ``"cosine"``, ``"sqeuclidean"`` and
        ``"euclidean"`` are those of `scipy.spatial.distance.pdist`;
        ``"squared_correlation"`` is ``1 - r²``. ``"mahalanobis"`` (squared),
        ``"crossnobis"`` and ``"poisson"`` are sums over units. rsatoolbox divides
        these three, and ``"sqeuclidean"``, which it calls ``'euclidean'``, by the
        number of units.
    undefined : {"nan", "zero"}
        A constant (correlation) or all-zero (cosine) pattern is an error, or its
        similarities count as 0.
    noise : array_like (n_units,) or (n_units, n_units), optional
        Precision of the noise of the units; see :func:`leave_one_out`.

    Returns
    -------
    ndarray (n (n - 1) / 2,), float64
        In the order of `scipy.spatial.distance.squareform`.

    Raises
    ------
    ValueError
        Features of the wrong shape or dtype, with NaN or infinity, or with a
        condition that has no pattern; noise that is no precision.

    Examples
    --------
    >>> import jaxprune as jp
    >>> jp.rdm([[0.0, 1.0], [3.0, 5.0], [0.0, 2.0]], metric="euclidean")
    array([5.        , 1.        , 4.24264069])

    The noise of the units has the variances 1 and 4:

    >>> jp.rdm([[0, 1], [3, 5], [0, 2]], metric="mahalanobis", noise=[1, 0.25])
    array([13.  ,  0.25, 11.25])
    """
    the_metric = metric_named(metric, undefined, noise)
    layer = make_layer(features, the_metric, noise, min_units=1)
    if undefined == "nan":
        checks.constant_conditions(np.flatnonzero(layer.constant), the_metric.centred)
    return layer_rdms(layer, np.ones((1, layer.n_units), bool))[0]


def score(
    features: Any,
    target: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    groups: Any = None,
    **options: Any,
) -> Any:
    """RSA score of a layer: its RDM compared with a target.

    Parameters
    ----------
    features, target, metric, compare
        As in :func:`leave_one_out`.
    groups : array_like, optional
        Groups of units, which may share some, such as searchlights: each is scored for
        itself. As in :func:`leave_one_out`.
    **options
        ``controls``, ``semi``, ``objective``, ``undefined``, ``target_kind``, ``pool``,
        ``noise``, ``readout`` as there.

    Returns
    -------
    float, or ndarray (k,)
        One score per target of a stack, unless ``pool="mean"``. With groups
        ``(n_groups,)``, or ``(k, n_groups)``: NaN where a group has no score.

    Raises
    ------
    ValueError
        Bad input.

    Examples
    --------
    >>> import jaxprune as jp
    >>> features = [[0.0, 1.0], [3.0, 5.0], [0.0, 2.0], [1.0, 1.0]]
    >>> target = [5.0, 1.0, 1.5, 4.0, 4.5, 1.2]
    >>> round(jp.score(features, target, metric="euclidean"), 3)
    0.991
    >>> jp.score(features, target, metric="euclidean", groups=[[0], [1]]).round(3)
    array([0.908, 0.951])
    """
    if groups is not None:
        return _scores_of_groups(features, target, metric, compare, groups, **options)
    kept = has_labels(features) or is_sparse(features)
    x = features if kept else plain("features", features)
    everything = np.ones((1, count_units(x)), bool)
    scores = score_masks(features, target, everything, metric, compare, **options)
    return float(scores[0]) if scores.ndim == 1 else scores[:, 0]


def _scores_of_groups(
    features: Any,
    target: Any,
    metric: str,
    compare: str,
    groups: Any,
    *,
    batch_size: int | None = None,
    progress: bool = False,
    **options: Any,
) -> np.ndarray:
    """Scores of each group alone ``(G,)``, or ``(k, G)`` for several targets."""
    batch_size = checks.positive_or_none("batch_size", batch_size)
    given = {"groups": groups, "overlapping": True, **options}
    problem = make_problem(features, target, metric=metric, compare=compare, **given)
    scores = np.empty((len(problem.targets), problem.n_ranked))

    def compute(problem: Problem, batch_size: int | None) -> None:
        for sub in problem.subproblems:
            scores[sub.group.which] = groups_alone(sub, batch_size, progress)

    with double_precision():
        with_less_memory(compute, problem, batch_size)
    return pooled(problem.stacked, problem.settings, scores)


def score_masks(
    features: Any,
    target: Any,
    masks: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    groups: Any = None,
    controls: Any = None,
    semi: bool = False,
    readout: Any = None,
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
) -> np.ndarray:
    """Scores of arbitrary subsets of units: random baselines, a list of your own.

    Parameters
    ----------
    masks : array_like (n_masks, n_units)
        True (1) for the units of a subset; with groups ``(n_masks, n_groups)``, for
        its groups.
    groups : array_like, optional
        Groups of units, which may share some, as in :func:`leave_one_out`. Units in
        no group are in every subset.
    features, target, metric, compare, controls, semi, objective, precision
        As in :func:`leave_one_out`; so are ``undefined``, ``target_kind``, ``pool``,
        ``noise``, ``batch_size`` (masks computed together), ``devices`` and
        ``progress``.
    readout : callable, optional
        What the RDM is read from, as there. Units that are not in a subset are zero.

    Returns
    -------
    ndarray (n_masks,), or (k, n_masks) for several targets
        NaN for a subset in which a similarity is undefined (no units, one unit, a
        condition constant over them), unless ``undefined="zero"``.

    Raises
    ------
    ValueError
        Bad input.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> features = np.random.default_rng(0).random((5, 8))
    >>> target = np.arange(10.0)
    >>> jp.score_masks(features, target, np.eye(8)[:2], metric="cosine").shape
    (2,)
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
        overlapping=True,
        controls=controls,
        semi=semi,
        readout=readout,
    )
    chosen = checks.masks(masks, problem.n_ranked)
    if problem.unit_groups is not None:
        subsets = map(np.flatnonzero, chosen)
        chosen = np.stack([problem.unit_groups.mask_of(subset) for subset in subsets])
    scores = np.empty((len(problem.targets), len(chosen)))

    def compute(problem: Problem, batch_size: int | None) -> None:
        for sub in problem.subproblems:
            scores[sub.group.which] = masked_scores(
                sub,
                lambda start, stop: chosen[start:stop],
                len(chosen),
                batch_size,
                progress,
                "masks",
            )

    with double_precision():
        with_less_memory(compute, problem, batch_size)
    return pooled(problem.stacked, problem.settings, scores)

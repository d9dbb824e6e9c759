"""RDMs, and scores of whole layers and of arbitrary subsets of their units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import _checks
from ._arrays import double_precision, pair_index
from ._paths import masked_scores
from ._problem import Layer, Problem, constant_rows, layer_of, make_problem
from ._retry import with_less_memory
from ._sums import Sums
from ._work import Work, subset_rdms
from .execution import budget
from .execution.device import place_of
from .execution.pieces import pieces_of
from .execution.shards import Shards
from .metrics import Metric

# Units that are copied to look at their extremes.
COLUMNS = 2**14


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
    layer = layer_of(features, metric, undefined, noise, min_units=1)
    x = layer.features
    if undefined == "nan":
        constant = constant_rows(layer.metric, layer.low, layer.high)
        _checks.constant_conditions(np.flatnonzero(constant), layer.metric.centred)
    return layer_rdms(layer, np.ones((1, x.shape[1]), bool))[0]


def layer_rdms(layer: Layer, masks: np.ndarray) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of the units of a layer."""
    x = layer.features
    place = place_of(x, "auto")
    shards = Shards((place.device,), x.shape[1])
    pieces = pieces_of(x, place, shards)
    block, pairs = budget.units_summed(place, len(x)), pair_index(layer.n_conditions)
    sums = Sums(layer.metric, shards, pieces, pairs, block)
    return masked_rdms(sums, masks, layer.noise)


def problem_rdms(problem: Problem, masks: np.ndarray) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of units, of features as they were given."""
    x, shards, pieces = problem.unscaled, problem.shards, problem.pieces
    if x is not problem.features:
        pieces = pieces_of(x, problem.place, shards)
    pairs = pair_index(len(problem.constant))
    block = budget.units_summed(problem.place, len(x))
    sums = Sums(problem.metric, shards, pieces, pairs, block)
    return masked_rdms(sums, masks, problem.noise)


def masked_rdms(
    sums: Sums, masks: np.ndarray, noise: np.ndarray | None = None
) -> np.ndarray:
    """RDMs ``(n_masks, P)`` of subsets of all units, by definition and in float64.

    Subsets are masks rather than columns taken out, so that subsets of another size
    compile nothing. A condition without a pattern has NaN, and only that.
    """
    metric, x, here = sums.metric, sums.pieces[0].source, sums.shards.here
    known, n = replace(sums, metric=replace(metric, undefined="zero")), len(x)
    first, second = sums.pairs
    absent = np.zeros((len(masks), n // metric.folds), bool)
    with double_precision():
        if metric.undefined == "nan":
            for row, mask in zip(absent, masks, strict=True):
                row[:] = _without_pattern(metric, x, mask[here], sums.shards)
        if noise is None:
            out = np.array(known.rdms(masks[:, here]))
        else:
            given = sums.shards.put(x), sums.shards.put(noise), masks, sums.pairs
            out = np.stack(subset_rdms(known.metric, *given))
    out[absent[:, first] | absent[:, second]] = np.nan
    return out


def _without_pattern(
    metric: Metric, x: Any, mask: np.ndarray, shards: Shards
) -> np.ndarray:
    """Conditions without a pattern to compare, in the units of a mask."""
    low, high = np.full(len(x), np.inf), np.full(len(x), -np.inf)
    if isinstance(x, jax.Array):
        # Not x[:, mask]: every number of units would be compiled for itself.
        low = np.asarray(jnp.min(x, 1, where=mask[None], initial=jnp.inf), float)
        high = np.asarray(jnp.max(x, 1, where=mask[None], initial=-jnp.inf), float)
    else:
        # Some at a time: all units of a mask would be a copy of the layer.
        for first in range(0, len(mask), COLUMNS):
            some = np.flatnonzero(mask[first : first + COLUMNS]) + first
            if len(some):
                units = x[:, some]
                low = np.minimum(low, units.min(1))
                high = np.maximum(high, units.max(1))
    return constant_rows(metric, *shards.widest(low, high))


def score(
    features: Any,
    target: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    **options: Any,
) -> Any:
    """RSA score of a layer: its RDM compared with a target.

    Parameters
    ----------
    features, target, metric, compare
        As in :func:`leave_one_out`.
    **options
        ``objective``, ``undefined``, ``target_kind``, ``pool``, ``noise`` as there.

    Returns
    -------
    float, or ndarray (k,)
        One score per target of a stack, unless ``pool="mean"``.

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
    """
    everything = np.ones((1, np.shape(features)[-1] if np.ndim(features) else 0), bool)
    scores = score_masks(features, target, everything, metric, compare, **options)
    return float(scores[0]) if scores.ndim == 1 else scores[:, 0]


def score_masks(
    features: Any,
    target: Any,
    masks: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
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
        True (1) for the units of a subset.
    features, target, metric, compare, objective, precision, undefined, target_kind
        As in :func:`leave_one_out`; so are ``pool``, ``noise``, ``batch_size`` (masks
        computed together), ``devices`` and ``progress``.

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
    chosen = _checks.masks(masks, problem.n_units)
    scores = np.empty((len(problem.targets), len(chosen)))

    def compute(problem: Problem, batch_size: int | None) -> None:
        for group in problem.groups:
            scores[group.which] = masked_scores(
                Work(problem, group),
                lambda start, stop: chosen[start:stop],
                len(chosen),
                batch_size,
                progress,
                "masks",
            )

    with double_precision():
        with_less_memory(compute, problem, batch_size)
    return pooled(problem.stacked, problem.settings, scores)


def pooled(stacked: bool, settings: Any, scores: np.ndarray) -> np.ndarray:
    """Apply objective, ``undefined`` and ``pool`` to scores ``(k, ...)``."""
    if settings.undefined == "zero":
        scores = np.nan_to_num(scores)
    if settings.objective == "r2":
        scores = scores**2
    if settings.pool == "mean":
        return scores.mean(0)
    return scores if stacked else scores[0]

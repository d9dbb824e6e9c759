"""The whole method: importance -> ranking -> reintroduction -> retained units.

Units are ranked by what the layer loses without each of them, put back in that order,
and the prefix that fits best is kept.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .base import checks
from .base.paths import expanded
from .comparisons import compare as compare_rdms
from .engine.curves import best_prefix, curves
from .engine.importances import kept_importances, ranking
from .engine.problem import Problem, make_problem, pooled
from .engine.rdms import layer_rdms
from .engine.select import select_path
from .engine.shapley import shapley_values
from .io.objects import names_of
from .results import Pruning
from .search import SEARCHES, searched


def prune(
    features: Any,
    target: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    groups: Any = None,
    controls: Any = None,
    semi: bool = False,
    readout: Any = None,
    objective: str = "r",
    method: str = "auto",
    search: str = "ranked",
    importance: str = "leave_one_out",
    sizes: Any = None,
    precision: str = "auto",
    undefined: str = "nan",
    target_kind: str = "dissimilarity",
    pool: str = "each",
    noise: Any = None,
    batch_size: int | None = None,
    devices: Any = None,
    memory: Any = None,
    checkpoint: str | Path | None = None,
    progress: bool = False,
) -> Pruning:
    """Keep the units whose RDM fits a target best.

    Units are ranked by leave-one-out importance, put back in that order, and the
    prefix that fits best is retained. The ranking is made once; or, by a search,
    anew after every unit.

    Parameters
    ----------
    features : array_like (n_conditions, n_units)
        Activations, one row per condition; ``(folds, n_conditions, n_units)`` for
        ``metric="crossnobis"``. A jax array stays on its device.
    target : array_like or RDMs
        Target RDM: square ``(n, n)``, condensed ``(n (n - 1) / 2,)``, a stack
        ``(k, n, n)`` of several, or an rsatoolbox ``RDMs``. NaN marks missing pairs. Or
        a DataFrame of judged pairs, ``a, b, score`` and perhaps ``rater``.
    metric, compare, controls, semi, objective, method, precision, undefined
        As in :func:`leave_one_out`; so are ``target_kind``, ``pool``, ``noise``,
        ``batch_size``, ``devices`` and ``progress``.
    groups : array_like, optional
        Groups of units that are ranked and retained together, none of which share
        units, as in :func:`reintroduce`. Units in no group are always retained.
    readout : callable, optional
        What the RDM is read from, as in :func:`leave_one_out`: units that are not in
        place are zero, and `full_rdm` and `pruned_rdm` are those of what is read.
    search : {"ranked", "backward", "forward"}
        How units are ordered. ``"ranked"``: once, by their importances in the whole
        layer. ``"backward"``: units leave one at a time, each time the unit whose
        removal leaves the best score; the last to leave comes first. ``"forward"``:
        units join one at a time, each time the unit that scores best together with
        those that have joined; the first to join comes first.
    importance : {"leave_one_out", "shapley"}
        What is ranked: what the whole layer loses without a unit, or what the unit adds
        to sets of all sizes on average (:func:`shapley`, with its defaults). A search
        makes its own comparisons, and takes no ``"shapley"``.
    sizes : int, array_like of int (S,) or "all", optional
        Numbers of units that are scored, of which the best one is retained: an array,
        increasing; or how many, on a grid of equal steps of the logarithm from 1 to N
        (fewer where small sizes round to the same). By default all. Between two sizes
        units join as a block, for a fraction of the time.
    checkpoint : path, optional
        Folder that keeps the importances as soon as they are known, for runs that may
        be interrupted: the same call then goes on with the curve.

    Returns
    -------
    Pruning
        ``full_score``, ``importance``, ``order``, ``curve``, ``best_size``,
        ``best_score``, ``retained``, ``mask``, and ``save(dir)``, ``plot()``. With
        controls ``plain_full_score`` and ``plain_best_score`` are those of the same
        units without them. With groups ``importance``, ``order``, ``curve`` and
        ``best_size`` are of groups, and so are ``groups`` (their names) and
        ``retained_groups``; ``retained`` and ``mask`` are units.

    Raises
    ------
    ValueError
        Bad input, or no prefix with a score.

    Warns
    -----
    UserWarning
        With ``objective="r2"``, when the best prefix is anti-correlated with the
        target: the square hides its sign.

    Notes
    -----
    Units whose removal leaves a condition constant have NaN importance: the layer
    cannot do without them, so they rank first. Ties keep the order of the units. The
    score of the retained units was maximised on the data it is measured on, so it is
    biased upwards, and more so the harder it was searched for.

    A search scores O(N²) sets, each O(n²) where metric and comparison have a closed
    form or ranks do not have to be sorted. Where several candidates score alike
    (exactly so, units that never respond), the last of them leaves, or the first of
    them joins. A unit whose removal leaves no score stays until no other can go. While
    no set of a size has a score, units join in their own order: for features with many
    zeros, ``undefined="zero"`` gives a forward search something to go by. Whatever the
    order, `importance` is that in the whole layer, and the curve that of
    :func:`reintroduce`.

    References
    ----------
    .. [1] Tarigopula, Fairhall, Bavaresco, Truong, Hasson (2023). Improved prediction
       of behavioral and neural similarity spaces using pruned DNNs. Neural Networks
       168, 89-104.
    .. [2] Truong, Noei, Karami (2024). Reassessing Number-Detector Units in
       Convolutional Neural Networks. NeurIPS workshop on Behavioral Machine Learning.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> rng = np.random.default_rng(0)
    >>> position = np.arange(8.0)
    >>> features = rng.random((8, 30))
    >>> features[:, :3] += position[:, None] * [1.0, 0.5, -0.8]
    >>> target = np.abs(position[:, None] - position)
    >>> result = jp.prune(features, target)
    >>> result.best_score > result.full_score
    True
    >>> len(result.retained) == result.best_size == int(result.mask.sum())
    True

    Every importance of a backward search is one in the layer as it then is:

    >>> greedy = jp.prune(features, target, search="backward")
    >>> bool(greedy.best_score > result.best_score)
    True
    """
    kind = {"grouped": groups is not None, "read_out": readout is not None}
    path = select_path(metric, compare, method, **kind)
    checks.choice("search", search, ["ranked", *SEARCHES])
    checks.choice("importance", importance, ["leave_one_out", "shapley"])
    if search != "ranked" and importance != "leave_one_out":
        raise ValueError(
            f"importance={importance!r} with search={search!r}: a search makes its own "
            "comparisons. Leave one of them out."
        )
    if search != "ranked" and readout is not None:
        raise ValueError(
            f"search={search!r} with readout: every step of a search would read from "
            "the layer once for each unit. Leave one of them out."
        )
    if importance == "shapley" and method != "auto":
        raise ValueError(
            f"method={method!r} with importance='shapley': it says how units are left "
            "out one by one, and Shapley values are read off curves. Leave it out."
        )
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
    n_ranked, unit_groups = problem.n_ranked, problem.unit_groups
    scored = checks.sizes(sizes, n_ranked)
    settings = replace(
        problem.settings,
        search=search,
        importance=importance,
        sizes="all" if len(scored) == n_ranked else str(len(scored)),
    )
    folder = None if checkpoint is None else expanded(checkpoint)
    prefix = "prefix" if readout is None else "readout"
    paths = {"importance": path, "reintroduction": prefix}
    several = problem.stacked and pool == "each"
    if importance == "shapley":
        found = shapley_values(
            problem, batch_size=batch_size, progress=progress, checkpoint=checkpoint
        )
        values, paths["importance"] = np.atleast_2d(found.values), prefix
        full = np.atleast_1d(found.full_score)
    else:
        full, values = kept_importances(problem, path, batch_size, progress, folder)
    order = ranking(values)
    if search != "ranked":
        order = searched(problem, search, path, batch_size, progress)
        paths["search"] = path
    if not several:
        full, values, order = full[0], values[0], order[0]
    curve = curves(problem, order, batch_size, progress, scored)
    size, best = best_prefix(curve, scored)
    rows = zip(np.atleast_2d(order), np.atleast_1d(size), strict=True)
    retained = [np.sort(row[:k]) for row, k in rows]
    if unit_groups is not None:
        retained = [np.flatnonzero(unit_groups.mask_of(one)) for one in retained]
    masks = np.zeros((len(retained) + 1, problem.n_units), bool)
    for mask, units in zip(masks, [slice(None), *retained], strict=True):
        mask[units] = True
    rdms = layer_rdms(problem.layer, masks)
    plain = {}
    if problem.controls is not None:
        found = {"plain_full_score": rdms[0], "plain_best_score": rdms[1:]}
        plain = {name: _plain_score(problem, some) for name, some in found.items()}
    result = Pruning(
        full_score=full if several else float(full),
        importance=values,
        order=order,
        curve=curve,
        sizes=scored,
        best_size=size,
        best_score=best,
        retained=retained if several else retained[0],
        target_rdm=problem.targets if problem.stacked else problem.targets[0],
        full_rdm=rdms[0],
        pruned_rdm=rdms[1:] if several else rdms[1],
        paths=paths,
        dtype=problem.device.dtype,
        device=problem.device.name,
        settings=settings,
        **names_of(features, target),
        groups=problem.group_names,
        group_of=None if unit_groups is None else unit_groups.group_of,
        **plain,
    )
    if objective == "r2":
        _warn_if_opposed(problem, result)
    return result


def _plain_score(problem: Problem, rdms: np.ndarray) -> Any:
    """Score ``(k,)`` of RDMs from which no share of controls is taken out."""
    score = pooled(problem.stacked, problem.settings, _fits(problem, rdms))
    return score if np.ndim(score) else float(score)


def _fits(problem: Problem, rdms: np.ndarray, controls: Any = None) -> np.ndarray:
    """How every target compares with an RDM ``(P,)``, or its own of ``(k, P)``."""
    rows = np.broadcast_to(rdms, problem.targets.shape)
    how = problem.settings.compare, controls
    pairs = zip(rows, problem.targets, strict=True)
    return np.array([compare_rdms(*pair, *how) for pair in pairs])


def _warn_if_opposed(problem: Problem, result: Pruning) -> None:
    """Squares hide a sign that the user should know of."""
    fits = _fits(problem, result.pruned_rdm, problem.controls)
    if (fits < 0).any():
        opposed = np.flatnonzero(fits < 0).tolist()
        which = f" for targets {opposed}" if problem.stacked else ""
        warnings.warn(
            f"The best prefix is anti-correlated with the target{which}: objective="
            "'r2' hides the sign of the fit. Use objective='r' to look for a positive "
            "one, or target_kind='similarity' if the target holds similarities.",
            UserWarning,
            stacklevel=3,
        )

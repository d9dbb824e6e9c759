"""Pruning beside its rivals: the same folds, in-sample and on held-out conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _checks
from .._arrays import condensed, squareform
from .._problem import as_features, as_targets, layer_of
from ..comparisons import compare as compare_rdms
from ..execution.device import place_of
from ..metrics import METRICS
from ..pruning import prune
from ..results import Pruning
from ..reweighting import nested_scores, reweight
from ..scoring import masked_rdms, score_masks
from ..zeros import keep_lowest
from .corrected_t import Estimate, corrected_t
from .cross_validation import CrossValidation, cross_validate

FULL, PRUNED, ZEROS, RANDOM, REWEIGHTED = METHODS = (
    "full",
    "pruned",
    "zeros",
    "random",
    "reweighted",
)


@dataclass(frozen=True, eq=False)
class MethodScores:
    """Scores of several ways of fitting a layer to a target.

    Attributes
    ----------
    in_sample : dict of str to float
        On all conditions, those that the method was fitted on: biased upwards for
        every method that chooses or weighs units by the target.
    n_units : dict of str to int
        Units in use.
    rdms : dict of str to ndarray (P,)
        Predicted RDMs; random sets have none of their own.
    train, held_out : dict of str to ndarray (J,)
        On the conditions of every fold that the method was fitted on, and on those
        held out. NaN where undefined.
    pruning : Pruning
        On all conditions.
    folds : CrossValidation
        Of the pruning; all methods use its folds.
    left_out : dict of str to str
        Methods that these features do not allow, and why.
    """

    in_sample: dict[str, float]
    n_units: dict[str, int]
    rdms: dict[str, np.ndarray]
    train: dict[str, np.ndarray]
    held_out: dict[str, np.ndarray]
    pruning: Pruning
    folds: CrossValidation
    left_out: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Methods that were compared."""
        return tuple(self.held_out)

    def estimate(self, name: str, over: str | None = None) -> Estimate:
        """Mean held-out score of a method, or its gain over another one.

        Parameters
        ----------
        name : str
        over : str, optional
            The method whose scores in the same folds are subtracted.

        Returns
        -------
        Estimate
            See :meth:`CrossValidation.estimate`.
        """
        values = self.held_out[name] - (0 if over is None else self.held_out[over])
        return corrected_t(values, self.folds.ratio("conditions"))


def compare_methods(
    features: Any,
    target: Any,
    n_folds: int | None = None,
    *,
    repeats: int = 1,
    seed: int = 0,
    methods: Sequence[str] = METHODS,
    n_random: int = 100,
    target_kind: str = "dissimilarity",
    progress: bool = False,
    **options: Any,
) -> MethodScores:
    """Score pruned units beside other ways of fitting the same layer.

    Parameters
    ----------
    features : array_like (n, N)
    target : array_like or RDMs
        One target RDM.
    n_folds, repeats, seed
        Folds of conditions, as in :func:`cross_validate`.
    methods : sequence of str
        ``"full"``: all units. ``"pruned"``: :func:`jaxprune.prune`. ``"zeros"``: the
        units that are least often zero, as many as fit the target best
        (:func:`jaxprune.keep_lowest`). ``"random"``: random sets as large as the
        pruned one, their mean score. ``"reweighted"``: all units, with weights by
        ridge regression (:func:`jaxprune.reweighting.reweight`), penalty chosen within
        the training conditions.
    n_random : int
        Random sets, for all conditions and for every fold.
    target_kind, progress, **options
        As in :func:`jaxprune.prune`. Reweighting predicts similarities its own way,
        whatever the metric; its prediction is compared and squared like all others.

    Returns
    -------
    MethodScores
    -------

    Raises
    ------
    ValueError
        Bad input; an unknown method; several targets.

    Notes
    -----
    What a method chooses (units, how many, a penalty) it chooses on the training
    conditions of a fold alone, so held-out scores may be compared with each other.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> number = np.repeat(np.log([6, 10, 17, 29]), 4)
    >>> features = np.maximum(rng.normal(size=(16, 30)), 0)
    >>> features[:, :6] += number[:, None]
    >>> target = np.abs(number[:, None] - number)
    >>> found = compare_methods(features, target, methods=["full", "pruned", "zeros"])
    >>> found.names, found.held_out["zeros"].shape
    (('full', 'pruned', 'zeros'), (4,))
    """
    for name in methods:
        _checks.choice("methods", name, list(METHODS))
    folded = METRICS[options.get("metric", "correlation")].folded
    x = as_features(features, folded=folded)
    square = _one_square(target, x.shape[-2], target_kind)
    pruning = prune(x, square, progress=progress, **options)
    folds = cross_validate(
        x, square, n_folds, repeats=repeats, seed=seed, progress=progress, **options
    )
    left_out = _impossible(x, methods)
    fitted = [name for name in methods if name not in left_out]
    # Scores of masks know no way of computing importances.
    scoring = {name: value for name, value in options.items() if name != "method"}
    in_sample, n_units = {}, {}
    train: dict[str, list[float]] = {name: [] for name in fitted}
    held_out: dict[str, list[float]] = {name: [] for name in fitted}
    draws = np.random.SeedSequence(seed).spawn(len(folds.held_out) + 1)

    masks = _masks(x, square, pruning.mask, fitted, n_random, draws[-1], scoring)
    rdms = _rdms(x, {k: v[0] for k, v in masks.items() if k != RANDOM}, scoring)
    everything = _scored(x, square, masks, scoring)
    for name, mask in masks.items():
        in_sample[name] = float(everything[name])
        n_units[name] = int(mask[0].sum())
    for retained, out, draw in zip(folds.retained, folds.held_out, draws, strict=False):
        kept = np.setdiff1d(np.arange(len(square)), out)
        chosen = np.zeros(x.shape[-1], bool)
        chosen[retained] = True
        inside = x[..., kept, :], square[np.ix_(kept, kept)]
        outside = x[..., out, :], square[np.ix_(out, out)]
        masks = _masks(*inside, chosen, fitted, n_random, draw, scoring)
        for where, (part, goal) in ((train, inside), (held_out, outside)):
            for name, value in _scored(part, goal, masks, scoring).items():
                where[name].append(value)
    if REWEIGHTED in fitted:
        compare, squared = scoring.get("compare", "pearson"), _squared(scoring)
        whole = reweight(x, square, seed=seed, progress=progress)
        rdms[REWEIGHTED] = whole.predict(x)
        goal = condensed(square)
        known = ~np.isnan(goal)
        in_sample[REWEIGHTED] = squared(
            compare_rdms(rdms[REWEIGHTED][known], goal[known], compare)
        )
        n_units[REWEIGHTED] = x.shape[-1]
        nested = nested_scores(
            x, square, folds.held_out, compare=compare, seed=seed, progress=progress
        )
        train[REWEIGHTED] = [squared(value) for value in nested.train]
        held_out[REWEIGHTED] = [squared(value) for value in nested.held_out]
    return MethodScores(
        {name: in_sample[name] for name in fitted},
        {name: n_units[name] for name in fitted},
        rdms,
        {name: np.array(train[name]) for name in fitted},
        {name: np.array(held_out[name]) for name in fitted},
        pruning,
        folds,
        left_out,
    )


def _one_square(target: Any, n: int, kind: str) -> np.ndarray:
    """The one target, as dissimilarities ``(n, n)``."""
    _checks.choice("target_kind", kind, ["dissimilarity", "similarity"])
    targets, _ = as_targets(target, n, kind)
    if len(targets) > 1:
        raise ValueError(
            f"target holds {len(targets)} RDMs; expected one. Call compare_methods for "
            "each, or give their pooled RDM."
        )
    return squareform(targets[0])


def _impossible(x: Any, methods: Sequence[str]) -> dict[str, str]:
    """Methods that make no sense for these features, and why."""
    why = {}
    if x.ndim == 3:
        several = "needs features (n_conditions, n_units); these have folds"
        why = {ZEROS: several, REWEIGHTED: several}
    else:
        zeros = np.asarray((x == 0).sum(0))
        if zeros.min() == zeros.max():
            why = {ZEROS: "every unit is zero equally often; is this after a ReLU?"}
    return {name: reason for name, reason in why.items() if name in methods}


def _masks(
    x: Any,
    square: np.ndarray,
    pruned: np.ndarray,
    fitted: Sequence[str],
    n_random: int,
    draw: np.random.SeedSequence,
    scoring: Mapping[str, Any],
) -> dict[str, np.ndarray]:
    """Sets of units ``(sets, N)`` of every method that chooses units."""
    n_units, masks = len(pruned), {}
    for name in fitted:
        if name == FULL:
            masks[name] = np.ones((1, n_units), bool)
        elif name == PRUNED:
            masks[name] = pruned[None]
        elif name == ZEROS:
            found = keep_lowest(x, square, **scoring)
            masks[name] = np.zeros((1, n_units), bool)
            masks[name][0, found.order[: found.best_size]] = True
        elif name == RANDOM:
            rng = np.random.default_rng(draw)
            masks[name] = rng.permuted(np.tile(pruned, (n_random, 1)), axis=1)
    return masks


def _scored(
    x: Any,
    square: np.ndarray,
    masks: Mapping[str, np.ndarray],
    scoring: Mapping[str, Any],
) -> dict[str, float]:
    """Mean score of the sets of every method; undefined ones left out of a mean."""
    scores = score_masks(x, square, np.concatenate(list(masks.values())), **scoring)
    ends = np.cumsum([len(mask) for mask in masks.values()])[:-1]
    means = {}
    for name, values in zip(masks, np.split(scores, ends), strict=True):
        defined = values[~np.isnan(values)]
        means[name] = float(defined.mean()) if len(defined) else np.nan
    return means


def _rdms(
    x: Any, masks: Mapping[str, np.ndarray], scoring: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """RDMs of sets of units."""
    names = ("undefined", "noise")
    options = {name: scoring[name] for name in names if name in scoring}
    layer = layer_of(x, scoring.get("metric", "correlation"), **options)
    place = place_of(layer.features, "auto")
    stack = np.stack(list(masks.values()))
    rdms = masked_rdms(layer.metric, place, layer.features, stack, layer.noise)
    return dict(zip(masks, rdms, strict=True))


def _squared(scoring: Mapping[str, Any]) -> Any:
    return (lambda r: r**2) if scoring.get("objective") == "r2" else (lambda r: r)

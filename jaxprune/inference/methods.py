"""Pruning beside its rivals: the same folds, in-sample and on held-out conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.arrays import condensed, squareform
from ..base.facts import count, number, p_text
from ..base.means import mean_of_defined
from ..comparisons import compare as compare_rdms
from ..engine.controls import among_controls, check_controls
from ..engine.layer import as_features, make_layer
from ..engine.problem import scoring_options
from ..engine.rdms import layer_rdms
from ..engine.targets import as_targets
from ..engine.unit_groups import UnitGroups, groups_or_units
from ..io.objects import matched
from ..metrics import METRICS, metric_named
from ..plots.inline import draw_rows
from ..plots.record import Record
from ..pruning import prune
from ..results import Pruning
from ..reweighting import nested_scores, reweight
from ..scoring import score_masks
from ..zeros import keep_lowest
from .corrected_t import Estimate, corrected_t
from .cross_validation import CrossValidation, cross_validate
from .cross_validation.folds import random_folds
from .grid import grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FULL, PRUNED, ZEROS, RANDOM, REWEIGHTED, NONNEGATIVE = METHODS = (
    "full",
    "pruned",
    "zeros",
    "random",
    "reweighted",
    "nonnegative",
)
# Non-negative weights take minutes where the others take seconds.
DEFAULT = METHODS[:-1]

# Of the training conditions, as by default in `reweight`.
PENALTY_FOLDS = 5


@dataclass(frozen=True, eq=False, repr=False)
class MethodScores(Record):
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

    def _headline(self) -> str:
        return f"{', '.join(self.names)}, in {len(self.folds.full)} folds of conditions"

    def _facts(self) -> Sequence[tuple[str, str]]:
        facts = [
            (
                name,
                f"{number(self.estimate(name).mean)} held out, "
                f"{number(self.in_sample[name])} in-sample, "
                f"{count(self.n_units[name], 'unit')}",
            )
            for name in self.names
        ]
        if FULL in self.names and PRUNED in self.names:
            gain = self.estimate(PRUNED, over=FULL)
            interval = f"{gain.low:.3f} to {gain.high:.3f}"
            text = f"{gain.mean:+.3f} ({interval}), p {p_text(gain.p_value)}"
            facts.append(("pruned - full", text))
        for name, why in self.left_out.items():
            facts.append((name, f"left out: {why}"))
        return [
            *facts,
            *self.pruning.settings.facts,
            ("next", ".estimate(name, over=...), .pruning, .folds"),
        ]

    def _draw(self, axes: Axes) -> None:
        rows = [self.held_out[name] for name in self.names]
        draw_rows(axes, self.names, rows, "score on held-out conditions")

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
            See :meth:`CrossValidation.estimate`; of a gain over the folds in which
            both methods have a score.
        """
        for argument, given in (("name", name), ("over", over)):
            if given is not None:
                checks.choice(argument, given, self.names)
        values = self.held_out[name] - (0 if over is None else self.held_out[over])
        return corrected_t(values, self.folds.ratio("conditions"))


def compare_methods(
    features: Any,
    target: Any,
    n_folds: int | None = None,
    *,
    repeats: int = 1,
    seed: int = 0,
    methods: Sequence[str] = DEFAULT,
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
        pruned one (with ``groups=``, of as many groups), their mean score.
        ``"reweighted"``: all units, with weights by ridge regression
        (:func:`jaxprune.reweighting.reweight`), penalty chosen within the training
        conditions. ``"nonnegative"``: the same with weights of at least
        0, which takes minutes for wide layers and is not among the default ones.
    n_random : int
        Random sets, for all conditions and for every fold.
    target_kind, progress, **options
        As in :func:`jaxprune.prune`. Reweighting predicts similarities its own way,
        whatever the metric; its prediction is compared and squared like all others.

    Returns
    -------
    MethodScores
        Without the methods in its ``left_out``: no zeros to count, or no reweighting
        of these conditions.

    Raises
    ------
    ValueError
        Bad input; an unknown method; several targets.

    Notes
    -----
    What a method chooses (units, how many, a penalty) it chooses on the training
    conditions of a fold alone, so held-out scores may be compared with each other.
    The penalty comes from 5 folds of the training conditions, or as many as they are
    enough for.

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
        checks.choice("methods", name, METHODS)
    if options.get("readout") is not None:
        raise ValueError(
            "readout is given, and the methods that are compared read units, not what "
            "responds to them. Leave it out; cross_validate takes it."
        )
    n_random = checks.whole("n_random", n_random, 1)
    folded = METRICS[options.get("metric", "correlation")].folded
    given, (features, target) = features, matched(features, target)
    x = as_features(features, folded=folded)
    check_controls(options, given, x.shape[-2])
    ranked = groups_or_units(options, x.shape[-1])
    options["sizes"], groups = grid(options.get("sizes"), ranked), options.get("groups")
    square = _one_square(target, x.shape[-2], target_kind)
    # Before anything is computed.
    random_folds(len(square), n_folds, repeats, seed)
    pruning = prune(x, square, progress=progress, **options)
    folds = cross_validate(
        x, square, n_folds, repeats=repeats, seed=seed, progress=progress, **options
    )
    left_out = _impossible(x, methods, options.get("controls") is not None)
    fitted = [name for name in methods if name not in left_out]
    # Scores of masks know no way of ordering units.
    scoring = scoring_options(options)
    # Pruning has scored all units and those that it retains, here and in every fold.
    in_sample = {FULL: pruning.full_score, PRUNED: pruning.best_score}
    n_units = {FULL: x.shape[-1], PRUNED: int(pruning.mask.sum())}
    rdms = {FULL: pruning.full_rdm, PRUNED: pruning.pruned_rdm}
    train: dict[str, Any] = {name: [] for name in fitted}
    held_out: dict[str, Any] = {name: [] for name in fitted}
    train |= {FULL: folds.train_full, PRUNED: folds.train_pruned}
    held_out |= {FULL: folds.full, PRUNED: folds.pruned}
    first, *draws = np.random.SeedSequence(seed).spawn(len(folds.held_out) + 1)

    pruned = pruning.mask
    masks = _masks(x, square, pruned, groups, fitted, n_random, first, scoring)
    rdms |= _rdms(x, {k: v[0] for k, v in masks.items() if k != RANDOM}, scoring)
    everything = _scored(x, square, masks, scoring)
    for name, mask in masks.items():
        in_sample[name] = float(everything[name])
        n_units[name] = int(mask[0].sum())
    for retained, out, draw in zip(folds.retained, folds.held_out, draws, strict=True):
        kept = np.setdiff1d(np.arange(len(square)), out)
        chosen = np.zeros(x.shape[-1], bool)
        chosen[retained] = True
        inside = x[..., kept, :], square[np.ix_(kept, kept)]
        outside = x[..., out, :], square[np.ix_(out, out)]
        how = among_controls(scoring, kept), among_controls(scoring, out)
        masks = _masks(*inside, chosen, groups, fitted, n_random, draw, how[0])
        places = zip((train, held_out), (inside, outside), how, strict=True)
        for where, (part, goal), scoring_there in places:
            for name, value in _scored(part, goal, masks, scoring_there).items():
                where[name].append(value)
    for name in [name for name in fitted if name in (REWEIGHTED, NONNEGATIVE)]:
        shared = {
            "seed": seed,
            "progress": progress,
            "nonnegative": name == NONNEGATIVE,
        }
        try:
            found = _reweighted(x, square, folds.held_out, shared, scoring)
        except ValueError as error:
            # Features and target have been checked: it is reweighting that asks more.
            left_out[name] = str(error)
            fitted.remove(name)
        else:
            rdms[name], in_sample[name] = found[:2]
            train[name], held_out[name] = found[2:]
            n_units[name] = x.shape[-1]
    return MethodScores(
        {name: in_sample[name] for name in fitted},
        {name: n_units[name] for name in fitted},
        {name: rdms[name] for name in fitted if name != RANDOM},
        {name: np.array(train[name]) for name in fitted},
        {name: np.array(held_out[name]) for name in fitted},
        pruning,
        folds,
        left_out,
    )


def _one_square(target: Any, n: int, kind: str) -> np.ndarray:
    """The one target, as dissimilarities ``(n, n)``."""
    checks.choice("target_kind", kind, ["dissimilarity", "similarity"])
    targets, _ = as_targets(target, n, kind)
    if len(targets) > 1:
        raise ValueError(
            f"target holds {len(targets)} RDMs; expected one. Call compare_methods for "
            "each, or give their pooled RDM."
        )
    return squareform(targets[0])


def _impossible(x: Any, methods: Sequence[str], controlled: bool) -> dict[str, str]:
    """Methods that make no sense for these features or options, and why."""
    why = {}
    if controlled:
        text = "predicts a whole RDM, of which no share of controls is taken out"
        why = dict.fromkeys((REWEIGHTED, NONNEGATIVE), text)
    if x.ndim == 3:
        several = "needs features (n_conditions, n_units); these have folds"
        why |= dict.fromkeys((ZEROS, REWEIGHTED, NONNEGATIVE), several)
    else:
        zeros = np.asarray((x == 0).sum(0))
        if zeros.min() == zeros.max():
            why |= {ZEROS: "every unit is zero equally often; is this after a ReLU?"}
    return {name: reason for name, reason in why.items() if name in methods}


def _masks(
    x: Any,
    square: np.ndarray,
    pruned: np.ndarray,
    groups: UnitGroups | None,
    fitted: Sequence[str],
    n_random: int,
    draw: np.random.SeedSequence,
    scoring: Mapping[str, Any],
) -> dict[str, np.ndarray]:
    """Sets of units ``(sets, N)`` of the rivals that choose units."""
    masks = {}
    for name in fitted:
        if name == ZEROS:
            found = keep_lowest(x, square, **scoring)
            masks[name] = np.zeros((1, len(pruned)), bool)
            masks[name][0, found.order[: found.best_size]] = True
        elif name == RANDOM:
            rng, chosen = np.random.default_rng(draw), pruned
            if groups is not None:
                chosen = np.isin(np.arange(len(groups)), groups.among(pruned))
            drawn = rng.permuted(np.tile(chosen, (n_random, 1)), axis=1)
            if groups is not None:
                drawn = np.stack([groups.mask_of(np.flatnonzero(d)) for d in drawn])
            masks[name] = drawn
    return masks


def _scored(
    x: Any,
    square: np.ndarray,
    masks: Mapping[str, np.ndarray],
    scoring: Mapping[str, Any],
) -> dict[str, float]:
    """Mean score of the sets of every method; undefined ones left out of a mean."""
    if not masks:
        return {}
    scores = score_masks(x, square, np.concatenate(list(masks.values())), **scoring)
    ends = np.cumsum([len(mask) for mask in masks.values()])[:-1]
    shares = zip(masks, np.split(scores, ends), strict=True)
    return {name: float(mean_of_defined(values)) for name, values in shares}


def _rdms(
    x: Any, masks: Mapping[str, np.ndarray], scoring: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """RDMs of sets of units."""
    if not masks:
        return {}
    given = {"metric": "correlation", "undefined": "nan", "noise": None, **scoring}
    metric = metric_named(given["metric"], given["undefined"], given["noise"])
    layer = make_layer(x, metric, given["noise"])
    rdms = layer_rdms(layer, np.stack(list(masks.values())))
    return dict(zip(masks, rdms, strict=True))


def _reweighted(
    x: Any,
    square: np.ndarray,
    held_out: Sequence[np.ndarray],
    shared: Mapping[str, Any],
    scoring: Mapping[str, Any],
) -> tuple[np.ndarray, float, Any, Any]:
    """RDM and score of weights from all conditions; train and held-out scores."""
    compare = scoring.get("compare", "pearson")
    power = 2 if scoring.get("objective") == "r2" else 1
    n = len(square)
    # To choose a penalty: of the few conditions of a small design, fewer folds.
    few, fewer = (
        min(PENALTY_FOLDS, (n - out) // checks.FEWEST)
        for out in (0, max(map(len, held_out)))
    )
    nested = nested_scores(
        x, square, held_out, compare=compare, n_folds=fewer, **shared
    )
    rdm = reweight(x, square, n_folds=few, **shared).predict(x)
    score = compare_rdms(rdm, condensed(square), compare)
    scores = score, nested.train, nested.held_out
    if scoring.get("undefined") == "zero":
        scores = map(np.nan_to_num, scores)
    whole, train, out = (score**power for score in scores)
    return rdm, float(whole), train, out

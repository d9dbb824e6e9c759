"""Units chosen on some conditions or subjects and scored on the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...base import checks
from ...base.arrays import condensed, squareform
from ...base.checks import FEWEST
from ...engine.controls import Controls, among_controls, check_controls
from ...engine.layer import as_features
from ...engine.problem import scoring_options
from ...engine.readout import Reading
from ...engine.targets import as_targets
from ...engine.unit_groups import UnitGroups, groups_or_units
from ...execution.devices import device_of
from ...execution.run import run
from ...io.checkpoints import Checkpoints, digest
from ...io.objects import matched
from ...metrics import METRICS
from ...pruning import prune
from ...scoring import score_masks
from ..grid import grid
from ..noise_ceiling import noise_ceiling
from ..samples import members_of
from .folds import Fold, among, group_folds, random_folds
from .validated import CrossValidation

OVER = ("conditions", "subjects", "both")
# Options that change no number.
RUN_ONLY = ("batch_size", "devices", "memory", "progress")


def cross_validate(
    features: Any,
    target: Any,
    n_folds: int | None = None,
    *,
    repeats: int = 1,
    seed: int | Sequence[int] = 0,
    condition_groups: Any = None,
    over: str = "conditions",
    subjects: Any = None,
    target_kind: str = "dissimilarity",
    checkpoint: str | Path | None = None,
    progress: bool = False,
    **options: Any,
) -> CrossValidation:
    """Score pruned units on conditions, or a subject, that took no part in the pruning.

    Conditions are split, not pairs: a fold's ranking and number of units come from the
    pairs among the training conditions, its scores from the pairs among the held-out
    ones. Pairs of one condition of either kind are not used. Over subjects, units are
    chosen on all subjects but one, by the mean of their scores, and scored on the one
    left out; over both, on held-out conditions of the subject left out.

    Parameters
    ----------
    features : array_like (n, N)
    target : array_like or RDMs
        One target RDM; over subjects a stack of them, one for each subject. See
        :func:`jaxprune.prune`; NaN marks missing pairs.
    n_folds : int, optional
        Random folds of conditions whose sizes differ by one at most, 4 by default.
    repeats : int
        How often the conditions are split, anew each time.
    seed : int or sequence of int
        Of the random folds; a sequence has one seed for each repeat.
    condition_groups : array_like (n,), optional
        A label for each condition, in place of random folds: every group is held out
        once. With the levels of a factor this asks whether units chosen at some levels
        serve at another.
    over : {"conditions", "subjects", "both"}
        What is held out.
    subjects : array_like (k,), optional
        Label of the subject that each target RDM is of, where subjects have several
        (sessions, hemispheres): they are left out together, and scored by their mean.
        By default every RDM is a subject.
    target_kind, **options
        As in :func:`jaxprune.prune`, but for ``pool``, which is the mean over subjects,
        and ``sizes``, by default 512 on a grid where there are 2,000 units or more (or
        groups of them). What is retained are units, with ``groups=``, too.
    checkpoint : path, optional
        A folder (made if need be) where folds are kept as they are done. The same
        call, interrupted, goes on from there, and so does one with more repeats.
    progress : bool
        Show a bar on stderr, which counts folds.

    Returns
    -------
    CrossValidation
        Beside scores and units of every fold: :meth:`~CrossValidation.estimate` for
        mean, interval and test, ``stability`` of the units, and
        :meth:`~CrossValidation.rows` for tables.

    Raises
    ------
    ValueError
        Bad input; fewer than 3 conditions in a fold, or left outside of it; several
        targets over conditions, or one over subjects.

    Notes
    -----
    With Pearson, cosine, Spearman or rho-a and no missing pairs, the mean score over
    subjects is the score of their pooled RDM (that of the noise ceiling) up to a
    factor: it ranks units and sizes alike.

    A fold of another size compiles the kernels once more: 92 conditions in 5 folds,
    of 18 and 19, compile twice, whatever the number of repeats.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> number = np.repeat(np.log([6, 10, 17, 29]), 4)
    >>> features = rng.random((16, 30))
    >>> features[:, :6] += number[:, None]
    >>> target = np.abs(number[:, None] - number)
    >>> found = cross_validate(features, target)
    >>> found.pruned.shape, bool(found.pruned.mean() < found.train_pruned.mean())
    ((4,), True)
    >>> gain = found.estimate("gain")
    >>> bool(gain.low < gain.mean < gain.high)
    True
    """
    metric = options.get("metric", "correlation")
    checks.choice("metric", metric, list(METRICS))
    given, (features, target) = features, matched(features, target)
    x = as_features(features, folded=METRICS[metric].folded)
    ranked = groups_or_units(options, x.shape[-1])
    options["sizes"] = grid(options.get("sizes"), ranked)
    n = x.shape[-2]
    check_controls(options, given, n)
    checks.choice("over", over, OVER)
    checks.choice("target_kind", target_kind, ["dissimilarity", "similarity"])
    targets, _ = as_targets(target, n, target_kind)
    members = members_of(subjects, len(targets))
    _check_subjects(len(targets), len(members), over)
    squares = squareform(targets)
    parts = _parts(n, n_folds, repeats, seed, condition_groups, over)
    folds = parts
    if over != "conditions":
        folds = [
            replace(part, subject=subject, left_out=tuple(own.tolist()))
            for subject, own in enumerate(members)
            for part in parts
        ]
    if over != "conditions" and options.setdefault("pool", "mean") != "mean":
        raise ValueError(
            f"pool={options['pool']!r}: units are chosen by the mean score of the "
            f"subjects kept with over={over!r}. Leave pool out."
        )
    checkpoints = Checkpoints.of(checkpoint, lambda: _identity(x, squares, options))
    scores = np.empty((4, len(folds)))
    retained: list[np.ndarray] = [np.empty(0, int)] * len(folds)

    def task(index: int) -> Iterator[int]:
        fold = folds[index]
        found = checkpoints.get(
            "fold",
            lambda: _one(x, squares, fold, options),
            left_out=list(fold.left_out),
            held_out=fold.held_out.tolist(),
        )
        scores[:, index], retained[index] = found["scores"], found["retained"]
        yield 1

    run(
        task,
        range(len(folds)),
        progress=progress,
        title="cross-validation",
        total=len(folds),
        unit="folds",
    )
    full, pruned, train_full, train_pruned = scores
    left_out = lower = upper = None
    if over != "conditions":
        left_out = np.array([fold.subject for fold in folds])
        ceilings = np.stack(
            [_ceiling(squares, part, subjects, members, options) for part in parts], 2
        )
        lower, upper = ceilings.reshape(2, -1)
    return CrossValidation(
        full=full,
        pruned=pruned,
        train_full=train_full,
        train_pruned=train_pruned,
        sizes=np.array([len(units) for units in retained]),
        retained=tuple(retained),
        held_out=tuple(fold.held_out for fold in folds),
        names=tuple(fold.name for fold in folds),
        repeats=np.array([fold.repeat for fold in folds]),
        subjects=left_out,
        ceiling_lower=lower,
        ceiling_upper=upper,
        over=over,
        n_conditions=n,
        n_units=x.shape[-1],
    )


def _one(
    x: Any, squares: np.ndarray, fold: Fold, options: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Full and pruned score, the same in training, and the units of one fold."""
    tested = _tested(fold, x.shape[-2])
    kept = np.setdiff1d(np.arange(x.shape[-2]), fold.held_out)
    train = test = squares[0]
    if fold.left_out:
        train, test = np.delete(squares, fold.left_out, 0), squares[[*fold.left_out]]
    # Scores of masks know no way of ordering units.
    scoring = scoring_options(among_controls(options, tested))
    options = among_controls(options, kept)
    try:
        chosen = prune(x[..., kept, :], among(train, kept), **options)
        masks = np.stack([np.ones_like(chosen.mask), chosen.mask])
        full, pruned = score_masks(
            x[..., tested, :], among(test, tested), masks, **scoring
        )
    except ValueError as error:
        raise ValueError(f"{error} ({fold})") from error
    scores = np.array([full, pruned, chosen.full_score, chosen.best_score])
    return {"scores": scores, "retained": chosen.retained}


def _identity(
    x: Any, targets: np.ndarray, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What all folds depend on, ready for JSON."""
    given, readout = dict(options), options.get("readout")
    if readout is not None:
        device = device_of(x, options.get("precision", "auto"))
        given["readout"] = Reading.of(readout, x, device).identity
    return {
        "features": digest(x),
        "targets": digest(targets),
        **identity_of(given),
    }


def identity_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Options of `prune` that numbers depend on, ready for JSON."""

    def said(value: Any) -> str:
        if isinstance(value, UnitGroups):
            return value.identity
        if isinstance(value, Controls):
            return digest(value.values)
        return value if isinstance(value, str) else digest(value)

    return {
        name: said(value)
        for name, value in options.items()
        if name not in RUN_ONLY and value is not None
    }


def _ceiling(
    squares: np.ndarray,
    part: Fold,
    subjects: Any,
    members: list[np.ndarray],
    options: dict[str, Any],
) -> np.ndarray:
    """Noise ceiling of each subject ``(2, R)`` where a part is scored.

    NaN where the RDMs share too few pairs to be pooled: scores do not need that.
    """
    conditions = _tested(part, squares.shape[-1])
    tested = among(squares, conditions)
    if (~np.isnan(condensed(tested)).any(0)).sum() < FEWEST:
        return np.full((2, len(members)), np.nan)
    names = ("compare", "objective", "controls")
    given = among_controls(options, conditions)
    how = {name: given[name] for name in names if name in given}
    found = noise_ceiling(tested, **how, subjects=subjects)
    bounds = np.stack([found.lower_scores, found.upper_scores])
    return np.stack([bounds[:, own].mean(1) for own in members], 1)


def _tested(fold: Fold, n: int) -> np.ndarray:
    """Conditions that a fold is scored on: those held out, or all if none is."""
    return fold.held_out if len(fold.held_out) else np.arange(n)


def _check_subjects(n_targets: int, n_subjects: int, over: str) -> None:
    if over == "conditions" and n_targets > 1:
        raise ValueError(
            f"target holds {n_targets} RDMs; expected one. Call cross_validate for "
            "each, give their mean, or pass over='subjects' or 'both' to leave out one "
            "subject at a time."
        )
    if over != "conditions" and n_subjects < 2:
        raise ValueError(
            f"target holds RDMs of {n_subjects} subject, and over={over!r}; expected a "
            "stack (k, n, n) of at least 2 subjects. Pass over='conditions' for one."
        )


def _parts(
    n: int,
    n_folds: int | None,
    repeats: int,
    seed: int | Sequence[int],
    condition_groups: Any,
    over: str,
) -> list[Fold]:
    """Folds of conditions; over subjects one, with none held out."""
    if over == "subjects":
        if n_folds is not None or condition_groups is not None or repeats != 1:
            raise ValueError(
                f"n_folds={n_folds!r}, repeats={repeats!r} and condition_groups "
                "concern conditions, and over='subjects' holds none out. Leave them "
                "out, or pass over='both'."
            )
        return [Fold("", 0, np.empty(0, int))]
    if condition_groups is None:
        return random_folds(n, n_folds, repeats, seed)
    if n_folds is not None or repeats != 1:
        raise ValueError(
            f"condition_groups is given, and n_folds={n_folds!r}, repeats={repeats!r}; "
            "expected no n_folds and no repeats: every group is a fold, once."
        )
    return group_folds(n, condition_groups)

"""The score that the best possible model could reach, given that subjects differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.arrays import n_conditions
from ..base.facts import count, described, number
from ..comparisons import (
    ALIASES,
    Comparison,
    check_controllable,
    compare_all,
    comparison_named,
)
from ..comparisons._ranks import average_ranks_host
from ..engine.controls import Controls
from ..engine.targets import TargetGroup, as_targets, target_groups
from ..plots.inline import draw_rows
from ..plots.record import Record
from .samples import members_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class NoiseCeiling(Record):
    """Between which scores the best possible model lies.

    Attributes
    ----------
    lower, upper : float
        Means of the scores below over subjects.
    lower_scores : ndarray (k,)
        Each RDM compared with the RDM pooled over all *other* subjects.
    upper_scores : ndarray (k,)
        Each RDM compared with the RDM pooled over all subjects, its own included.
    compare : str
        How they were compared.
    pairs : ndarray of bool (P,)
        Pairs that all RDMs have; the others took no part.
    """

    lower: float
    upper: float
    lower_scores: np.ndarray
    upper_scores: np.ndarray
    compare: str
    pairs: np.ndarray

    def _headline(self) -> str:
        k = len(self.lower_scores)
        return f"what the agreement of {count(k, 'RDM')} allows a model to score"

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [
            ("lower", f"{number(self.lower)}, each with the others' RDM"),
            ("upper", f"{number(self.upper)}, each with the RDM of all"),
            ("RDMs", described(self.lower_scores)),
            ("pairs", f"{self.pairs.sum():,} of {len(self.pairs):,} in common"),
            ("score", self.compare),
            ("next", "compare both with a model's mean score on the same pairs"),
        ]

    def _draw(self, axes: Axes) -> None:
        rows = [self.lower_scores, self.upper_scores]
        draw_rows(axes, ("lower", "upper"), rows, f"score ({self.compare})")


def noise_ceiling(
    target: Any,
    compare: str = "pearson",
    *,
    objective: str = "r",
    subjects: Any = None,
    controls: Any = None,
    target_kind: str = "dissimilarity",
) -> NoiseCeiling:
    r"""Noise ceiling of several subjects' RDMs.

    .. math:: \mathrm{upper} = \tfrac1k \sum_i c(\mathrm{pool}(D_1, \ldots, D_k), D_i)
              \qquad
              \mathrm{lower} = \tfrac1k \sum_i c(\mathrm{pool}(D_{j \neq i}), D_i)

    No model has a higher mean score than `upper`: the pooled RDM is the best there is
    (nearly so for some comparisons, see :func:`pool`), fitted to the noise too. A model
    with the true dissimilarities is expected to reach `lower`.

    Parameters
    ----------
    target : array_like (k, n, n), or RDMs
        One RDM for each subject (rsatoolbox ``RDMs`` of several, too). A pair that is
        NaN in any of them is left out for all; give a model's score on the same pairs.
    compare : str
        As in :func:`jaxprune.score`.
    objective : {"r", "r2"}
        Scores, or their squares: of what is compared with the ceiling.
    subjects : array_like (k,), optional
        Label of the subject that each RDM is of, where subjects have several (sessions,
        hemispheres): these are left out together. By default every RDM is a subject.
    controls : array_like or RDMs, optional
        RDMs whose share is taken out of all RDMs, as in :func:`jaxprune.leave_one_out`.
    target_kind : {"dissimilarity", "similarity"}
        Similarities s are used as dissimilarities 1 - s.

    Returns
    -------
    NoiseCeiling
        NaN where a pooled RDM is constant, as that of two opposite ones is.

    Raises
    ------
    ValueError
        Bad input, fewer than two subjects, or RDMs without a pair in common.

    References
    ----------
    .. [1] Nili, Wingfield, Walther, Su, Marslen-Wilson, Kriegeskorte (2014). A toolbox
       for representational similarity analysis. PLoS Comput Biol 10, e1003553.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> subjects = rng.random((1, 8, 8)) + 0.3 * rng.random((5, 8, 8))
    >>> rdms = (subjects + subjects.swapaxes(1, 2)) * (1 - np.eye(8))
    >>> ceiling = noise_ceiling(rdms)
    >>> round(ceiling.lower, 3), round(ceiling.upper, 3)
    (0.954, 0.971)
    """
    checks.choice("target_kind", target_kind, ["dissimilarity", "similarity"])
    # Pooled RDMs have values of about 1, or ranks: round-off is measured against 1.
    comparison = comparison_named(compare, 1.0)
    targets = _stack(target, target_kind)
    checks.choice("objective", objective, ["r", "r2"])
    members = members_of(subjects, len(targets))
    if len(members) < 2:
        raise ValueError(
            f"target holds {len(targets)} RDM(s) of one subject; a noise ceiling is "
            "made of the differences between subjects and needs at least 2."
        )
    values = None
    if controls is not None:
        check_controllable(comparison, compare)
        n = n_conditions(targets.shape[1])
        values = Controls.of(controls, target, n).values
    group, kept = _common_pairs(targets, comparison, values)
    if values is None:
        rdms, rows = group.targets, _comparable_rows(group.targets, comparison)
    else:
        # What is left of the RDMs (or of their ranks) beside the controls, of unit
        # length: scores are products of these.
        rdms = rows = group.prepared(comparison, group.targets)
        comparison = comparison_named("cosine", 1.0)

    def scores(pooled: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        found = compare_all(comparison, pooled[None], chosen, group.pairs)[:, 0]
        return found**2 if objective == "r2" else found

    upper, lower = scores(rows.mean(0), rdms), np.empty(len(rows))
    for own in members:
        others = np.delete(rows, own, 0)
        lower[own] = scores(others.mean(0), rdms[own])
    return NoiseCeiling(
        lower=float(np.mean([lower[own].mean() for own in members])),
        upper=float(np.mean([upper[own].mean() for own in members])),
        lower_scores=lower,
        upper_scores=upper,
        compare=ALIASES.get(compare, compare),
        pairs=kept,
    )


def pool(rdms: Any, compare: str = "pearson") -> np.ndarray:
    """One RDM for several: the one with the highest mean score over them.

    The mean of the RDMs as the comparison sees them: of z-scores for pearson and
    corr_cov, of ``D / sqrt(mean(D²))`` for cosine and cosine_cov, and of average ranks
    for the comparisons of ranks. That is what rsatoolbox does; mean ranks for tau-a and
    tau-b, and means without whitening for the whitened comparisons, are only nearly the
    best.

    Parameters
    ----------
    rdms : array_like (k, P)
        Condensed dissimilarities, NaN where missing.
    compare : str
        As in :func:`jaxprune.score`.

    Returns
    -------
    ndarray (P,)
        In units of its own, negative ones included: it is meant to be compared. NaN in
        pairs that any of the RDMs lacks.

    Raises
    ------
    ValueError
        Not condensed RDMs, or one that is constant; RDMs without a pair in common.

    Examples
    --------
    >>> pool([[1.0, 2.0, 3.0], [10.0, 30.0, 20.0]], "spearman").tolist()
    [0.0, 1.5, 1.5]
    """
    comparison = comparison_named(compare, 0.0)
    checks.unmasked("rdms", rdms)
    vectors = checks.array_of("rdms", rdms, float)
    if vectors.ndim != 2 or not vectors.size:
        raise ValueError(
            f"rdms has shape {vectors.shape}; expected condensed RDMs (k, P), one in "
            "each row."
        )
    group, kept = _common_pairs(vectors, comparison)
    pooled = np.full(len(kept), np.nan)
    pooled[kept] = _comparable_rows(group.targets, comparison).mean(0)
    return pooled


def _comparable_rows(values: np.ndarray, comparison: Comparison) -> np.ndarray:
    """RDMs ``(k, p)`` without what the comparison ignores: each counts alike."""
    if comparison.ranks:
        return np.stack([average_ranks_host(row) for row in values])
    if comparison.centred:
        values = values - values.mean(1, keepdims=True)
    return values / np.sqrt(np.mean(values**2, 1, keepdims=True))


def _stack(target: Any, kind: str) -> np.ndarray:
    """Dissimilarities ``(k, P)`` of several RDMs."""
    if hasattr(target, "get_vectors"):
        n = n_conditions(target.get_vectors().shape[1])
    else:
        shape = np.shape(target)
        if len(shape) != 3:
            raise ValueError(
                f"target has shape {shape}; expected a stack (k, n, n) of the RDMs of "
                "several subjects: how they differ is what a noise ceiling is made of."
            )
        n = shape[-1]
    return as_targets(target, n, kind)[0]


def _common_pairs(
    vectors: np.ndarray, comparison: Comparison, controls: np.ndarray | None = None
) -> tuple[TargetGroup, np.ndarray]:
    """RDMs ``(k, P)`` over the pairs that all have, and which these are ``(P,)``."""
    kept = np.asarray(~np.isnan(vectors).any(0))
    if not kept.any():
        raise ValueError(
            f"the {len(vectors)} RDMs have no pair in common: each pair is NaN in one "
            "of them. Leave out the RDMs that lack most, or conditions that few have."
        )
    common = np.where(kept, vectors, np.nan)
    n = n_conditions(vectors.shape[1])
    (group,) = target_groups(common, n, comparison, controls)
    return group, kept

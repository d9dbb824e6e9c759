"""How far scores would vary over other conditions and other subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...base import checks
from ...base.arrays import n_conditions
from ...base.checks import FEWEST
from ...comparisons import comparison_named
from ...engine.targets import as_targets
from ..samples import members_of
from .bootstrapped import Bootstrap
from .resampling import resampled_scores

OVER = ("conditions", "subjects", "both")


def bootstrap(
    rdms: Any,
    target: Any,
    n_samples: int = 1000,
    *,
    compare: str = "pearson",
    objective: str = "r",
    over: str = "conditions",
    subjects: Any = None,
    names: Sequence[str] | None = None,
    target_kind: str = "dissimilarity",
    seed: int = 0,
    confidence: float = 0.95,
    progress: bool = False,
) -> Bootstrap:
    r"""Scores of fixed RDMs, with errors from resampled conditions and subjects.

    A condition drawn c times stands c times in a sample; pairs of a condition with
    itself are dropped. So the pair (i, j) has the weight :math:`c_i c_j`, and the
    correlation or cosine of all samples, whitened or not, is a few matrix products.
    Ranks are made anew in every sample.

    Parameters
    ----------
    rdms : mapping of str to array_like (P,), or array_like (m, P)
        Condensed RDMs of the same conditions: ``result.full_rdm``,
        ``result.pruned_rdm``, those of other layers, predictions of other methods.
    target : array_like or RDMs
        One target RDM, or a stack of subjects: ``(n, n)``, ``(P,)``, ``(k, n, n)`` or
        ``(k, P)``, or rsatoolbox RDMs.
    n_samples : int
        Bootstrap samples, at least 2.
    compare, objective, target_kind
        As in :func:`jaxprune.prune`; scores are means over subjects.
    over : {"conditions", "subjects", "both"}
        What another experiment would draw anew. With both, errors have the two-factor
        correction, :func:`two_factor_variance`.
    subjects : array_like (k,), optional
        Label of the subject that each target RDM is of, where subjects have several
        (sessions, hemispheres): their mean score counts, and they are drawn together.
        By default every RDM is a subject.
    names : sequence of str (m,), optional
        Of the rows of an array; their positions by default.
    seed : int
    confidence : float
        Of the intervals.
    progress : bool
        Show a bar on stderr, for comparisons of ranks.

    Returns
    -------
    Bootstrap
        ``scores``, ``samples``, ``standard_errors``, ``interval()`` and
        ``difference(a, b)``.

    Raises
    ------
    ValueError
        Bad input; fewer than 4 conditions or 2 subjects to resample; an RDM without a
        score.

    Notes
    -----
    The RDMs are fixed: **units that were selected on the same target keep their
    selection bias here**, in score and interval. Whether a gain is real is what
    :func:`permutation_test` and :func:`cross_validate` answer.

    A pair that is NaN in one of the RDMs is left out for all of them, so that
    differences are of the same pairs; one that is NaN in the target of a subject is
    left out for that subject. Samples with fewer than 3 distinct conditions are drawn
    again; a sample in which an RDM is constant has no score and is left out.

    References
    ----------
    .. [1] Nili, Wingfield, Walther, Su, Marslen-Wilson & Kriegeskorte (2014). A toolbox
       for representational similarity analysis. PLoS Computational Biology 10,
       e1003553.
    .. [2] Schütt, Kipnis, Diedrichsen & Kriegeskorte (2023). Statistical inference on
       representational geometries. eLife 12, e82566.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> target = rng.random(45)
    >>> rdms = {"good": target + rng.random(45), "poor": target + 5 * rng.random(45)}
    >>> found = bootstrap(rdms, target)
    >>> found.scores.round(2), found.standard_errors.round(2)
    (array([0.77, 0.25]), array([0.1 , 0.24]))
    >>> better = found.difference("good", "poor")
    >>> bool(better.low > 0)
    True
    """
    checks.choice("over", over, OVER)
    checks.choice("objective", objective, ["r", "r2"])
    checks.choice("target_kind", target_kind, ["dissimilarity", "similarity"])
    comparison = comparison_named(compare, 0.0)
    labels, models = _models(rdms, names)
    n = n_conditions(models.shape[1])
    targets, _ = as_targets(target, n, target_kind)
    members = members_of(subjects, len(targets))
    k = len(members)
    _check_sizes(n_samples, confidence, over, n, k)

    def scores_of(counts: np.ndarray) -> np.ndarray:
        found = resampled_scores(models, targets, counts, comparison, progress)
        found = found**2 if objective == "r2" else found
        return np.stack([found[:, :, own].mean(2) for own in members], 2)

    observed = scores_of(np.ones((1, n), int))[0]
    for label, row in zip(labels, observed, strict=True):
        if np.isnan(row).any():
            raise ValueError(
                f"rdms[{label!r}] is constant over the pairs that all RDMs and the "
                "target have, so it has no score. Leave it out."
            )
    rng = np.random.default_rng(seed)
    samples: dict[str, np.ndarray] = {}
    drawn, times = observed[None], np.full((1, k), 1 / k)
    if over != "subjects":
        drawn = scores_of(drawn_conditions(rng, n_samples, n))
        samples["conditions"] = drawn.mean(2)
    if over != "conditions":
        times = draws(rng, n_samples, k) / k
        samples["subjects"] = times @ observed.T
    if over == "both":
        samples["both"] = np.einsum("bmk,bk->bm", drawn, times)
    return Bootstrap(
        names=labels,
        scores=observed.mean(1),
        subject_scores=observed,
        samples=samples.pop(over),
        samples_conditions=samples.get("conditions"),
        samples_subjects=samples.get("subjects"),
        over=over,
        n_conditions=n,
        n_subjects=k,
        confidence=confidence,
    )


def draws(rng: np.random.Generator, n_samples: int, n: int) -> np.ndarray:
    """How often each of n was drawn in n draws with replacement: ``(n_samples, n)``."""
    return rng.multinomial(n, np.full(n, 1 / n), size=n_samples)


def drawn_conditions(rng: np.random.Generator, n_samples: int, n: int) -> np.ndarray:
    """`draws` with at least three different conditions in each sample."""
    counts = draws(rng, n_samples, n)
    while (few := (counts > 0).sum(1) < FEWEST).any():
        counts[few] = draws(rng, int(few.sum()), n)
    return counts


def _models(
    rdms: Any, names: Sequence[str] | None
) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and condensed RDMs ``(m, P)``."""
    if isinstance(rdms, Mapping):
        if names is not None:
            raise ValueError(
                f"names={names!r} with a mapping of RDMs, whose keys are their names. "
                "Leave names out."
            )
        names, rdms = [str(name) for name in rdms], list(rdms.values())
    rows = [checks.array_of("rdms", row) for row in rdms]
    if rows and all(row.ndim == 0 for row in rows):
        rows = [checks.array_of("rdms", rdms)]
    shapes = [row.shape for row in rows]
    if not rows or len(set(shapes)) > 1 or len(shapes[0]) != 1:
        raise ValueError(
            f"rdms has shapes {shapes}; expected condensed RDMs (n (n - 1) / 2,) of "
            "the same conditions. scipy's squareform condenses a square one."
        )
    for row in rows:
        checks.numeric("rdms", row)
    models = np.stack(rows).astype(float)
    labels = tuple(map(str, range(len(models)) if names is None else names))
    if len(labels) != len(models) or len(set(labels)) < len(labels):
        raise ValueError(
            f"names={list(labels)} for {len(models)} RDMs; expected one name for each, "
            "all of them different."
        )
    try:
        n_conditions(models.shape[1])
    except ValueError as error:
        raise ValueError(f"rdms has rows of {shapes[0][0]} entries: {error}.") from None
    if np.isinf(models).any():
        raise ValueError(
            f"rdms contains infinity in {int(np.isinf(models).sum())} entries; "
            "expected numbers, with NaN for missing pairs."
        )
    return labels, models


def _check_sizes(n_samples: int, confidence: float, over: str, n: int, k: int) -> None:
    checks.whole("n_samples", n_samples, 2)
    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence={confidence!r}: expected a share between 0 and 1, e.g. .95."
        )
    if over != "subjects" and n <= FEWEST:
        raise ValueError(
            f"rdms has {n} conditions; at least {FEWEST + 1} are needed to resample "
            f"them, since a sample is to hold {FEWEST} different ones."
        )
    if over != "conditions" and k < 2:
        raise ValueError(
            f"target holds RDMs of {k} subject, and over={over!r}; expected a stack "
            f"(k, {n}, {n}) of at least 2 subjects. Pass over='conditions' for one."
        )

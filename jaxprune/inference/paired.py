"""Two methods compared over subjects, layer by layer, with the false discoveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control, ttest_1samp, wilcoxon

from ..base import checks
from ..base.facts import LABEL, LISTED, count, p_text
from ..plots.record import Record

# Scores are near 1 and known to a few eps, 1e-15, in float64: differences that agree to
# 12 decimals are the same.
DECIMALS = 12


@dataclass(frozen=True, eq=False, repr=False)
class PairedTests(Record):
    """Tests of two methods, one for each of L layers.

    Attributes
    ----------
    names : tuple of str
        Of the layers.
    difference : ndarray (L,)
        Mean over subjects of ``first - second``.
    statistic : ndarray (L,)
        Of the signed-rank test (its smaller, or for a one-sided test its positive, sum
        of ranks) or of the t test.
    p : ndarray (L,)
        Chance of such differences if there is none; 1 where all of them are 0.
    q : ndarray (L,)
        `p` adjusted for the number of layers (Benjamini and Hochberg): the false
        discovery rate at which the layer becomes significant.
    significant : ndarray of bool (L,)
        ``q <= alpha``.
    n_subjects : int
    test, alternative : str
    alpha : float
    """

    names: tuple[str, ...]
    difference: np.ndarray
    statistic: np.ndarray
    p: np.ndarray
    q: np.ndarray
    significant: np.ndarray
    n_subjects: int
    test: str
    alternative: str
    alpha: float

    def _headline(self) -> str:
        return f"{self.test.replace('_', ' ')} tests over {self.n_subjects} subjects"

    def _facts(self) -> Sequence[tuple[str, str]]:
        rows = zip(self.names, self.difference, self.p, self.q, strict=True)
        facts = [
            (name[: LABEL - 2], f"{d:+.3f}, p {p_text(p)}, q {p_text(q)}")
            for name, d, p, q in rows
        ]
        lower = int(self.significant.sum())
        text = f"{lower} of {count(len(self.names), 'layer')}, q <= {self.alpha:g}"
        more = [("layers", f"{len(facts)} in all")] if len(facts) > LISTED else []
        return [
            *facts[:LISTED],
            *more,
            ("significant", f"{text}, {self.alternative}"),
            ("next", ".q, .significant, .difference, by layer"),
        ]


def paired_tests(
    first: Any,
    second: Any,
    *,
    test: str = "signed_rank",
    alternative: str = "two-sided",
    names: Sequence[str] | None = None,
    alpha: float = 0.05,
) -> PairedTests:
    """Whether one method scores higher than another, over subjects, in each layer.

    Parameters
    ----------
    first, second : array_like (L, k), or (k,) for one layer
        Scores of two methods (pruned and full, say) in L layers, of the same k
        subjects in the same order. Subjects are to be independent: average the RDMs or
        the scores of several sessions first.
    test : {"signed_rank", "t"}
        Wilcoxon's signed-rank test (`scipy.stats.wilcoxon`, exact for few subjects), or
        the paired t test. The smallest two-sided p of k subjects is ``2 / 2^k`` for
        signed ranks: with fewer than 6 it is never below .05.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"``: the first scores higher.
    names : sequence of str, optional
        Of the layers; their numbers by default.
    alpha : float
        False discovery rate.

    Returns
    -------
    PairedTests

    Raises
    ------
    ValueError
        Scores of different shapes, undefined ones, fewer than 2 subjects; a t test of
        differences that are the same for all subjects, other than 0.

    Notes
    -----
    Differences are rounded to 12 decimals: round-off is not ranked. The t test takes
    scores as they are; ``np.arctanh(scores)`` is the usual transform of correlations.

    References
    ----------
    .. [1] Nili et al. (2014). A toolbox for representational similarity analysis. PLoS
       Comput Biol 10, e1003553.
    .. [2] Benjamini & Hochberg (1995). Controlling the false discovery rate. J R Stat
       Soc B 57, 289-300.

    Examples
    --------
    >>> full = [[0.20, 0.25, 0.31, 0.22, 0.27, 0.24], [0.4, 0.5, 0.3, 0.2, 0.5, 0.4]]
    >>> pruned = [[0.26, 0.29, 0.36, 0.29, 0.28, 0.27], [0.5, 0.4, 0.4, 0.1, 0.5, 0.4]]
    >>> tests = paired_tests(pruned, full, names=["V1", "IT"])
    >>> tests.p.tolist(), tests.q.tolist(), tests.significant.tolist()
    ([0.03125, 1.0], [0.0625, 1.0], [False, False])
    """
    checks.choice("test", test, ["signed_rank", "t"])
    checks.choice("alternative", alternative, ["two-sided", "greater", "less"])
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha!r}: expected a rate between 0 and 1.")
    differences = _differences(first, second)
    n_layers, n_subjects = differences.shape
    labels = tuple(map(str, range(n_layers) if names is None else names))
    if len(labels) != n_layers:
        raise ValueError(
            f"names has {len(labels)} name(s); expected one for each of the {n_layers} "
            "layer(s), the rows of first and second."
        )
    found = [
        _test(row, test, alternative, label)
        for row, label in zip(differences, labels, strict=True)
    ]
    statistic, p = np.array(found).T
    q = false_discovery_control(p)
    return PairedTests(
        names=labels,
        difference=differences.mean(1),
        statistic=statistic,
        p=p,
        q=q,
        significant=q <= alpha,
        n_subjects=n_subjects,
        test=test,
        alternative=alternative,
        alpha=alpha,
    )


def _differences(first: Any, second: Any) -> np.ndarray:
    """``first - second`` ``(L, k)``, checked, without round-off."""
    a, b = (
        np.atleast_2d(checks.array_of(name, scores, float))
        for name, scores in (("first", first), ("second", second))
    )
    if a.shape != b.shape or a.ndim != 2 or not len(a):
        raise ValueError(
            f"first has shape {np.shape(first)} and second {np.shape(second)}; both "
            "need the same: scores (layers, subjects), or (subjects,) for one layer."
        )
    if a.shape[1] < 2:
        raise ValueError(
            f"first holds scores of {a.shape[1]} subject(s); differences over subjects "
            "need at least 2."
        )
    for name, scores in (("first", a), ("second", b)):
        if not np.isfinite(scores).all():
            layer, subject = np.argwhere(~np.isfinite(scores))[0]
            raise ValueError(
                f"{name} is {scores[layer, subject]} for layer {layer}, subject "
                f"{subject} (counted from 0). A score that is undefined cannot be "
                "compared: leave out that subject or that layer in both."
            )
    return np.round(a - b, DECIMALS)


def _test(
    differences: np.ndarray, test: str, alternative: str, label: str
) -> tuple[float, float]:
    """Statistic and p of one layer."""
    if not differences.any():
        return 0.0, 1.0
    if test == "signed_rank":
        found: Any = wilcoxon(differences, alternative=alternative)
    elif (differences == differences[0]).all():
        raise ValueError(
            f"first and second differ by {differences[0]:g} for all subjects in layer "
            f"{label!r}: a t test has no spread to compare that with. Use "
            "test='signed_rank', and check that the subjects are not one and the same."
        )
    else:
        found = ttest_1samp(differences, 0, alternative=alternative)
    return float(found.statistic), float(found.pvalue)

"""What the bootstrap found: errors, intervals, and differences of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import t as student

from ...base import checks
from ...base.facts import LABEL, LISTED, count, number, p_text
from ...plots.inline import draw_intervals
from ...plots.record import Record
from .two_factor import two_factor_variance

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Difference(Record):
    """By how much one score exceeds another.

    Attributes
    ----------
    difference, standard_error : float
    low, high : float
        Confidence interval, from Student's t.
    t, df : float
        ``difference / standard_error``, and degrees of freedom.
    p_value : float
        Of no difference, from Student's t: two-sided.
    p_bootstrap : float
        The same without Student's t, ``2 (b + 1) / (m + 1)``, at most 1: b of the m
        samples have no difference or one of the other sign. Over both conditions and
        subjects it is too large, since it knows no two-factor correction.
    """

    difference: float
    standard_error: float
    low: float
    high: float
    t: float
    df: int
    p_value: float
    p_bootstrap: float

    def _facts(self) -> Sequence[tuple[str, str]]:
        error = f"standard error {self.standard_error:.3g}"
        p = f"p {p_text(self.p_value)}, two-sided"
        return [
            ("difference", f"{self.difference:+.3f}, {error}"),
            ("interval", f"{self.low:.3f} to {self.high:.3f}"),
            ("from 0", f"t({self.df}) = {self.t:.2f}, {p}"),
            ("bootstrap", f"p {p_text(self.p_bootstrap)}, without Student's t"),
        ]


@dataclass(frozen=True, eq=False, repr=False)
class Bootstrap(Record):
    """Scores of m RDMs, and of the same RDMs over resampled conditions and subjects.

    Attributes
    ----------
    names : tuple of str
        Of the RDMs.
    scores : ndarray (m,)
        Observed, the mean over subjects.
    subject_scores : ndarray (m, k)
        Observed, for each subject.
    samples : ndarray (n_samples, m)
        Mean scores of the bootstrap samples. A row is NaN where some RDM is constant
        over the pairs drawn, and takes no part in what follows.
    samples_conditions, samples_subjects : ndarray (n_samples, m) or None
        With ``over="both"``: the same draws, of one factor alone.
    over : str
        ``"conditions"``, ``"subjects"`` or ``"both"``.
    n_conditions, n_subjects : int
    confidence : float
        Of the intervals.
    """

    names: tuple[str, ...]
    scores: np.ndarray
    subject_scores: np.ndarray
    samples: np.ndarray
    samples_conditions: np.ndarray | None
    samples_subjects: np.ndarray | None
    over: str
    n_conditions: int
    n_subjects: int
    confidence: float

    def _headline(self) -> str:
        over = {"both": "conditions and subjects"}.get(self.over, self.over)
        return f"scores of {count(len(self.names), 'RDM')} over resampled {over}"

    def _facts(self) -> Sequence[tuple[str, str]]:
        rows = zip(self.names, self.scores, self.interval(), strict=True)
        facts = [
            (name[: LABEL - 2], f"{number(score)} ({low:.3f} to {high:.3f})")
            for name, score, (low, high) in rows
        ]
        more = [("RDMs", f"{len(facts)} in all")] if len(facts) > LISTED else []
        undefined = f", {self.n_undefined:,} undefined" if self.n_undefined else ""
        sizes = f"{self.n_conditions} conditions, {count(self.n_subjects, 'subject')}"
        return [
            *facts[:LISTED],
            *more,
            ("intervals", f"{100 * self.confidence:g} %, Student's t"),
            ("samples", f"{len(self.samples):,}{undefined}"),
            ("resampled", sizes),
            ("next", ".difference(first, second), .interval('percentile')"),
        ]

    def _draw(self, axes: Axes) -> None:
        draw_intervals(axes, self.names, self.scores, self.interval(), "score")

    @property
    def df(self) -> int:
        """One less than what is resampled; of both factors, than the smaller."""
        sizes = {"conditions": self.n_conditions, "subjects": self.n_subjects}
        return sizes.get(self.over, min(sizes.values())) - 1

    @property
    def n_undefined(self) -> int:
        """Number of samples in which some score is undefined."""
        return int((~self._defined).sum())

    @property
    def standard_errors(self) -> np.ndarray:
        """Of the scores, ``(m,)``.

        The standard deviation of the samples times ``sqrt(n / (n - 1))``: that of a
        mean of n values resampled is too small by this factor. Over both conditions
        and subjects :func:`two_factor_variance`.
        """
        return np.sqrt(self._variance(np.eye(len(self.scores))))

    def interval(self, kind: str = "t") -> np.ndarray:
        """Confidence intervals ``(m, 2)``.

        Parameters
        ----------
        kind : {"t", "percentile"}
            The score plus and minus standard errors, by Student's t; or quantiles of
            the samples, which have no correction for few subjects or conditions.

        Raises
        ------
        ValueError
            Percentiles over both: the samples spread too far, and only their variance
            can be corrected.
        """
        checks.choice("kind", kind, ["t", "percentile"])
        tail = (1 - self.confidence) / 2
        if kind == "percentile":
            if self.over == "both":
                raise ValueError(
                    "kind='percentile' with over='both': the samples of both factors "
                    "spread too far, and only their variance can be corrected. Pass "
                    "kind='t'."
                )
            return np.quantile(self.samples[self._defined], [tail, 1 - tail], axis=0).T
        reach = student.ppf(1 - tail, self.df) * self.standard_errors
        return np.stack([self.scores - reach, self.scores + reach], 1)

    def difference(self, first: str | int, second: str | int) -> Difference:
        """Score of one RDM minus that of another, on the same samples.

        Parameters
        ----------
        first, second : str or int
            Names, or positions.

        Returns
        -------
        Difference

        Raises
        ------
        ValueError
            A name that is not among `names`.
        """
        contrast = np.zeros((len(self.scores), 1))
        contrast[self._index("first", first)] += 1
        contrast[self._index("second", second)] -= 1
        difference = float(self.scores @ contrast[:, 0])
        error = float(np.sqrt(self._variance(contrast)[0]))
        # Equal in every sample: no difference, and none to doubt.
        t = difference / error if error else 0.0
        reach = student.ppf((1 + self.confidence) / 2, self.df) * error
        spread = (self.samples @ contrast)[self._defined, 0]
        other_side = min(np.sum(spread <= 0), np.sum(spread >= 0))
        return Difference(
            difference=difference,
            standard_error=error,
            low=float(difference - reach),
            high=float(difference + reach),
            t=t,
            df=self.df,
            p_value=float(2 * student.sf(abs(t), self.df)),
            p_bootstrap=float(min(1, 2 * (other_side + 1) / (len(spread) + 1))),
        )

    @property
    def _defined(self) -> np.ndarray:
        """Samples in which every score is."""
        several = [self.samples, self.samples_conditions]
        present = [samples for samples in several if samples is not None]
        return np.all([np.isfinite(samples).all(1) for samples in present], axis=0)

    def _variance(self, contrast: np.ndarray) -> np.ndarray:
        """Of weighted sums of scores, with weights ``(m, c)``: ``(c,)``."""

        def spread(samples: np.ndarray) -> np.ndarray:
            return np.var(samples[self._defined] @ contrast, axis=0, ddof=1)

        if self.samples_conditions is None or self.samples_subjects is None:
            n = self.df + 1
            return n / (n - 1) * spread(self.samples)
        return two_factor_variance(
            spread(self.samples),
            spread(self.samples_conditions),
            spread(self.samples_subjects),
            self.n_conditions,
            self.n_subjects,
        )

    def _index(self, argument: str, name: Any) -> int:
        if isinstance(name, int | np.integer) and -len(self.names) <= name < len(
            self.names
        ):
            return int(name)
        checks.choice(argument, name, self.names)
        return self.names.index(name)

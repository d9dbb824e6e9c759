"""Means over folds, whose training sets overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student

from ..base.facts import number, p_text
from ..base.means import mean_of_defined
from ..plots.record import Record


@dataclass(frozen=True, repr=False)
class Estimate(Record):
    """A mean, how well it is known, and whether it exceeds 0.

    Attributes
    ----------
    mean, standard_error : float
    low, high : float
        Confidence interval, from Student's t.
    t, df : float
        ``mean / standard_error``, and degrees of freedom.
    p_value : float
        Of a mean of 0 or less: one-tailed.
    n_undefined : int
        Values that were NaN, and left out. A mean of the others may flatter: where a
        method has no score is not chance.
    """

    mean: float
    standard_error: float
    low: float
    high: float
    t: float
    df: float
    p_value: float
    n_undefined: int

    def _facts(self) -> Sequence[tuple[str, str]]:
        interval = f"{self.low:.3f} to {self.high:.3f}"
        facts = [
            ("mean", f"{number(self.mean)}, standard error {self.standard_error:.3g}"),
            ("interval", interval),
            ("above 0", f"t({self.df:g}) = {self.t:.2f}, p {p_text(self.p_value)}"),
        ]
        if self.n_undefined:
            facts.append(("undefined", f"{self.n_undefined:,} values left out"))
        return facts


def estimate(
    mean: float, variance: float, df: float, confidence: float, n_undefined: int
) -> Estimate:
    """Interval and one-tailed test of a mean whose variance is known to `df`."""
    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence={confidence!r}: expected a share between 0 and 1, e.g. .95."
        )
    error = float(np.sqrt(variance))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.float64(mean) / error
    # No spread and no mean, as where every fold retains all units: nothing exceeds 0.
    t = 0.0 if mean == error == 0 else float(t)
    reach = float(student.ppf((1 + confidence) / 2, df)) * error
    return Estimate(
        mean=float(mean),
        standard_error=error,
        low=float(mean) - reach,
        high=float(mean) + reach,
        t=t,
        df=df,
        p_value=float(student.sf(t, df)),
        n_undefined=n_undefined,
    )


def corrected_variance(values: np.ndarray, ratio: float) -> float:
    r"""Variance of a mean over folds, corrected for training sets that overlap.

    .. math:: \left(\frac{1}{J} + \frac{n_{test}}{n_{train}}\right) s^2

    [1]_, with :math:`s^2` the variance of J values around their mean. Without the
    second term, that of independent values, J repeats of one split would make any
    difference significant; with it, more repeats tell no more than how one split
    turned out. It supposes that folds agree as far as their training sets do; where
    they agree less, as for a target that has nothing to do with the layer, the test is
    on the safe side.

    Parameters
    ----------
    values : ndarray (J,)
    ratio : float
        ``n_test / n_train``.

    Returns
    -------
    float
        NaN of fewer than two values.

    References
    ----------
    .. [1] Nadeau & Bengio (2003). Inference for the generalization error. Machine
       Learning 52, 239-281.

    Examples
    --------
    >>> corrected_variance(np.array([1.0, 2.0, 3.0]), ratio=2 / 3)
    1.0
    """
    if len(values) < 2:
        return np.nan
    return float((1 / len(values) + ratio) * np.var(values, ddof=1))


def corrected_t(values: Any, ratio: float, confidence: float = 0.95) -> Estimate:
    """Mean over folds with the corrected resampled t test of Nadeau & Bengio (2003).

    Parameters
    ----------
    values : array_like (J,)
        One for each fold, at least two; NaN where undefined, and left out.
    ratio : float
        ``n_test / n_train``; 0 is the t test of independent values.
    confidence : float
        Of the interval.

    Returns
    -------
    Estimate
        With J - 1 degrees of freedom, J being the number of defined values; of fewer
        than two, error, interval and p are NaN.

    Examples
    --------
    >>> gains = [0.1, 0.3, 0.2, 0.4, 0.0]
    >>> corrected, naive = corrected_t(gains, ratio=1 / 4), corrected_t(gains, ratio=0)
    >>> round(corrected.p_value, 4), round(naive.p_value, 4)
    (0.0662, 0.0237)
    """
    array = np.asarray(values, float)
    if array.ndim != 1 or len(array) < 2:
        raise ValueError(
            f"values has shape {array.shape}; expected one value for each of at least "
            "2 folds."
        )
    known = array[~np.isnan(array)]
    mean, variance = mean_of_defined(array), corrected_variance(known, ratio)
    return estimate(mean, variance, len(known) - 1, confidence, len(array) - len(known))

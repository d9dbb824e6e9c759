"""Cross-validation as it was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...base.facts import p_text
from ...plots.record import Record
from ..corrected_t import corrected_t
from .validated import CrossValidation

# Tarigopula et al. (2023), Neural Networks 168, 89-104, as in the public code of the
# same laboratory for held-out images: images shuffled with each of eight seeds and cut
# into 5 folds, R² with an RDM of correlation distances, the size that is best in
# training. The paper does not say how many folds it had.
PROTOCOLS: dict[str, dict[str, Any]] = {
    "tarigopula2023": {
        "n_folds": 5,
        "seed": tuple(range(111, 889, 111)),
        "metric": "correlation",
        "compare": "pearson",
        "objective": "r2",
        "sizes": "all",
    },
}


@dataclass(frozen=True, repr=False)
class PublishedTest(Record):
    """The test that went with the protocol of Tarigopula et al. (2023).

    Attributes
    ----------
    gain : float
        Mean of ``pruned - full`` over all J folds of all repeats, undefined ones left
        out.
    standard_error : float
        ``sqrt(Σ gain² / (J (J - 1)))``: around 0, not around their mean.
    t, df, p_value : float
        One-tailed paired t test, J - 1 degrees of freedom.
    """

    gain: float
    standard_error: float
    t: float
    df: int
    p_value: float

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [
            ("gain", f"{self.gain:+.3f}, standard error {self.standard_error:.3g}"),
            ("above 0", f"t({self.df}) = {self.t:.2f}, p {p_text(self.p_value)}"),
            ("note", "folds taken for independent: p is too small"),
            ("next", "folds.estimate('gain'), the corrected test"),
        ]


def published_test(folds: CrossValidation) -> PublishedTest:
    """One-tailed paired t test of the gain over all folds, as published.

    It takes the folds of all repeats for independent. They share conditions, in
    training and in test, and eight repeats of a split count eightfold: its p is too
    small. ``folds.estimate("gain")`` is the corrected test, to be given beside it.

    Parameters
    ----------
    folds : CrossValidation
        ``cross_validate(features, target, **PROTOCOLS["tarigopula2023"])``.

    Returns
    -------
    PublishedTest

    References
    ----------
    .. [1] Tarigopula, Fairhall, Bavaresco, Truong, Hasson (2023). Improved prediction
       of behavioral and neural similarity spaces using pruned DNNs. Neural Networks
       168, 89-104.

    Examples
    --------
    >>> from jaxprune.inference import cross_validate
    >>> rng = np.random.default_rng(2)
    >>> features, points = rng.random((20, 40)), rng.random(20)
    >>> features[:, :10] += 3 * points[:, None] * rng.normal(size=10)
    >>> target = np.abs(points[:, None] - points)
    >>> folds = cross_validate(features, target, **PROTOCOLS["tarigopula2023"])
    >>> published, corrected = published_test(folds), folds.estimate("gain")
    >>> published.df, round(published.gain, 3), round(corrected.mean, 3)
    (39, 0.028, 0.028)
    >>> round(published.p_value, 2), round(corrected.p_value, 2)
    (0.24, 0.42)
    """
    gain = folds.gain[~np.isnan(folds.gain)]
    naive, j = corrected_t(folds.gain, ratio=0), len(gain)
    return PublishedTest(
        gain=naive.mean,
        standard_error=float(np.sqrt(np.sum(gain**2) / (j * (j - 1)))),
        t=naive.t,
        df=j - 1,
        p_value=naive.p_value,
    )

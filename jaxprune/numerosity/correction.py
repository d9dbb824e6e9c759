"""Correction of p values for the number of units tested."""

from __future__ import annotations

import numpy as np
from scipy.stats import false_discovery_control

from ..base import checks

CORRECTIONS = ("none", "bonferroni", "benjamini-hochberg")


def adjusted(p: np.ndarray, correction: str = "none") -> np.ndarray:
    r"""Adjusted p values of one test in many units.

    Bonferroni: :math:`\min(1, m p)` for m units. Benjamini-Hochberg, for the share of
    false discoveries: :math:`\min_{j \ge i} \min(1, m p_{(j)} / j)` for the i-th
    smallest.

    Parameters
    ----------
    p : ndarray (N,)
        NaN where the test is undefined; those stay NaN and do not count in m.
    correction : {"none", "bonferroni", "benjamini-hochberg"}

    Returns
    -------
    ndarray (N,)

    Raises
    ------
    ValueError
        An unknown correction.

    References
    ----------
    .. [1] Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57,
       289-300.

    Examples
    --------
    >>> p = np.array([0.01, 0.04, np.nan, 0.03])
    >>> adjusted(p, "bonferroni").round(3)
    array([0.03, 0.12,  nan, 0.09])
    >>> adjusted(p, "benjamini-hochberg").round(3)
    array([0.03, 0.04,  nan, 0.04])
    """
    checks.choice("correction", correction, CORRECTIONS)
    out = np.array(checks.array_of("p", p, float))
    defined = ~np.isnan(out)
    if correction == "bonferroni":
        out[defined] = np.minimum(1, out[defined] * defined.sum())
    elif correction == "benjamini-hochberg" and defined.any():
        out[defined] = false_discovery_control(out[defined], method="bh")
    return out

"""Variance of a score whose conditions and subjects are both samples."""

from __future__ import annotations

from typing import Any

import numpy as np


def two_factor_variance(
    both: Any, conditions: Any, subjects: Any, n_conditions: int, n_subjects: int
) -> np.ndarray:
    r"""Combine the variances of three bootstraps.

    Resampling both factors at once counts the noise of single measurements three
    times over. With P conditions and R subjects [1]_ estimate

    .. math:: \frac{R}{R-1} v_s + \frac{P}{P-1} v_c
              - \frac{P R}{(P-1)(R-1)} (v_{both} - v_s - v_c)

    which is at least :math:`\frac{R}{R-1} v_s` and :math:`\frac{P}{P-1} v_c`, and at
    most :math:`v_{both}`; bounds that contradict each other give the last.

    Parameters
    ----------
    both, conditions, subjects : array_like
        Variances :math:`v_{both}, v_c, v_s` over bootstrap samples of both factors,
        and of each with the other as it is.
    n_conditions, n_subjects : int
        P and R, at least 2.

    Returns
    -------
    ndarray

    References
    ----------
    .. [1] Schütt, Kipnis, Diedrichsen & Kriegeskorte (2023). Statistical inference on
       representational geometries. eLife 12, e82566.

    Examples
    --------
    >>> round(float(two_factor_variance(0.5, 0.2, 0.1, 20, 5)), 4)
    0.2105
    """
    v_both, v_c, v_s = (np.asarray(v, float) for v in (both, conditions, subjects))
    p, r = n_conditions / (n_conditions - 1), n_subjects / (n_subjects - 1)
    variance = r * v_s + p * v_c - p * r * (v_both - v_s - v_c)
    return np.minimum(np.maximum(variance, np.maximum(r * v_s, p * v_c)), v_both)

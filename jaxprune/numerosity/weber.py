"""Weber's law: how the tuning width grows with number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import linregress

from ..base import checks
from ..plots.record import Record


@dataclass(frozen=True, repr=False)
class Line(Record):
    """Straight line through the sigmas.

    Attributes
    ----------
    slope, intercept : float
        Per item; at 0 items.
    r : float
        Correlation.
    p : float
        Two-sided, of a slope of zero.
    n : int
        Points.
    """

    slope: float
    intercept: float
    r: float
    p: float
    n: int


def sigma_slope(levels: Any, sigma: Any) -> Line:
    """Regression of tuning width on number.

    Weber's law: sigma rises with number on the linear axis, and is constant on the
    logarithmic one.

    Parameters
    ----------
    levels : array_like (k,)
        Numbers, not transformed.
    sigma : array_like (k,)
        `GaussianFits.sigma` of the curves of these preferred numbers; NaN is left out.

    Returns
    -------
    Line

    Raises
    ------
    ValueError
        Shapes that differ, or fewer than 3 widths.

    Examples
    --------
    >>> round(sigma_slope([1, 2, 4, 8], [1.0, 1.5, 2.5, 4.5]).slope, 3)
    0.5
    """
    x = checks.array_of("levels", levels, float)
    y = checks.array_of("sigma", sigma, float)
    defined = np.isfinite(y)
    if x.shape != y.shape or defined.sum() < 3:
        raise ValueError(
            f"levels has shape {x.shape} and sigma {y.shape}; expected the same shape, "
            "with at least 3 widths that are not NaN."
        )
    line: Any = linregress(x[defined], y[defined])
    values = line.slope, line.intercept, line.rvalue, line.pvalue
    return Line(*map(float, values), n=int(defined.sum()))

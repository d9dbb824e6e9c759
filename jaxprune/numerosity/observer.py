"""The observer of number comparisons: a Weber fraction by maximum likelihood."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from ..plots.record import Record
from ._likelihood import Likelihood
from ._ratios import choices, identified, log_ratios

# A likelihood is flat where choices tell less than this share of what they could.
FLAT = 1e-6
# An observer for whom 0.01 % more dots are ten standard deviations makes no errors.
STEEPEST = 1e5


@dataclass(frozen=True, eq=False, repr=False)
class Observer(Record):
    """A fitted observer.

    Attributes
    ----------
    coefficients, standard_errors : dict of str to float
        Of ``"bias"``, ``"number"`` and the other ratios, in probits per doubling. NaN
        where the choices set no limit: see `unbounded`.
    weber : float
        ``1 / (sqrt(2) b_number)``; 0 for an observer without errors, NaN for one who
        does not choose the larger number more often than the smaller.
    weber_error : float
        Standard error of `weber`, by the delta method.
    weber_limits : tuple of float
        Limits of 95 % by the profile likelihood. They hold without errors too; both
        are NaN for an observer who reliably chooses the smaller number.
    log_likelihood : float
    unbounded : tuple of str
        Coefficients for which going further out always fits better.
    guess : float
        Share of trials answered by guessing.
    n_trials : int
    """

    coefficients: dict[str, float]
    standard_errors: dict[str, float]
    weber: float
    weber_error: float
    weber_limits: tuple[float, float]
    log_likelihood: float
    unbounded: tuple[str, ...]
    guess: float
    n_trials: int


def weber_fraction(
    n_left: Any,
    n_right: Any,
    chose_right: Any,
    others: Mapping[str, Any] | None = None,
    *,
    guess: float = 0.01,
) -> Observer:
    r"""Fit the observer of DeWind et al. to choices between two numbers.

    .. math::

        p(\text{right}) = (1 - \gamma) \left[ \Phi\left( b_0 + b_n \log_2 r_n
        + \sum_k b_k \log_2 r_k \right) - \tfrac12 \right] + \tfrac12,
        \qquad w = \frac{1}{\sqrt2 \, b_n}

    with :math:`r` the ratios of right to left.

    Parameters
    ----------
    n_left, n_right : array_like (n_trials,)
        Numbers shown, all above zero. Of a comparison task, ``sample`` and ``test``.
    chose_right : array_like of bool (n_trials,)
        Whether the right one, or the test image, was taken for the larger number.
    others : mapping of str to array_like (n_trials,), optional
        Further ratios of right to left, such as ``{"size": ..., "spacing": ...}``.
    guess : float, default=0.01
        Share of trials :math:`\gamma` answered by guessing, below 1; 0 is a probit
        regression.

    Returns
    -------
    Observer
        With standard errors from the observed information.

    Raises
    ------
    ValueError
        Shapes that differ, numbers or ratios that are not above zero, or ratios that
        cannot be told apart: constant ones, or one that follows from others.

    Warns
    -----
    UserWarning
        If the choices set no upper limit to a coefficient, as those of an observer
        without errors. The limits of the Weber fraction still mean something.

    References
    ----------
    .. [1] DeWind, Adams, Platt, Brannon (2015). Modeling the approximate number system
       to quantify the contribution of visual stimulus features. Cognition 142, 247-265.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> left, right = rng.integers(5, 21, (2, 4000))
    >>> noise = 0.2 * np.sqrt(2) * rng.normal(size=4000)
    >>> chose_right = np.log2(right / left) + noise > 0
    >>> round(weber_fraction(left, right, chose_right, guess=0).weber, 2)
    0.2
    """
    ratios = log_ratios(n_left, n_right, others or {})
    names = ("bias", *ratios)
    if not 0 <= guess < 1:
        raise ValueError(f"guess={guess!r}: expected a share, 0 or more and below 1.")
    x = np.column_stack([np.ones(len(ratios["number"])), *ratios.values()])
    identified(x, names)
    model = Likelihood(x, choices(chose_right, len(x)), guess)
    beta = model.maximum()
    variance = _variances(model.information(beta))
    flat = 1 / variance < FLAT * (2 / np.pi) * (x**2).sum(0)
    unbounded = tuple(names[column] for column in np.flatnonzero(flat))
    if unbounded:
        warnings.warn(
            f"The choices set no limit to the coefficients of {', '.join(unbounded)}: "
            "they are as if made without noise. Use the limits of the Weber fraction, "
            "or add trials with ratios closer to 1.",
            stacklevel=2,
        )
    shown, errors = np.where(flat, np.nan, [beta, np.sqrt(variance)])
    weber = 0.0 if flat[1] and beta[1] > 0 else _weber(shown[1])
    return Observer(
        dict(zip(names, shown.tolist(), strict=True)),
        dict(zip(names, errors.tolist(), strict=True)),
        weber,
        float(weber * errors[1] / shown[1]),
        _limits(model, beta),
        model.value(beta),
        unbounded,
        guess,
        len(x),
    )


def _variances(information: np.ndarray) -> np.ndarray:
    """Diagonal of the inverse; huge, not an error, where there is no information."""
    values, vectors = np.linalg.eigh(information)
    return vectors**2 @ (1 / np.maximum(values, np.finfo(float).tiny))


def _weber(slope: float) -> float:
    """Weber fraction of the coefficient of number."""
    return float(1 / (np.sqrt(2) * slope)) if slope > 0 else float("nan")


def _limits(model: Likelihood, beta: np.ndarray) -> tuple[float, float]:
    """Weber fractions at which the likelihood falls by what 95 % allow."""
    allowed = model.value(beta) - chi2.ppf(0.95, 1) / 2

    def excess(slope: float) -> float:
        return float(model.profile(slope, beta) - allowed)

    best = max(beta[1], 0.0)
    if not best and excess(0) < 0:
        return float("nan"), float("nan")
    steep = best + 1
    while excess(steep) > 0 and steep < STEEPEST:
        steep *= 2

    def crossing(flatter: float, steeper: float) -> float:
        return _weber(brentq(excess, flatter, steeper))  # type: ignore[arg-type]

    low = 0.0 if steep >= STEEPEST else crossing(best, steep)
    high = crossing(0, best) if excess(0) < 0 else float("inf")
    return low, high

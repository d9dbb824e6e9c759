"""Likelihood of yes-no choices of a probit observer who sometimes guesses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """Log likelihood of choices, ``sum log(g / 2 + (1 - g) Phi(sign x beta))``.

    Parameters
    ----------
    x : ndarray (n, p)
        Regressors; the second column is that of number.
    sign : ndarray (n,)
        1 for yes, -1 for no.
    guess : float
    """

    x: np.ndarray
    sign: np.ndarray
    guess: float

    def value(self, beta: np.ndarray) -> float:
        """Log likelihood."""
        return float(self._terms(beta)[0].sum())

    def maximum(self) -> np.ndarray:
        """Coefficients of the largest likelihood, or far out if there are none."""
        return self._climb(np.zeros(self.x.shape[1]), np.ones(self.x.shape[1], bool))

    def profile(self, slope: float, start: np.ndarray) -> float:
        """Largest log likelihood with a given coefficient of number."""
        free = np.arange(len(start)) != 1
        return self.value(self._climb(np.where(free, start, slope), free))

    def information(self, beta: np.ndarray) -> np.ndarray:
        """Observed information, the negative second derivatives ``(p, p)``."""
        _, rate, drive = self._terms(beta)
        return (self.x * (rate * (drive + rate))[:, None]).T @ self.x

    def gradient(self, beta: np.ndarray) -> np.ndarray:
        """First derivatives ``(p,)``."""
        return self.x.T @ (self.sign * self._terms(beta)[1])

    def _terms(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log probability of each choice, its derivative, and the drive towards it."""
        drive = self.sign * (self.x @ beta)
        aware = np.log1p(-self.guess)
        with np.errstate(divide="ignore"):
            guessed = np.log(self.guess / 2)
        log_p = np.logaddexp(guessed, aware + log_ndtr(drive))
        rate = np.exp(aware - drive**2 / 2 - LOG_SQRT_2PI - log_p)
        return log_p, rate, drive

    def _climb(self, start: np.ndarray, free: np.ndarray) -> np.ndarray:
        """Go uphill in the free coefficients, the others staying as they are."""

        def full(part: np.ndarray) -> np.ndarray:
            beta = start.copy()
            beta[free] = part
            return beta

        found = minimize(
            lambda part: -self.value(full(part)),
            start[free],
            jac=lambda part: -self.gradient(full(part))[free],
            hess=lambda part: self.information(full(part))[np.ix_(free, free)],
            method="trust-exact",
            options={"gtol": 1e-8 * len(self.x), "maxiter": 500},
        )
        return full(found.x)

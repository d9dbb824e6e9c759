"""How much of the variance of units a factor of the conditions explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Profile:
    """Variance that a factor explains, mean over units.

    Attributes
    ----------
    factor : str
    kind : str
        ``"numbers"`` (r² of a line) or ``"categories"`` (eta², between categories).
    retained, dropped : float
        Means over the units of each set that vary; NaN where there is none.
    chance, chance_sd : float
        Mean and standard deviation of the same over random sets of as many units as
        were retained, drawn without replacement: exact, from the finite population.
    """

    factor: str
    kind: str
    retained: float
    dropped: float
    chance: float
    chance_sd: float

    @property
    def z(self) -> float:
        """Retained units beside random sets, in standard deviations of these."""
        if not self.chance_sd > 0:
            return float("nan")
        return (self.retained - self.chance) / self.chance_sd


def explained_variance(features: np.ndarray, factor: Any) -> np.ndarray:
    r"""Share of the variance of every unit over conditions that a factor explains.

    :math:`r^2` of a straight line for numbers, and for categories
    :math:`\eta^2 = \sum_c n_c (\bar x_c - \bar x)^2 / \sum_i (x_i - \bar x)^2`.

    Parameters
    ----------
    features : ndarray (n, N)
    factor : array_like (n,)
        Numbers, or text.

    Returns
    -------
    ndarray (N,)
        NaN for units that do not vary.

    Raises
    ------
    ValueError
        If the factor has another length, misses values, or is the same everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
    >>> explained_variance(x, [0, 1, 2, 3]).round(2).tolist()
    [1.0, 0.2]
    >>> explained_variance(x, ["a", "b", "a", "b"]).round(2).tolist()
    [0.2, 1.0]
    """
    basis = _basis(np.asarray(factor), len(features))
    centred = features - features.mean(0, dtype=float)
    total = np.einsum("ij,ij->j", centred, centred)
    size = np.abs(features).max(0)
    varies = total > len(features) * (1e-12 * size) ** 2
    between = np.sum((basis.T @ centred) ** 2, axis=0)
    return np.divide(between, total, out=np.full(len(total), np.nan), where=varies)


def profiles(
    features: np.ndarray, mask: np.ndarray, factors: Mapping[str, Any]
) -> list[Profile]:
    """Profile of the retained units for every factor.

    Parameters
    ----------
    features : ndarray (n, N)
    mask : ndarray of bool (N,)
        Units that were retained.
    factors : mapping of str to array_like (n,)

    Returns
    -------
    list of Profile

    Raises
    ------
    ValueError
        As for `explained_variance`; the message names the factor.
    """
    found = []
    for name, factor in factors.items():
        try:
            share = explained_variance(features, factor)
        except ValueError as error:
            raise ValueError(f"factors[{name!r}]: {error}") from None
        defined = np.isfinite(share)
        retained, dropped = share[defined & mask], share[defined & ~mask]
        every, m = share[defined], len(retained)
        deviation = np.nan
        if m and len(every) > 1:
            left = (len(every) - m) / (len(every) - 1)
            deviation = float(np.sqrt(every.var() / m * left))
        kind = "numbers" if _numeric(np.asarray(factor)) else "categories"
        own, others, chance = (
            float(some.mean()) if len(some) else np.nan
            for some in (retained, dropped, every)
        )
        found.append(Profile(name, kind, own, others, chance, deviation))
    return found


def _numeric(factor: np.ndarray) -> bool:
    return factor.dtype.kind in "iuf"


def _basis(factor: np.ndarray, n: int) -> np.ndarray:
    """Orthonormal columns, orthogonal to the mean: what the factor may explain."""
    if factor.shape != (n,):
        raise ValueError(
            f"shape {factor.shape}; expected one value for each of {n} conditions."
        )
    if _numeric(factor):
        values = factor.astype(float)
        if not np.isfinite(values).all():
            missing = int((~np.isfinite(values)).sum())
            raise ValueError(f"{missing} values are NaN or infinite; give every one.")
        line = values - values.mean()
        length = np.linalg.norm(line)
        if not length > 1e-12 * np.abs(values).max(initial=0):
            raise ValueError("all values are the same; expected some that differ.")
        return (line / length)[:, None]
    names, place, counts = np.unique(factor, return_inverse=True, return_counts=True)
    if not 1 < len(names) < n:
        raise ValueError(
            f"{len(names)} categories for {n} conditions; expected at least two, and "
            "one with several conditions."
        )
    indicator = np.zeros((n, len(names)))
    indicator[np.arange(n), place] = 1 / np.sqrt(counts[place])
    # Centred units are orthogonal to the constant that these columns also span.
    return indicator

"""The research script's way: every RDM anew. What its worker processes run.

NumPy and SciPy only, so that a worker starts quickly. Written by us from a description
of what the published script does.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np

Fits = tuple[list[float], float]


def fit(x: np.ndarray, target: np.ndarray, pairs: Any, compare: str) -> float:
    """Comparison of the correlation RDM of `x` with the target's pairs."""
    rdm = (1 - np.corrcoef(x))[pairs]
    if compare == "spearman":
        from scipy.stats import spearmanr

        result: Any = spearmanr(rdm, target)
        return float(result.statistic)
    return float(np.corrcoef(rdm, target)[0, 1])


def without(
    x: np.ndarray, target: np.ndarray, units: np.ndarray, compare: str = "pearson"
) -> Fits:
    """Fits without each of some units, and the seconds it took."""
    return _fits(
        len(x), (np.delete(x, unit, axis=1) for unit in units), target, compare
    )


def prefixes(
    x: np.ndarray, target: np.ndarray, sizes: np.ndarray, order: np.ndarray
) -> Fits:
    """Fits of the first units of an order, and the seconds it took."""
    return _fits(len(x), (x[:, order[:size]] for size in sizes), target, "pearson")


def _fits(
    n: int, layers: Iterable[np.ndarray], target: np.ndarray, compare: str
) -> Fits:
    pairs = np.triu_indices(n, 1)
    start = time.perf_counter()
    with np.errstate(invalid="ignore", divide="ignore"):
        fits = [fit(layer, target, pairs, compare) for layer in layers]
    return fits, time.perf_counter() - start


def warm_up(seconds: float) -> None:
    """Start a worker, with what it will need imported."""
    import scipy.stats  # noqa: F401

    np.corrcoef(np.eye(8))
    # Long enough for every other worker to take one of these tasks too.
    time.sleep(seconds)

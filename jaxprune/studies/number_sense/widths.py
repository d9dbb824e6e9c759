"""How wide curves are, on four axes of number."""

from __future__ import annotations

import numpy as np

from ...numerosity import AXES, fit_gaussians, sigma_slope


def widths(levels: np.ndarray, curves: np.ndarray, kind: str) -> dict[str, np.ndarray]:
    """Gaussians fitted to curves that run from 0 to 1.

    Returns
    -------
    dict of ndarray (4, n_curves)
        ``<kind>_sigma`` and ``<kind>_r2``, by axis.
    """
    fits = [fit_gaussians(levels, curves, axis) for axis in AXES]
    return {
        f"{kind}_sigma": np.stack([fit.sigma for fit in fits]),
        f"{kind}_r2": np.stack([fit.r2 for fit in fits]),
    }


def scaled(curves: np.ndarray) -> np.ndarray:
    """Rows from 0 to 1; NaN for rows that are flat, or not complete.

    >>> scaled(np.array([[2.0, 4.0, 3.0], [1.0, 1.0, 1.0]]))
    array([[0. , 1. , 0.5], [nan, nan, nan]])
    """
    low, high = curves.min(1, keepdims=True), curves.max(1, keepdims=True)
    return (curves - low) / np.where(high > low, high - low, np.nan)


def slope(levels: np.ndarray, sigma: np.ndarray) -> float:
    """Growth of sigma per item; NaN with fewer than 3 curves.

    >>> slope(np.array([1, 2, 4, 8]), np.array([1.0, 1.5, 2.5, 4.5]))
    0.5
    """
    if np.isfinite(sigma).sum() < 3:
        return float("nan")
    return sigma_slope(levels, sigma).slope

"""Which units are tuned to number, to which, and how widely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...numerosity import (
    AXES,
    RULES,
    CellMoments,
    cell_moments,
    fit_gaussians,
    preferred,
    sigma_slope,
    tuning_curves,
)

COUNTED = ("nasr", "kim_strict", "non_selective")


@dataclass(frozen=True, eq=False)
class Units:
    """Units of a layer, by what they respond to.

    Attributes
    ----------
    selective, non_selective : ndarray of int
        To number and not to the set; to the set and not to number.
    others : ndarray of int
        As many as the selective ones, or all there are, drawn from all other units
        that respond to images in more than one way.
    prefer : ndarray of int (n_selective,)
        Which number each selective unit prefers.
    """

    selective: np.ndarray
    non_selective: np.ndarray
    others: np.ndarray
    prefer: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        """Units whose responses to single images are needed."""
        return np.concatenate([self.selective, self.non_selective, self.others])

    def split(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Responses of `kept`, by kind: selective, non-selective, others."""
        first, second = len(self.selective), len(self.non_selective)
        selective, non_selective, others = np.split(x, [first, first + second], axis=1)
        return selective, non_selective, others


def classify(cells: CellMoments, seed: int) -> tuple[Units, dict[str, Any]]:
    """Apply the rules to all units of a layer.

    Returns
    -------
    units : Units
    dict
        ``n_units``, ``n_constant``, and ``n_<rule>``, the number of units of each;
        ``levels``; ``preferring``, the histogram of preferred numbers of selective
        units; ``curves`` and ``curves_se``, as the papers have them: preference and
        curve are of the same images; ``tuning_sigma`` and ``tuning_r2`` of these.
    """
    masks = {rule: RULES[rule](cells).mask for rule in COUNTED}
    constant, prefer = cells.constant(), preferred(cells)
    selective = np.flatnonzero(masks["nasr"])
    rest = np.flatnonzero(~masks["nasr"] & ~constant)
    rng = np.random.default_rng(seed)
    others = rng.choice(rest, min(len(rest), len(selective)), replace=False)
    units = Units(
        selective,
        np.flatnonzero(masks["non_selective"]),
        np.sort(others),
        prefer[selective],
    )
    tuning = tuning_curves(cells, selective)
    return units, {
        "n_units": cells.n_units,
        "n_constant": int(constant.sum()),
        **{f"n_{rule}": int(mask.sum()) for rule, mask in masks.items()},
        "levels": tuning.levels,
        "preferring": tuning.n_units,
        "curves": tuning.curves,
        "curves_se": tuning.se,
        **widths(tuning.levels, tuning.curves, "tuning"),
    }


def held_out(
    units: Units, selective: np.ndarray, factors: dict[str, np.ndarray]
) -> dict[str, Any]:
    """Curves of the selective units for images that played no part in choosing them.

    Returns
    -------
    dict
        ``prefer_r``, the correlation of preferred numbers between both sets of images;
        ``held_out``, ``held_out_se``, ``held_out_sigma`` and ``held_out_r2``.
    """
    cells = cell_moments(selective, factors)
    tuning = tuning_curves(cells, prefer=units.prefer)
    again = preferred(cells)
    ranks = np.stack([units.prefer, again])[:, again >= 0]
    defined = ranks.shape[1] > 1 and (np.ptp(ranks, 1) > 0).all()
    r = float(np.corrcoef(tuning.levels[ranks])[0, 1]) if defined else None
    return {
        "prefer_r": r,
        "held_out": tuning.curves,
        "held_out_se": tuning.se,
        **widths(tuning.levels, tuning.curves, "held_out"),
    }


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

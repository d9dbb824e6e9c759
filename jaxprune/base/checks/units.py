"""Units by mask, by order, by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import array_of, numeric


def masks(value: Any, n_units: int) -> np.ndarray:
    """Boolean ``(n_masks, n_units)``."""
    array = array_of("masks", value)
    if array.ndim != 2 or array.shape[1] != n_units:
        raise ValueError(
            f"masks has shape {array.shape}; expected (n_masks, {n_units}): one column "
            "per unit of features. A single mask is masks[None]."
        )
    if not len(array):
        raise ValueError(f"masks has shape {array.shape}: there is no mask to score.")
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"masks holds values other than 0 and 1 (dtype {array.dtype}); expected "
            "booleans, True for the units kept. Unit indices become a mask with "
            "np.isin(np.arange(n_units), indices)."
        )
    return array.astype(bool)


def order(value: Any, n_units: int, n_targets: int) -> np.ndarray:
    """A permutation of the units, ``(N,)``, or one per target, ``(k, N)``."""
    array = array_of("order", value)
    shapes = [(n_units,), (n_targets, n_units)]
    if array.shape not in shapes or array.dtype.kind not in "iu":
        raise ValueError(
            f"order has shape {array.shape} and dtype {array.dtype}; expected integers "
            f"of shape ({n_units},), every unit once, most important first"
            + (
                f", or ({n_targets}, {n_units}), one order per target."
                * (n_targets > 1)
            )
        )
    rows = np.sort(np.atleast_2d(array), axis=1)
    if not (rows == np.arange(n_units)).all():
        raise ValueError(
            f"order is not a permutation of the units 0..{n_units - 1}: every unit has "
            "to appear exactly once (units counted from 0)."
        )
    return array


def per_unit(name: str, values: np.ndarray, n_units: int) -> None:
    """One finite number for each unit."""
    numeric(name, values)
    if values.shape != (n_units,):
        raise ValueError(
            f"{name} has shape {values.shape}; expected ({n_units},), one value for "
            "each unit of features."
        )
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"{name} is NaN or infinite for {len(bad)} unit(s), the first of them unit "
            f"{bad[0]} (counted from 0); expected numbers to order units by."
        )


def sizes(value: Any, n_units: int) -> np.ndarray:
    """Increasing numbers of units ``(S,)``: all, a grid of about so many, or given.

    >>> sizes("all", 4), sizes(4, 100)
    (array([1, 2, 3, 4]), array([  1,   5,  22, 100]))
    """
    if value is None or (isinstance(value, str) and value == "all"):
        return np.arange(1, n_units + 1)
    array = array_of("sizes", value)
    if array.ndim == 0 and array.dtype.kind in "iu" and array >= 2:
        # Equal steps of the logarithm; small sizes that round to the same are one.
        if array >= n_units:
            return np.arange(1, n_units + 1)
        return np.unique(np.rint(np.geomspace(1, n_units, int(array))).astype(np.int64))
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise ValueError(
            f"sizes={_brief(value)}: expected whole numbers of units, increasing, such "
            f"as np.arange(20, {n_units + 1}, 20); or one number from 2, of sizes on a "
            "grid; or 'all'."
        )
    array = array.astype(np.int64)
    if array[0] < 1 or array[-1] > n_units or (np.diff(array) < 1).any():
        raise ValueError(
            f"sizes runs from {array.min()} to {array.max()}; expected increasing "
            f"numbers of units from 1 to {n_units}, each once. Sort other numbers with "
            "np.unique(sizes)."
        )
    return array


def _brief(value: Any) -> str:
    """A value if it is short, else its shape and dtype."""
    array = np.asarray(value)
    if array.ndim == 0:
        return repr(value)
    return f"an array of shape {array.shape} and dtype {array.dtype}"

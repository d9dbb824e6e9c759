"""Target RDMs: shape, symmetry, something to compare with."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import n_conditions
from .arrays import array_of


def target_shape(target: np.ndarray, n: int) -> None:
    """Square, condensed, or a stack of either."""
    pairs = n * (n - 1) // 2
    square = target.ndim < 2 or target.shape[-1] == target.shape[-2]
    condensed = target.ndim == 2 and target.shape[1] == pairs
    if target.ndim in (1, 2, 3) and (square or condensed) and target.size:
        return
    raise ValueError(
        f"target has shape {target.shape}; expected a square RDM ({n}, {n}), a "
        f"condensed one ({pairs},), or a stack of at least one, (k, {n}, {n}) or "
        f"(k, {pairs})."
    )


def same_conditions(found: int, n: int) -> None:
    """As many conditions in the target as in the features."""
    if found != n:
        raise ValueError(
            f"target has {found} conditions but features has {n} rows: both need the "
            "same conditions in the same order."
        )


def condensed_target(vectors: np.ndarray, n: int) -> None:
    """Length and finiteness of condensed targets ``(k, P)``."""
    try:
        found = n_conditions(vectors.shape[1])
    except ValueError:
        raise ValueError(
            f"target is a condensed vector of length {vectors.shape[1]}, which is not "
            f"n (n - 1) / 2 for any n; {n} conditions need {n * (n - 1) // 2} pairs."
        ) from None
    same_conditions(found, n)
    if np.isinf(vectors).any():
        raise ValueError(
            f"target contains infinity in {int(np.isinf(vectors).sum())} pair(s); "
            "expected numbers, with NaN for missing pairs."
        )


def comparable(name: str, values: np.ndarray, constant: bool) -> None:
    """Something to compare with in the dissimilarities kept of one target."""
    if not len(values):
        raise ValueError(
            f"{name} is NaN in every pair: nothing is left to compare with. Check "
            "which matrix was loaded."
        )
    if constant:
        raise ValueError(
            f"{name} is constant ({values[0]:g}) over the {len(values)} pair(s) kept, "
            "so no RDM can be compared with it. Check which matrix was loaded."
        )
    if len(values) < 3:
        raise ValueError(
            f"{name} has only {len(values)} pair(s) that are not NaN; at least 3 are "
            "needed to compare RDMs."
        )


def triplets(value: Any, n: int) -> np.ndarray:
    """Numbers of three different conditions in each row ``(T, 3)``."""
    array = array_of("triplets", value)
    if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind not in "iu":
        raise ValueError(
            f"triplets has shape {array.shape} and dtype {array.dtype}; expected "
            "integers (T, 3): numbers of conditions, the odd one out last."
        )
    if not len(array):
        raise ValueError("triplets has no row; expected at least one choice.")
    low, high = array.min(), array.max()
    if low < 0 or high >= n:
        raise ValueError(
            f"triplets runs from {low} to {high}; expected numbers of the {n} "
            f"conditions of features, 0 to {n - 1}."
        )
    twice = np.flatnonzero((array == np.roll(array, 1, axis=1)).any(1))
    if len(twice):
        raise ValueError(
            f"triplets names a condition twice in {len(twice)} row(s), the first of "
            f"them row {twice[0]} (counted from 0); expected three different ones."
        )
    return array.astype(np.int32)


def square_target(target: np.ndarray, kind: str) -> None:
    """Symmetry and diagonal of square targets ``(k, n, n)``."""
    # Symmetric up to the rounding of a file or of float32.
    scale = np.max(np.abs(target), initial=0.0, where=np.isfinite(target))
    mirrored = np.swapaxes(target, 1, 2)
    different = ~np.isclose(target, mirrored, rtol=0, atol=1e-6 * scale, equal_nan=True)
    if different.any():
        if half := _triangle(target):
            raise ValueError(
                f"target holds its {half} triangle only; the other one is zero or NaN. "
                "Fill it: target = np.fmax(target, target.T) where it is NaN, target + "
                "target.T where it is zero, less the diagonal if that is not zero."
            )
        which, i, j = (int(axis[0]) for axis in np.nonzero(different))
        raise ValueError(
            f"target is not symmetric: target[{i}, {j}] = {target[which, i, j]:g} but "
            f"target[{j}, {i}] = {target[which, j, i]:g}. Pass a symmetric RDM, or "
            "average it with its transpose if that is what you mean."
        )
    diagonal = np.diagonal(target, axis1=1, axis2=2)
    if (
        kind == "dissimilarity"
        and (np.abs(np.nan_to_num(diagonal)) > 1e-6 * scale).any()
    ):
        raise ValueError(
            "target has a non-zero diagonal, so it is not a matrix of dissimilarities "
            f"(diagonal runs from {np.nanmin(diagonal):g} to {np.nanmax(diagonal):g}). "
            "Pass target_kind='similarity' if it holds similarities, or set the "
            "diagonal to 0."
        )


def _triangle(target: np.ndarray) -> str:
    """Which triangle of square targets is the only one that holds anything."""
    nothing = np.isnan(target) | (target == 0)
    i, j = np.triu_indices(target.shape[-1], 1)
    upper, lower = (bool(nothing[:, a, b].all()) for a, b in ((i, j), (j, i)))
    return "upper" if lower and not upper else "lower" if upper and not lower else ""

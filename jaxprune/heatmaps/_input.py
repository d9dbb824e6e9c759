"""Checks of what is given to the functions of heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base import checks
from ..comparisons import ALIASES

# Metrics and comparisons that a single row of an RDM has.
METRICS = ("correlation", "cosine", "euclidean", "sqeuclidean")
COMPARISONS = ("pearson", "spearman", "cosine", "tau-a", "tau-b", "rho-a")


def check_names(metric: str, compare: str) -> None:
    """Metric and comparison that a single row of an RDM has; ValueError otherwise."""
    checks.choice("metric", metric, METRICS)
    checks.choice("compare", ALIASES.get(compare, compare), COMPARISONS)


def as_image(image: Any) -> jax.Array:
    array = image if isinstance(image, jax.Array) else checks.array_of("image", image)
    checks.numeric("image", array)
    if array.ndim != 3 or array.dtype.kind in "biu":
        raise ValueError(
            f"image has shape {array.shape} and dtype {array.dtype}; expected one "
            "preprocessed image, floats of shape (height, width, channels)."
        )
    if not np.isfinite(np.asarray(array)).all():
        raise ValueError("image contains NaN or infinity; expected numbers.")
    return jnp.asarray(array)


def check_sizes(
    shape: tuple[int, ...], sizes: Sequence[int], stride: int
) -> tuple[int, ...]:
    """Sizes of the squares as a tuple; ValueError if they do not suit the image."""
    sides = np.atleast_1d(sizes)
    for name, value in (("sizes", sides), ("stride", np.asarray(stride))):
        if value.dtype.kind not in "iu" or not value.size or value.min() < 1:
            raise ValueError(
                f"{name}={sizes if name == 'sizes' else stride!r}: expected whole "
                "numbers of pixels, at least 1."
            )
    height, width, _ = shape
    largest = max(*sides, stride)
    if largest >= min(height, width):
        raise ValueError(
            f"sizes={sides.tolist()} and stride={stride}: a square of {largest} pixels "
            f"is as wide or high as the image, {width} x {height}; give smaller ones "
            "(the usual 24 to 56 by steps of 4 are for images of 224)."
        )
    return tuple(sides.tolist())


def as_conditions(others: Any, target_row: Any) -> tuple[np.ndarray, np.ndarray]:
    """Features and dissimilarities of the other conditions that the target has."""
    features = checks.array_of("others", others)
    row = checks.array_of("target_row", target_row)
    checks.numeric("others", features)
    checks.numeric("target_row", row)
    if features.ndim != 2 or row.shape != features.shape[:1]:
        raise ValueError(
            f"others has shape {features.shape} and target_row {row.shape}; expected "
            "(n - 1, units) and (n - 1,): the conditions other than that of the image."
        )
    if not np.isfinite(features).all():
        raise ValueError("others contains NaN or infinity; expected numbers.")
    row = row.astype(np.float64)
    if np.isinf(row).any():
        raise ValueError("target_row contains infinity; NaN is a missing pair.")
    present = ~np.isnan(row)
    kept = row[present]
    checks.comparable("target_row", kept, bool((kept == kept[:1]).all()))
    return features[present].astype(np.float64), kept


def as_units(name: str, units: Any, n_units: int) -> np.ndarray | None:
    """Indices of units; None for all."""
    if units is None:
        return None
    index = checks.array_of(name, units)
    if index.dtype == bool and index.shape == (n_units,):
        index = np.flatnonzero(index)
    if (
        index.ndim != 1
        or not index.size
        or index.dtype.kind not in "iu"
        or index.min() < 0
        or index.max() >= n_units
    ):
        raise ValueError(
            f"{name}: expected indices of units from 0 to {n_units - 1}, at least one, "
            f"or a mask of shape ({n_units},); got {index.dtype} of shape "
            f"{index.shape}{f', {index.min()} to {index.max()}' if index.size else ''}."
        )
    return index.astype(np.int32)


def check_response(values: Any, batch: int, n_units: int) -> None:
    if np.shape(values) != (batch, n_units):
        raise ValueError(
            f"respond returned shape {np.shape(values)} for {batch} images; expected "
            f"({batch}, {n_units}): a row for each image, with the units of others."
        )


def check_baseline(name: str, score: float) -> None:
    if np.isnan(score):
        raise ValueError(
            f"image: its score over the units of {name!r} is undefined: it has no "
            "pattern there (the same response of all units, or NaN), or the same "
            "dissimilarity to all other conditions. Give more units, or leave the "
            "image out."
        )

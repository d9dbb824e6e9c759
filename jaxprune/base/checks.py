"""Every check of user input, once, with its message.

A message names the argument, says what arrived and what was expected, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arrays import n_conditions

# Three conditions have three pairs, the fewest that a correlation is made of.
FEWEST = 3


def choice(name: str, value: Any, allowed: Sequence[str]) -> str:
    """One of a set of words."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name}={value!r} is not known; choose from {list(allowed)}.")
    return value


def positive_or_none(name: str, value: Any) -> int | None:
    """A whole number of at least 1, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(
            f"{name}={value!r}: expected a whole number of at least 1, or None to let "
            "it follow from the memory available."
        )
    return int(value)


# What a message says where the units in question are those of another process.
ELSEWHERE = "in the units of another process, which says where"


def _places(bad: np.ndarray, first: int = 0) -> str:
    """Where something is, in units counted from `first`; maybe in another process."""
    names = ("fold", "condition", "unit")[-bad.ndim :]
    places = np.argwhere(bad) + [*[0] * (bad.ndim - 1), first]
    if not len(places):
        return ELSEWHERE
    listed = (zip(names, place, strict=True) for place in places[:5])
    text = ", ".join(
        f"({', '.join(f'{name} {index}' for name, index in one)})" for one in listed
    )
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return f"{len(places)} at {text}{more}"


def together(name: str, several: bool) -> None:
    """What needs all units in one place."""
    if several:
        raise ValueError(
            f"{name} is given for pairs of units, whose contributions depend on each "
            "other: they cannot be shared among devices. Leave devices=None, or give "
            f"{name} as one number a unit."
        )


def numeric(name: str, array: Any) -> None:
    """A real numeric dtype."""
    dtype = np.dtype(array.dtype)
    if dtype.type is np.void and dtype.names is None:
        raise ValueError(
            f"{name} has dtype {dtype}, as NumPy shows numbers that it does not know, "
            f"such as bfloat16 from a file; expected real numbers. Of bfloat16: {name}"
            ".view(ml_dtypes.bfloat16).astype(np.float32)."
        )
    # "V" is how NumPy sees bfloat16 of ml_dtypes, which jax arrays may have.
    if dtype.kind not in "fiubV" or dtype.names is not None:
        raise ValueError(
            f"{name} has dtype {array.dtype}; expected real numbers. Convert it, e.g. "
            f"with np.asarray({name}, dtype=np.float32)."
        )


def beyond_float64(array: Any) -> int:
    """The largest size of integers where float64 drops digits of it; else 0."""
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8 or not array.size:
        return 0
    largest = max(-int(array.min()), int(array.max()))
    return largest if largest > 2**53 else 0


def whole_numbers(name: str, array: Any) -> None:
    """Integers that float64 holds exactly."""
    if largest := beyond_float64(array):
        raise ValueError(
            f"{name} holds integers as large as {largest}, of which float64 drops the "
            f"last digits (beyond 2**53); expected smaller ones. Subtract what they "
            f"have in common first: {name} - {name}.min()."
        )


def unmasked(name: str, array: Any) -> None:
    """No masked array: its fill values would become data."""
    if np.ma.isMaskedArray(array):
        raise ValueError(
            f"{name} is a masked array, whose mask would be ignored. Missing pairs of "
            "a target are NaN: pass target.filled(np.nan); features cannot have "
            "missing values."
        )


def array_of(name: str, value: Any, dtype: Any = None) -> np.ndarray:
    """An array of what was given: not masked, not ragged; of a dtype, if one is asked.

    >>> array_of("sigma", ["wide"], float)
    Traceback (most recent call last):
    ValueError: sigma has dtype <U4; expected real numbers. Convert it, e.g. with ...
    """
    unmasked(name, value)
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} is a list whose rows differ in length; expected an array."
        ) from None
    if dtype is None:
        return array
    if array.dtype == object:
        # Of Python's numbers, maybe with None for a missing one.
        try:
            return array.astype(dtype)
        except (TypeError, ValueError):
            pass
    numeric(name, array)
    return array.astype(dtype)


def labels_of(name: str, value: Any) -> np.ndarray:
    """One number or text for each, none of them missing."""
    array = array_of(name, value)
    kinds = {type(entry) for entry in array.ravel().tolist()}
    missing = [entry for entry in array.ravel().tolist() if entry is None]
    bad = [entry for entry in array.ravel().tolist() if entry != entry]
    if missing or bad or (str in kinds and len(kinds) > 1):
        raise ValueError(
            f"{name} holds {len(missing) + len(bad)} missing values, of the kinds "
            f"{sorted(kind.__name__ for kind in kinds)}; expected one number, or one "
            "text, for each, and none missing."
        )
    return array


def features(x: Any, min_units: int, folded: bool = False) -> None:
    """Shape and dtype of ``(n_conditions, n_units)``, of several folds if `folded`."""
    numeric("features", x)
    if folded and (x.ndim != 3 or len(x) < 2):
        raise ValueError(
            f"features has shape {x.shape}; metric='crossnobis' takes (folds, "
            "n_conditions, n_units): at least 2 independent measurements of every "
            "condition, np.stack([first, second]). With one there is "
            "metric='mahalanobis' or 'sqeuclidean'."
        )
    if not folded and x.ndim != 2:
        hint = (
            "Flatten each condition to a row: features.reshape(len(features), -1)."
            if x.ndim > 2
            else "One row per condition, one column per unit."
        )
        raise ValueError(
            f"features has {x.ndim} dimension(s), shape {x.shape}; expected "
            f"(n_conditions, n_units). {hint}"
        )
    n, n_units = x.shape[-2:]
    if n < 3:
        raise ValueError(
            f"features has {n} condition(s), shape {x.shape}; at least 3 are needed to "
            "compare RDMs. Rows are conditions: transpose if yours are columns."
        )
    if n_units < min_units:
        raise ValueError(
            f"features has {n_units} unit(s), shape {x.shape}; at least {min_units} "
            f"{'is' if min_units == 1 else 'are'} needed. Columns are units."
        )


def finite(x: Any, low: np.ndarray, high: np.ndarray, first: int = 0) -> None:
    """No NaN, no infinity; `low` and `high` are the extremes of each row.

    `first` is the number of the first unit of x.
    """
    if np.isfinite(low).all() and np.isfinite(high).all():
        return
    bad = ~np.isfinite(np.asarray(x, float))
    raise ValueError(
        f"features contains NaN or infinity: {_places(bad, first)} (counted from 0). "
        "Remove those conditions or units, or replace the values."
    )


def non_negative(x: Any, low: np.ndarray, first: int = 0) -> None:
    """No negative number; `low` is the smallest of each row."""
    if (low < 0).any():
        raise ValueError(
            f"features is negative: {_places(np.asarray(x) < 0, first)} (counted "
            "from 0), but "
            "metric='poisson' takes counts or rates. Pass responses from before a "
            "baseline was subtracted, or after a rectifier; or use another metric."
        )


def noise_wanted(metric: str, wants: str, given: bool) -> None:
    """Noise where a metric takes it, and nowhere else."""
    if given and wants == "none":
        raise ValueError(
            f"noise was given with metric={metric!r}, which takes none. Leave it out, "
            "or use metric='mahalanobis', or 'crossnobis'."
        )
    if not given and wants == "required":
        raise ValueError(
            f"noise=None with metric={metric!r}; expected the precision of the noise "
            "of the units, (n_units,) or (n_units, n_units), one over their variances "
            "for example. Without noise it is metric='sqeuclidean'."
        )


def noise(value: Any, n_units: int) -> np.ndarray:
    """A precision in float64: positive ``(N,)``, or positive definite ``(N, N)``."""
    array = array_of("noise", value)
    numeric("noise", array)
    array = array.astype(np.float64)
    if array.shape not in [(n_units,), (n_units, n_units)]:
        raise ValueError(
            f"noise has shape {array.shape}; expected the precision of {n_units} "
            f"units, ({n_units},) if their noise is independent, else "
            f"({n_units}, {n_units})."
        )
    diagonal = array if array.ndim == 1 else np.diagonal(array)
    bad = np.flatnonzero(~(diagonal > 0) | ~np.isfinite(diagonal))
    if len(bad):
        listed = ", ".join(f"{unit} ({diagonal[unit]:g})" for unit in bad[:5])
        raise ValueError(
            f"noise is not a positive, finite precision for {len(bad)} unit(s): "
            f"{listed} (counted from 0). It is one over a variance: drop units without "
            "any variance, or add a small one."
        )
    if array.ndim == 1:
        return array
    if not np.isfinite(array).all():
        raise ValueError(
            f"noise has {int((~np.isfinite(array)).sum())} entries that are NaN or "
            "infinite; expected a precision matrix."
        )
    # Symmetric up to the rounding of a file, or of the inverse it comes from.
    scale = np.multiply.outer(np.sqrt(diagonal), np.sqrt(diagonal))
    if (np.abs(array - array.T) > 1e-6 * scale).any():
        raise ValueError(
            "noise is not symmetric; expected a precision matrix, the inverse of a "
            "covariance. Of one that is close to singular the inverse is round-off: "
            "shrink it towards its diagonal first. Otherwise average noise with its "
            "transpose, if that is what you mean."
        )
    array = array / 2 + array.T / 2
    try:
        np.linalg.cholesky(array / scale)
    except np.linalg.LinAlgError:
        raise ValueError(
            "noise is not positive definite, so it is no inverse of a covariance. A "
            "covariance estimated from fewer measurements than units has none: shrink "
            "it towards its diagonal first."
        ) from None
    return array


def constant_conditions(rows: np.ndarray, centred: bool) -> None:
    """Refuse patterns `rows` that have no similarity to any other."""
    if not len(rows):
        return
    listed = ", ".join(str(row) for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    what = "is constant over all units" if centred else "is zero in all units"
    raise ValueError(
        f"features {what} for condition(s) {listed}{more} (counted from 0), so their "
        "similarity to any other condition is undefined. Remove those conditions from "
        "features and target, or pass undefined='zero' to count such similarities as "
        "0, or use a Euclidean metric."
    )


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


def each_finite(name: str, values: np.ndarray, each: str = "condition") -> None:
    """One finite number for each condition."""
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"{name} is NaN or infinite for {len(bad)} {each}(s), the first of them "
            f"{each} {bad[0]} (counted from 0); expected a number for each."
        )


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


def whole(name: str, value: Any, least: int) -> int:
    """A whole number, not below `least`."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | np.integer)
        or value < least
    ):
        raise ValueError(
            f"{name}={value!r}: expected a whole number of at least {least}."
        )
    return int(value)

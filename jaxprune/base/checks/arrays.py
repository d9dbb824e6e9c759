"""What becomes an array: of real numbers, whole, not masked, nothing missing."""

from __future__ import annotations

from typing import Any

import numpy as np


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
    entries = array.ravel().tolist()
    kinds = {type(entry) for entry in entries}
    missing = sum(entry is None or entry != entry for entry in entries)
    if missing or (str in kinds and len(kinds) > 1):
        raise ValueError(
            f"{name} holds {missing} missing values, of the kinds "
            f"{sorted(kind.__name__ for kind in kinds)}; expected one number, or one "
            "text, for each, and none missing."
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

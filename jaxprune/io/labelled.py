"""An array with the labels of its conditions, and the rules for reading labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

# An array under one of these names (in any case) labels the conditions.
LABEL_NAMES = ("labels", "conditions", "condition_labels")


class InputError(ValueError):
    """A file or array that cannot be used; the message says what to do about it."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """An array, the labels of its conditions, and where both came from.

    Attributes
    ----------
    values : ndarray, or a dataset of HDF5 or zarr
        Features ``(n, N)`` or ``(folds, n, N)``, or a target: square ``(n, n)``,
        condensed ``(P,)``, or a stack ``(k, n, n)`` or ``(k, P)``, where
        ``P = n (n - 1) / 2``; or noise ``(N,)`` or ``(N, N)``.
    labels : tuple of str or None
        One label a condition, in the order of ``values``; None where unknown.
    source : str
        File, key and origin of the labels, for messages and summaries.
    shape : tuple of int or None
        Of the layer that the units of features are, ``(channels, height, width)`` or
        ``(units,)``; None where unknown.
    """

    values: np.ndarray
    labels: tuple[str, ...] | None
    source: str
    shape: tuple[int, ...] | None = None


def is_label_name(name: str) -> bool:
    """Whether the last part of ``name`` is one that labels go under.

    >>> is_label_name("RDM.Labels"), is_label_name("layer/pool5")
    (True, False)
    """
    return name.replace(".", "/").split("/")[-1].lower() in LABEL_NAMES


def as_labels(values: Any, source: str) -> tuple[str, ...]:
    """Turn strings, bytes or whole numbers into a tuple of labels.

    Parameters
    ----------
    values : array_like (n,), (n, 1) or (1, n)
        What a file holds.
    source : str
        Where it came from, for the message.

    Returns
    -------
    tuple of str
        Without surrounding blanks (MATLAB pads character arrays with them).

    Raises
    ------
    InputError
        If the labels are neither text nor numbers, or not in one row.

    Examples
    --------
    >>> as_labels([b"cat ", b"dog "], "here"), as_labels([1.0, 2.0], "here")
    (('cat', 'dog'), ('1', '2'))
    """
    array = np.asarray(values)
    if array.size != max(array.shape, default=1):
        raise InputError(
            f"{source}: labels have shape {array.shape}; expected one label a "
            "condition, shape (n,)."
        )
    if array.dtype.kind not in "OUSTiufb":
        raise InputError(
            f"{source}: labels have dtype {array.dtype}; expected text or numbers."
        )
    return tuple(_text(value) for value in array.ravel().tolist())


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    # MATLAB keeps whole numbers as doubles: 3.0 and 3 are the same condition.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return composed(str(value)).strip()


def composed(text: str) -> str:
    """Write accented letters as one character each (NFC).

    Names of files that come from a Mac have two, a letter and its accent: without
    this, labels that look the same would differ.
    """
    return unicodedata.normalize("NFC", text)


def some(items: Iterable[Any], limit: int = 4) -> str:
    """Name a few items and say how many more there are.

    >>> some(["a", "b", "c"], limit=2)
    "'a', 'b' and 1 more"
    """
    listed = list(items)
    text = ", ".join(repr(item) for item in listed[:limit])
    return text if len(listed) <= limit else f"{text} and {len(listed) - limit} more"

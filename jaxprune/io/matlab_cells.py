"""What MATLAB's two formats share: objects, and cell arrays as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from .entries import Entry
from .labelled import InputError


def opaque(name: str, kind: str) -> Entry:
    """Return an entry for an object, which MATLAB alone can read; reading it says so.

    Labels are often of class ``string``: passed over, they would leave the order of
    the conditions to be assumed.
    """

    def read() -> np.ndarray:
        raise InputError(
            f"{name} is a MATLAB object of class {kind}, which only MATLAB can read; "
            f"save text as a cell array, {name} = cellstr({name}), and numbers as "
            "an array."
        )

    return Entry((1,), np.dtype(object), read)


def linear_order(cells: Any) -> list[Any]:
    """List nested cells in MATLAB's linear order, columns first.

    >>> linear_order([["a", "b"], ["c", "d"]])
    ['a', 'c', 'b', 'd']
    """
    if isinstance(cells, np.ndarray):
        return cells.ravel(order="F").tolist()
    rows = list(cells)
    if rows and all(isinstance(row, list) for row in rows):
        return [cell for column in zip(*rows, strict=False) for cell in column]
    return rows


def collapse(items: list[Any]) -> np.ndarray | None:
    """Stack cells of one kind: text, or numeric arrays of one shape.

    Returns
    -------
    ndarray or None
        None where the cells have nothing in common.
    """
    if not items:
        return None
    if all(isinstance(item, str) for item in items):
        return np.array(items, dtype=str)
    arrays = [np.asarray(item) for item in items]
    alike = all(a.shape == arrays[0].shape and a.dtype.kind in "biufc" for a in arrays)
    return np.stack(arrays) if alike else None

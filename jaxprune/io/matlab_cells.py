"""What MATLAB's two formats share: objects, and cell arrays as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from .entries import Entry
from .labelled import some


def opaque(name: str, kind: str) -> Entry:
    """Return an entry for an object, which MATLAB alone can read; reading it says so.

    Labels are often of class ``string``: passed over, they would leave the order of
    the conditions to be assumed.
    """
    return Entry.unusable(
        f"{name} is a MATLAB object of class {kind}, which only MATLAB can read; "
        f"save text as a cell array, {name} = cellstr({name}), and numbers as an array."
    )


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


def collapse(items: list[Any], name: str) -> Entry:
    """Stack cells of one kind: text, or numeric arrays of one shape.

    Cells that have nothing in common are an entry that cannot be read, unless each is
    a text or a number: whether these are labels is for the reader of labels to say.
    """
    # '' is an array without entries; a text in a cell of its own is still a text.
    plain = [item if isinstance(item, str) else np.asarray(item) for item in items]
    scalars = [_scalar(item) for item in plain]
    if items and all(isinstance(scalar, str) for scalar in scalars):
        return Entry.of(np.array(scalars, dtype=str))
    if items and None not in scalars and any(isinstance(s, str) for s in scalars):
        array = np.empty(len(items), object)
        array[:] = scalars
        return Entry.of(array)
    arrays = [np.asarray(item) for item in plain]
    first = arrays[0].shape if arrays else ()
    if items and all(a.shape == first and a.dtype.kind in "biufc" for a in arrays):
        return Entry.of(np.stack(arrays))
    kinds = some(sorted({f"{a.dtype.kind}{a.shape}" for a in arrays})) or "no cells"
    return Entry.unusable(
        f"{name} is a cell array whose cells have nothing in common ({kinds}); "
        "expected text in every cell, or arrays of numbers of one shape."
    )


def _scalar(item: Any) -> Any:
    """A cell as a text or a number; None if it is neither."""
    if isinstance(item, str):
        return item
    if item.dtype.kind in "US" and item.size <= 1:
        return str(item.item()) if item.size else ""
    if item.size == 0:
        return ""
    return item.item() if item.size == 1 and item.dtype.kind in "biuf" else None

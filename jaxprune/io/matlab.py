"""MATLAB's ``.mat`` files up to v7; v7.3 files are handed to :mod:`.matlab73`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .entries import Entry, pick, reading
from .labelled import InputError, Labelled

# Fields of what scipy makes of an object: name, system, class, and what refers to it.
OPAQUE = ("s0", "s1", "s2", "arr")


def read_mat(path: Path, key: str | None) -> Labelled:
    """Read one array of a ``.mat`` file, and its labels.

    Parameters
    ----------
    path : Path
        A file of any MATLAB version.
    key : str or None
        Fields are joined by dots, ``RDM.VO2``; of an array of structs, such a key
        means the field of all of them, stacked in MATLAB's linear order.

    Returns
    -------
    Labelled
        Values in MATLAB's orientation.

    Raises
    ------
    InputError
        If the file is damaged, or the key is missing or unknown.
    ImportError
        If the package needed for this version of the format is not installed.
    """
    with path.open("rb") as file:
        start = file.read(520)
    # HDF5's signature comes after a block of 512 bytes that MATLAB fills with text.
    if start.startswith(b"MATLAB 7.3") or b"\x89HDF\r\n\x1a\n" in start:
        from .matlab73 import read_mat73

        return read_mat73(path, key)
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise ImportError(f"reading {path} needs scipy: pip install scipy") from error
    with reading(path):
        try:
            contents = loadmat(path, simplify_cells=True)
        except (MatReadError, NotImplementedError) as error:
            raise ValueError(str(error)) from error
        entries = dict(_flatten(contents, ""))
    return pick(entries, key, path)


def _flatten(value: Any, name: str) -> Iterator[tuple[str, Entry]]:
    """Yield every array of nested structs under its dotted name."""
    if isinstance(value, dict):
        for field, inner in value.items():
            if not field.startswith("__"):
                yield from _flatten(inner, f"{name}.{field}" if name else field)
        return
    if getattr(value, "dtype", np.dtype(object)).names == OPAQUE:
        name = value["s0"].item().decode() or name
        yield name, opaque(name, value["s2"].item().decode())
        return
    if isinstance(value, list) or np.asarray(value).dtype.kind == "O":
        items = [_fields(item) for item in linear_order(value)]
        if items and all(isinstance(item, dict) for item in items):
            for field in items[0]:
                column = [item.get(field) for item in items]
                yield from _flatten(column, f"{name}.{field}")
            return
        value = collapse(items)
    if value is not None:
        yield name, Entry.of(np.asarray(value))


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


def _fields(item: Any) -> Any:
    """Turn a struct that scipy left as one, as in 2-D arrays of them, into a dict."""
    names = getattr(item, "_fieldnames", None)
    return item if names is None else {name: getattr(item, name) for name in names}


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

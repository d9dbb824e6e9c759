"""Arrays and groups of zarr, which are folders that can be read in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .entries import Entry, find, pick, reading
from .labelled import InputError, Labelled, is_label_name


def require_zarr(path: Path) -> Any:
    """Import zarr, or say which file needs it."""
    try:
        import zarr
    except ImportError as error:
        raise ImportError(f"reading {path} needs zarr: pip install zarr") from error
    return zarr


def read_zarr(
    path: Path, key: str | None, labels: str | None = None, *, lazy: bool = False
) -> Labelled:
    """Read an array, or one array of a group, and its labels.

    Parameters
    ----------
    path : Path
        A folder, of format 2 or 3.
    key : str or None
        Path of the array in a group.
    labels : str or None
        Which array or attribute holds the labels; see `~.entries.pick`.
    lazy : bool
        Leave the array where it is, to be read where it is sliced.

    Returns
    -------
    Labelled
        Labels come from an array called ``labels`` beside the array or at the top of
        the group, or from an attribute of that name.

    Raises
    ------
    InputError
        If the folder holds no zarr array, or the key is missing or unknown.
    ImportError
        If zarr is not installed.
    """
    zarr = require_zarr(path)
    with reading(path):
        node = zarr.open(path, mode="r")
        if isinstance(node, zarr.Array):
            if key is not None:
                raise InputError(
                    f"{path}: key {key!r} was given, but this is one array without a "
                    "name; leave the key out."
                )
            entries = {"array": _entry(node)} | _attributes(node.attrs)
            found = pick(entries, "array", path, labels, lazy=lazy)
            return replace(found, source=str(path))
        arrays = {
            name: member
            for name, member in node.members(max_depth=None)
            if isinstance(member, zarr.Array)
        }
        entries = {name: _entry(array) for name, array in arrays.items()}
        own = arrays[find(entries, key, path, labels)]
        return pick(
            _attributes(node.attrs) | _attributes(own.attrs) | entries,
            key,
            path,
            labels,
            lazy=lazy,
        )


def _entry(array: Any) -> Entry:
    text = array.dtype.kind in "OUST"
    return Entry(array.shape, array.dtype, lambda: array[...], array, text)


def _attributes(attributes: Mapping[str, Any]) -> dict[str, Entry]:
    """What is called labels among attributes, as entries at the top."""
    return {
        name: Entry.of(_one_row(value))
        for name, value in attributes.items()
        # A single text is a remark, such as where the conditions are from.
        if is_label_name(name) and isinstance(value, list)
    }


def _one_row(value: list[Any]) -> np.ndarray:
    """Attributes are JSON: lists, whose entries may differ in kind."""
    array = np.empty(len(value), object)
    array[:] = value
    return array

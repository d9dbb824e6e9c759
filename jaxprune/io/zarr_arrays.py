"""Arrays and groups of zarr, which are folders that can be read in parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .entries import Entry, pick, reading
from .labelled import LABEL_NAMES, InputError, Labelled, as_labels


def require_zarr(path: Path) -> Any:
    """Import zarr, or say which file needs it."""
    try:
        import zarr
    except ImportError as error:
        raise ImportError(f"reading {path} needs zarr: pip install zarr") from error
    return zarr


def read_zarr(path: Path, key: str | None, *, lazy: bool = False) -> Labelled:
    """Read an array, or one array of a group, and its labels.

    Parameters
    ----------
    path : Path
        A folder, of format 2 or 3.
    key : str or None
        Path of the array in a group.
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
            values = node if lazy else node[...]
            return Labelled(values, _attribute(node.attrs, path), str(path))
        arrays = {
            name: member
            for name, member in node.members(max_depth=None)
            if isinstance(member, zarr.Array)
        }
        entries = {name: _entry(array) for name, array in arrays.items()}
        found = pick(entries, key, path, lazy=lazy)
        labels = found.labels or _attribute(node.attrs, path)
        return Labelled(found.values, labels, found.source)


def _entry(array: Any) -> Entry:
    return Entry(array.shape, array.dtype, lambda: array[...], array)


def _attribute(attributes: Mapping[str, Any], path: Path) -> tuple[str, ...] | None:
    for name, value in attributes.items():
        if name.lower() in LABEL_NAMES:
            return as_labels(value, f"{path} [attribute {name}]")
    return None

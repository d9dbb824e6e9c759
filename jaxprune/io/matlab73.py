"""MATLAB's ``.mat`` files of version 7.3, which are HDF5 with every axis reversed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .entries import Entry, pick, reading
from .hdf5 import require_h5py
from .labelled import Labelled
from .matlab_cells import collapse, opaque


def read_mat73(path: Path, key: str | None, labels: str | None) -> Labelled:
    """Read one array of a v7.3 ``.mat`` file, in MATLAB's orientation.

    Raises
    ------
    InputError
        If the file is damaged, or the key is missing or unknown.
    ImportError
        If h5py is not installed.
    """
    h5py = require_h5py(path)
    with reading(path), h5py.File(path, "r") as file:
        return pick(dict(_flatten(file, "", h5py)), key, path, labels)


def _flatten(group: Any, name: str, h5py: Any) -> Iterator[tuple[str, Entry]]:
    for field, node in group.items():
        # #refs# and #subsystem# hold what other entries refer to.
        if field.startswith("#"):
            continue
        full = f"{name}.{field}" if name else field
        if isinstance(node, h5py.Group):
            yield from _flatten(node, full, h5py)
        elif "MATLAB_object_decode" in node.attrs:
            kind = node.attrs.get("MATLAB_class", b"unknown")
            yield full, opaque(full, kind.decode() if isinstance(kind, bytes) else kind)
        elif h5py.check_ref_dtype(node.dtype):
            yield from _cells(node, full, h5py)
        else:
            yield full, _entry(node)


def _cells(node: Any, name: str, h5py: Any) -> Iterator[tuple[str, Entry]]:
    """Yield a cell array, or one field of an array of structs, as a stack."""
    # Reversed axes make HDF5's row-major order MATLAB's linear order.
    targets = [node.file[reference] for reference in node[()].ravel()]
    nested = any(
        isinstance(target, h5py.Group)
        or "MATLAB_object_decode" in target.attrs
        or h5py.check_ref_dtype(target.dtype)
        for target in targets
    )
    if nested:
        yield (
            name,
            Entry.unusable(
                f"{name} is a cell array of cells, structs or objects; expected "
                "text in every cell, or arrays of numbers of one shape."
            ),
        )
    else:
        yield name, collapse([_decode(target) for target in targets], name)


def _entry(node: Any) -> Entry:
    if _is_text(node):
        return Entry.of(np.asarray(_decode(node)))
    shape = tuple(node.shape[::-1])
    dtype = np.dtype(complex) if node.dtype.names else node.dtype
    return Entry(shape, dtype, lambda: _decode(node))


def _is_text(node: Any) -> bool:
    return node.attrs.get("MATLAB_class", b"") in (b"char", "char")


def _decode(node: Any) -> Any:
    """Return a str, an array of str (one a row) or a numeric array."""
    values = np.asarray(node[()]).T
    if "MATLAB_empty" in node.attrs:
        return "" if _is_text(node) else np.empty((0, 0))
    if values.dtype.names == ("real", "imag"):
        return values["real"] + 1j * values["imag"]
    if not _is_text(node):
        return values
    rows = ["".join(map(chr, row)) for row in np.atleast_2d(values).tolist()]
    return rows[0] if len(rows) == 1 else np.array(rows)

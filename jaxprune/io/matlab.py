"""MATLAB's ``.mat`` files up to v7; v7.3 files are handed to :mod:`.matlab73`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .entries import Entry, pick, reading
from .labelled import Labelled
from .matlab_cells import collapse, linear_order, opaque
from .meadows import arranged

# Fields of what scipy makes of an object, before 1.18 and since: name and class.
OPAQUE = {"s0": "name", "s2": "class", "_Class": "class"}


def read_mat(path: Path, key: str | None, labels: str | None = None) -> Labelled:
    """Read one array of a ``.mat`` file, and its labels.

    Parameters
    ----------
    path : Path
        A file of any MATLAB version; one that Meadows exported is recognised, and its
        RDMs are a stack, a participant each.
    key : str or None
        Fields are joined by dots, ``RDM.VO2``; of an array of structs, such a key
        means the field of all of them, stacked in MATLAB's linear order.
    labels : str or None
        Which array holds the labels; see `~.entries.pick`.

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

        return read_mat73(path, key, labels)
    entries = _entries(path)
    if labels is None and (found := arranged(entries, path, key)) is not None:
        return found
    return pick(entries, key, path, labels)


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    """All numeric arrays of a file up to v7, by name."""
    entries = _entries(path)
    return {k: e.read() for k, e in entries.items() if e.dtype.kind in "biuf"}


def _entries(path: Path) -> dict[str, Entry]:
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
        return dict(_flatten(contents, ""))


def _flatten(value: Any, name: str) -> Iterator[tuple[str, Entry]]:
    """Yield every array of nested structs under its dotted name."""
    from scipy.io.matlab import MatlabOpaque

    if isinstance(value, dict):
        for field, inner in value.items():
            if not field.startswith("__"):
                yield from _flatten(inner, f"{name}.{field}" if name else field)
        return
    if isinstance(value, MatlabOpaque):
        about = {
            OPAQUE[k]: value[k].item() for k in value.dtype.names or () if k in OPAQUE
        }
        about = {k: v.decode() if isinstance(v, bytes) else v for k, v in about.items()}
        name = about.get("name") or name
        yield name, opaque(name, about.get("class", "unknown"))
        return
    if not hasattr(value, "toarray") and (
        isinstance(value, list) or np.asarray(value).dtype.kind == "O"
    ):
        items = [_fields(item) for item in linear_order(value)]
        if items and all(isinstance(item, dict) for item in items):
            for field in items[0]:
                column = [item.get(field) for item in items]
                yield from _flatten(column, f"{name}.{field}")
            return
        yield name, collapse(items, name)
        return
    if hasattr(value, "toarray"):
        yield (
            name,
            Entry.unusable(
                f"{name} is a sparse matrix; save it as an array: {name} = "
                f"full({name})."
            ),
        )
    elif value is not None:
        yield name, Entry.of(np.asarray(value))


def _fields(item: Any) -> Any:
    """Turn a struct that scipy left as one, as in 2-D arrays of them, into a dict."""
    names = getattr(item, "_fieldnames", None)
    return item if names is None else {name: getattr(item, name) for name in names}

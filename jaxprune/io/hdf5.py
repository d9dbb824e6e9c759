"""HDF5 files, those that rsatoolbox writes included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..base.paths import expanded
from .entries import Entry, find, pick, reading
from .labelled import Labelled, is_label_name
from .rsatoolbox_rdms import FILE_LAYOUTS, described


def require_h5py(path: Path) -> Any:
    """Import h5py, or say which file needs it."""
    try:
        import h5py
    except ImportError as error:
        raise ImportError(f"reading {path} needs h5py: pip install h5py") from error
    return h5py


def read_hdf5(
    path: Path, key: str | None, labels: str | None = None, *, lazy: bool = False
) -> Labelled:
    """Read one dataset of an HDF5 file, and its labels.

    Parameters
    ----------
    path : Path
        Any HDF5 file. One written by ``rsatoolbox``'s ``RDMs.save`` or
        ``Dataset.save`` is recognised, without needing rsatoolbox.
    key : str or None
        Path of the dataset, ``group/dataset``. In an rsatoolbox file: the
        descriptor to take the labels from.
    labels : str or None
        Which dataset or attribute holds the labels; see `~.entries.pick`.
    lazy : bool
        Leave the file open and the dataset in it, to be read where it is sliced.

    Returns
    -------
    Labelled
        Labels come from a dataset called ``labels`` beside the array or at the top
        of the file, or from an attribute of that name; the shape of the layer from
        an attribute ``shape`` of the array, which `jaxprune extract` writes.

    Raises
    ------
    InputError
        If the file is damaged, or the key is missing or unknown.
    ImportError
        If h5py is not installed.
    """
    h5py = require_h5py(path)
    with reading(path), ExitStack() as opened:
        file = opened.enter_context(h5py.File(path, "r"))
        for values, descriptors in FILE_LAYOUTS:
            if values in file and descriptors in file:
                found = dict(_descriptors(file[descriptors]))
                return described(file[values][()], found, key, labels, path, values)
        entries = dict(_datasets(file, h5py))
        node = file[find(entries, key, path, labels)]
        entries |= _attributes(file, node)
        found = pick(entries, key, path, labels, lazy=lazy)
        if lazy:
            # The dataset closes the file when nobody uses it any more.
            opened.pop_all()
        return replace(found, shape=_shape(node, found.values))


def layers_in(path: str | Path) -> list[str]:
    """Names of the layers of a file that `jaxprune extract` wrote, in order.

    None of them if it is something else, whatever that holds.
    """
    file = expanded(path)
    if file.suffix.lower() not in (".h5", ".hdf5") or not file.is_file():
        return []
    h5py = require_h5py(file)
    with reading(file), h5py.File(file, "r") as opened:
        found: list[str] = []
        opened.visititems(
            lambda name, node: found.append(name) if "shape" in node.attrs else None
        )
        return found


def _datasets(file: Any, h5py: Any) -> Iterator[tuple[str, Entry]]:
    found: list[tuple[str, Any]] = []
    file.visititems(lambda name, node: found.append((name, node)))
    # In a file of `jaxprune extract`, only layers are features; counts are not.
    extracted = any("shape" in node.attrs for _, node in found)
    for name, node in found:
        # An empty dataset has no shape; a group has no dtype.
        if not isinstance(node, h5py.Dataset) or node.shape is None:
            continue
        if not extracted or "shape" in node.attrs or is_label_name(name):
            text = h5py.check_string_dtype(node.dtype) is not None
            yield name, Entry(node.shape, node.dtype, _reader(node, h5py), node, text)


def _reader(node: Any, h5py: Any) -> Any:
    def read() -> np.ndarray:
        text = h5py.check_string_dtype(node.dtype) is not None
        return np.asarray(node.asstr()[()]) if text else node[()]

    return read


def _attributes(file: Any, node: Any) -> dict[str, Entry]:
    """Text, and what is called labels, among attributes of array, group and file.

    They are entries like datasets, in the folder of whatever they belong to.
    """
    found: dict[str, Entry] = {}
    for owner in (node, node.parent, file):
        place = (owner if owner is not node else node.parent).name.strip("/")
        for name, value in owner.attrs.items():
            full = f"{place}/{name}".lstrip("/")
            array = np.asarray(value)
            text = array.ndim == 1 and all(isinstance(v, str) for v in array.tolist())
            # A single text is a remark, such as where the conditions are from.
            called = is_label_name(name) and array.ndim > 0
            if (text or called) and full not in file:
                entry = Entry(array.shape, array.dtype, partial(np.asarray, array))
                found.setdefault(full, replace(entry, text=text))
    return found


def _shape(node: Any, values: np.ndarray) -> tuple[int, ...] | None:
    """Shape of the layer, if there is one and the units are of such a layer."""
    shape = np.ravel(node.attrs.get("shape", ()))
    if shape.dtype.kind not in "iu" or len(shape) not in (1, 3):
        return None
    return tuple(shape.tolist()) if values.shape[1:] == (shape.prod(),) else None


def _descriptors(group: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield rsatoolbox's descriptors, stored as datasets, or attributes if text."""
    for name, node in group.items():
        if getattr(node, "shape", None):
            yield name, node[()].ravel().tolist()
    for name, value in group.attrs.items():
        if np.ndim(value):
            yield name, np.ravel(value).tolist()

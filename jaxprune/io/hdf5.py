"""HDF5 files, those that rsatoolbox writes included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .entries import Entry, pick, reading
from .labelled import LABEL_NAMES, Labelled, as_labels, is_label_name
from .rsatoolbox_rdms import FILE_LAYOUTS, choose_descriptor


def require_h5py(path: Path) -> Any:
    """Import h5py, or say which file needs it."""
    try:
        import h5py
    except ImportError as error:
        raise ImportError(f"reading {path} needs h5py: pip install h5py") from error
    return h5py


def read_hdf5(path: Path, key: str | None, *, lazy: bool = False) -> Labelled:
    """Read one dataset of an HDF5 file, and its labels.

    Parameters
    ----------
    path : Path
        Any HDF5 file. One written by ``rsatoolbox``'s ``RDMs.save`` or
        ``Dataset.save`` is recognised, without needing rsatoolbox.
    key : str or None
        Path of the dataset, ``group/dataset``. In an rsatoolbox file: the
        descriptor to take the labels from.
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
                labels, origin = choose_descriptor(
                    dict(_descriptors(file[descriptors])), key, str(path)
                )
                return Labelled(
                    file[values][()], labels, f"{path} [{values}, {origin}]"
                )
        found = pick(dict(_datasets(file, h5py)), key, path, lazy=lazy)
        name = found.source.removeprefix(f"{path} [").removesuffix("]")
        if lazy:
            # The dataset closes the file when nobody uses it any more.
            opened.pop_all()
        return replace(
            found,
            labels=found.labels or _attribute(file, name, path),
            shape=_shape(file[name], found.values),
        )


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
            yield name, Entry(node.shape, node.dtype, _reader(node, h5py), node)


def _reader(node: Any, h5py: Any) -> Any:
    def read() -> np.ndarray:
        text = h5py.check_string_dtype(node.dtype) is not None
        return np.asarray(node.asstr()[()]) if text else node[()]

    return read


def _attribute(file: Any, name: str, path: Path) -> tuple[str, ...] | None:
    for node in (file[name], file[name].parent, file):
        for attribute, value in node.attrs.items():
            if attribute.lower() in LABEL_NAMES:
                return as_labels(value, f"{path} [attribute {attribute}]")
    return None


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

"""NumPy's own files: ``.npy`` and ``.npz``. Pickled objects are never read."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from .entries import Entry, no_labels_in, pick, reading
from .feature_folders import one_each
from .labelled import InputError, Labelled, without_suffixes

# Arrays in which scipy saves a sparse matrix by rows or columns.
SPARSE = {"format", "shape", "data", "indices", "indptr"}
# Below this a copy in memory is cheap, and does not keep the file open.
MAP_FROM_BYTES = 64 * 2**20


def read_npy(
    path: Path, key: str | None, labels: str | None = None, *, lazy: bool = False
) -> Labelled:
    """Read a ``.npy`` file, memory-mapped where it is large, or `lazy`.

    Raises
    ------
    InputError
        If a key is given, or the file holds Python objects or no array.
    """
    if key is not None:
        raise InputError(
            f"{path}: key {key!r} was given, but a .npy file holds one array without "
            "a name; leave the key out."
        )
    no_labels_in(path, labels)
    lazy = lazy or path.stat().st_size >= MAP_FROM_BYTES
    with reading(path):
        with path.open("rb") as file:
            _, dtype = _header(file)
        _refuse_objects(dtype, str(path))
        values = np.load(path, mmap_mode="r" if lazy else None, allow_pickle=False)
    return Labelled(values, None, str(path))


def read_npz(
    path: Path, key: str | None, labels: str | None = None, *, images: bool = False
) -> Labelled:
    """Read one array of a ``.npz`` file, and its labels.

    Parameters
    ----------
    path : Path
    key, labels : str or None
        See `~.entries.pick`.
    images : bool
        Features are wanted: where no array can be them, but all have the shape of one
        image, each is a condition of its own name, as Net2Brain saves a layer.

    Raises
    ------
    InputError
        If the key is missing or unknown, or the array holds Python objects.
    """
    # numpy leaves a file open that it cannot read; this one it need not open.
    with reading(path), path.open("rb") as opened:
        archive = np.load(opened, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it holds a single array, as a .npy file does")
        with archive, zipfile.ZipFile(path) as members:
            entries = {}
            for name in archive.files:
                # Only the header: listing a file should not read all of it.
                with members.open(_member(name, members)) as file:
                    shape, dtype = _header(file)
                entries[name] = Entry(shape, dtype, _reader(archive, name, dtype, path))
            if set(entries) >= SPARSE:
                return _sparse(path, key, labels, images)
            if images and key is None and _one_each(entries):
                arrays = [entry.read() for entry in entries.values()]
                names = without_suffixes(list(entries))
                return one_each(names, arrays, labels, str(path))
            return pick(entries, key, path, labels)


def _reader(archive: Any, name: str, dtype: np.dtype[Any], path: Path) -> Any:
    def read() -> np.ndarray:
        _refuse_objects(dtype, f"{path} [{name}]")
        return archive[name]

    return read


def _sparse(path: Path, key: str | None, labels: str | None, wanted: bool) -> Labelled:
    """A matrix that `scipy.sparse.save_npz` wrote, as it is."""
    from scipy.sparse import load_npz

    if not wanted:
        raise InputError(
            f"{path} holds a sparse matrix, which only features (conditions, units) "
            "may be; expected an array: np.save of matrix.toarray()."
        )
    if key is not None:
        raise InputError(
            f"{path}: key {key!r} was given, but this is one sparse matrix without a "
            "name; leave the key out."
        )
    no_labels_in(path, labels)
    matrix: Any = load_npz(path).tocsr()
    return Labelled(matrix, None, str(path))


def _one_each(entries: Mapping[str, Entry]) -> bool:
    """Whether arrays are of one image each: none of them has rows of its own."""
    shapes = {entry.shape for entry in entries.values()}
    rows = any(len(shape) == 2 and shape[0] > 1 for shape in shapes)
    numbers = all(entry.dtype.kind in "biuf" for entry in entries.values())
    return numbers and not rows and len(entries) > 1 and len(shapes) == 1


def _member(name: str, members: zipfile.ZipFile) -> str:
    return name if name in members.namelist() else f"{name}.npy"


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    else:
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    return shape, dtype


def _refuse_objects(dtype: np.dtype[Any], source: str) -> None:
    if dtype.hasobject:
        raise InputError(
            f"{source} holds Python objects (dtype {dtype}), which would have to be "
            "unpickled, and that can run any code. Save it again as a plain array: "
            "numbers, or text with np.array(labels, dtype=str)."
        )

"""Images kept as one array, in memory or in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jaxprune.io.entries import reading
from jaxprune.io.labelled import InputError, as_labels, is_label_name, some

from .images import Images

# Rows of a compressed file are read one by one: its chunks must stay decompressed.
CACHE_BYTES = 2**26


def read(path: Path, key: str | None) -> Images:
    """Open an array file; see :func:`open_images`."""
    readers = {".npy": _npy, ".npz": _npz, ".h5": _hdf5, ".hdf5": _hdf5}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"images: {path} ends in {path.suffix or 'nothing'!r}; expected a folder, "
            f"or a file that ends in {', '.join(readers)}"
        )
    with reading(path):
        entries = reader(path)
    name = _choose(entries, key, path)
    source = f"{path} [{name}]" if name else str(path)
    return wrap(entries[name], source, _labels(entries, name, path), (path,))


def wrap(
    array: Any,
    source: str,
    labels: tuple[str, ...] | None = None,
    files: tuple[Path, ...] = (),
) -> Images:
    """Images of an array, or of what can be indexed like one."""
    if not _is_images(array):
        what = f"images: {source} holds {array.dtype} of shape {tuple(array.shape)}"
        advice = "save channels last"
        if array.dtype != np.uint8:
            advice = "convert to 8 bits: x.astype(np.uint8) for values of 0 to 255"
        elif array.ndim == 3:
            advice = "a single image needs an axis: x[None]"
        raise ValueError(
            f"{what}; expected uint8 of shape (n, H, W) or (n, H, W, 3); {advice}"
        )
    if len(array) == 0:
        raise ValueError(f"images: {source}: expected at least one image, got none")
    if array.size == 0:
        raise ValueError(
            f"images: {source} holds images of {array.shape[2]} x {array.shape[1]} "
            "pixels; expected at least one"
        )
    names = tuple(map(str, range(len(array))))
    return Images(source, names, None, labels, lambda i: array[i], files)


def _is_images(array: Any) -> bool:
    colour = array.ndim == 4 and array.shape[-1] == 3
    # Of shape (n, H, 3) it is rather one colour image than n grey ones.
    grey = array.ndim == 3 and array.shape[-1] != 3
    return array.dtype == np.uint8 and (grey or colour)


def _npy(path: Path) -> dict[str, Any]:
    return {"": np.load(path, mmap_mode="r", allow_pickle=False)}


def _npz(path: Path) -> dict[str, Any]:
    entries = {}
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        for name in archive.files:
            try:
                entries[name] = archive[name]
            except ValueError as error:  # Python objects, which are never unpickled
                if not is_label_name(name):
                    continue
                raise InputError(
                    f"images: the {name} in {path} are Python objects, which are not "
                    "read; save text: np.array(labels, dtype=str)"
                ) from error
    return entries


def _hdf5(path: Path) -> dict[str, Any]:
    import h5py

    # Stays open as long as its images are in use.
    file = h5py.File(path, "r", rdcc_nbytes=CACHE_BYTES)
    found: list[tuple[str, Any]] = []
    file.visititems(lambda name, node: found.append((name, node)))
    return {
        name: node
        for name, node in found
        if isinstance(node, h5py.Dataset) and node.shape
    }


def _choose(entries: Mapping[str, Any], key: str | None, path: Path) -> str:
    """Name of the array that is meant, or the only one that can be."""
    images = [name for name, entry in entries.items() if _is_images(entry)]
    listing = "".join(f"\n  {k}: {v.dtype} {v.shape}" for k, v in entries.items())
    if key is not None:
        if key in entries:
            return key
        if "" in entries:
            raise ValueError(
                f"key: {key!r} was given with {path}, which holds one array without a "
                "name; expected a key only for files with several arrays"
            )
        raise ValueError(f"key: {path} has no array {key!r}; it has{listing}")
    likely = images or [name for name, v in entries.items() if v.ndim in (3, 4)]
    if len(likely) == 1 or "" in entries:
        return (likely or [""])[0]
    raise ValueError(
        f"images: {path} holds {len(images)} arrays of 8-bit images; expected one, "
        f"uint8 of shape (n, H, W) or (n, H, W, 3), or its name as key. It has{listing}"
    )


def _labels(
    entries: Mapping[str, Any], images: str, path: Path
) -> tuple[str, ...] | None:
    """Labels beside the images; of several those of as many as there are images."""
    found = {
        name: np.ravel(entry.asstr()[()] if entry.dtype.kind == "O" else entry[()])
        for name, entry in entries.items()
        # One row, or one column.
        if name != images
        and is_label_name(name)
        and entry.size == max(entry.shape, default=0)
    }
    n = len(entries[images])
    fitting = {name: values for name, values in found.items() if len(values) == n}
    for name, values in fitting.items():
        if absent := without_value(values):
            raise ValueError(
                f"images: {path} [{name}] has no label for {len(absent)} images (NaN "
                f"or empty), those of numbers {some(absent)}; give each one"
            )
    labels = {
        name: as_labels(values, f"{path} [{name}]")
        for name, values in (fitting or found).items()
    }
    if len(fitting) > 1 and len(set(labels.values())) > 1:
        raise ValueError(
            f"images: {path} holds {' and '.join(labels)}, which differ; expected one "
            "label for each image: leave the others out, or give conditions"
        )
    return next(iter(labels.values()), None)


def without_value(values: np.ndarray) -> list[int]:
    """Numbers of those that are None, NaN or blank.

    >>> without_value(np.array([1, np.nan])), without_value(np.array(["a", " ", ""]))
    ([1], [1, 2])
    """
    # Nothing but NaN differs from itself.
    return [
        i
        for i, v in enumerate(values.tolist())
        if v is None or v != v or (isinstance(v, str | bytes) and not v.strip())
    ]

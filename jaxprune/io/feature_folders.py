"""Features as thingsvision and Net2Brain leave them: folders, and an array an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .labelled import NO_LABELS, InputError, Labelled, some, without_suffixes
from .texts import read_lines

# What thingsvision writes: the features, and the images of their rows.
FEATURES, NAMES = "features", "file_names.txt"


def read_folder(
    folder: Path, key: str | None, labels: str | None, read: Callable[..., Labelled]
) -> Labelled:
    """Read the features of a folder, labelled by the names of the images.

    Parameters
    ----------
    folder : Path
        Of thingsvision: ``features.npy`` (``.hdf5``, ``.mat``, ``.txt``, ``.pt``) and,
        if there is one, ``file_names.txt`` with the image of every row. Of Net2Brain:
        an ``.npz`` file an image, of which `key` is the layer.
    key, labels : str or None
        As in :func:`~jaxprune.io.load_features`.
    read : callable
        Reads a file by its suffix.

    Returns
    -------
    Labelled
        Feature maps are flattened, and their shape kept.

    Raises
    ------
    InputError
        If there are several files of features, names for another number of rows, or
        images with different layers.
    FileNotFoundError
        If nothing of the kind is there.
    """
    files = [f for f in sorted(folder.iterdir()) if f.stem == FEATURES]
    if len(files) == 1:
        return _of_thingsvision(files[0], folder / NAMES, key, labels, read)
    archives = sorted(folder.glob("*.npz"))
    if not files and archives:
        return _of_net2brain(archives, key, labels, read)
    parts = sorted(folder.glob(f"{FEATURES}_[0-9]*"))
    found = files or parts
    raise (InputError if found else FileNotFoundError)(
        f"{folder} is a folder with "
        + (f"{some(f.name for f in found)}" if found else f"no {FEATURES}.npy")
        + "; expected a file with features or a target, or a folder with one file of "
        "features. Join parts first: np.concatenate."
    )


def rows_of(arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, tuple[int, ...] | None]:
    """Arrays of one image each as rows, and the shape of the layer if it has one.

    >>> rows_of([np.ones((1, 2, 3, 3)), np.zeros((1, 2, 3, 3))])[1]
    (2, 3, 3)
    """
    squeezed = [array[0] if array.shape[:1] == (1,) else array for array in arrays]
    shape = squeezed[0].shape
    values = np.stack([np.ravel(array) for array in squeezed])
    return values, shape if len(shape) in (1, 3) else None


def one_each(
    names: Sequence[str], arrays: Sequence[np.ndarray], labels: str | None, source: str
) -> Labelled:
    """Arrays of one shape, each of the image of its name."""
    if len({array.shape for array in arrays}) > 1:
        shapes = dict.fromkeys(array.shape for array in arrays)
        raise InputError(
            f"{source}: arrays of the shapes {some(shapes)}; expected one shape for "
            "every image."
        )
    values, shape = rows_of(arrays)
    found = None if labels == NO_LABELS else tuple(names)
    return Labelled(values, found, source, shape)


def _of_thingsvision(
    file: Path,
    names: Path,
    key: str | None,
    labels: str | None,
    read: Callable[..., Labelled],
) -> Labelled:
    lines = read_lines(names, NAMES) if names.is_file() else None
    if file.suffix == ".mat" and lines is not None and key is None:
        from .matlab import arrays_of

        arrays = arrays_of(file)
        stems = [name.rpartition(".")[0] or name for name in lines]
        if FEATURES not in arrays and set(stems) <= set(arrays):
            lines = without_suffixes(lines)
            return one_each(lines, [arrays[s] for s in stems], labels, str(file))
    found = read(file, key, labels)
    values: Any = found.values
    if lines is None or labels is not None:
        lines = found.labels
    elif len(lines) != len(values):
        raise InputError(
            f"{names}: {len(lines)} names for {len(values)} rows of {file.name}; "
            "expected one a row. labels='none' leaves them out."
        )
    shape = found.shape
    if values.ndim > 2:
        values, shape = rows_of(list(values))
    known = None if lines is None else without_suffixes(lines)
    return replace(found, values=values, labels=known, shape=shape)


def _of_net2brain(
    files: Sequence[Path],
    key: str | None,
    labels: str | None,
    read: Callable[..., Labelled],
) -> Labelled:
    if key is None:
        with np.load(files[0], allow_pickle=False) as archive:
            layers = some(archive.files, 8)
        raise InputError(
            f"{files[0].parent} holds an .npz file an image, with the layers {layers}; "
            "name one as key (--features-key)."
        )
    arrays = [read(file, key, NO_LABELS).values for file in files]
    source = f"{files[0].parent} [{key}]"
    return one_each([file.stem for file in files], arrays, labels, source)

"""Features and targets from files (or objects), checked for kind and shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.paths import expanded
from .csv_tables import read_csv
from .feature_folders import read_folder
from .hdf5 import read_hdf5
from .json_files import read_json
from .labelled import ADVICE, NO_LABELS, InputError, Labelled, some
from .layouts import count_conditions
from .matlab import read_mat
from .numpy_files import read_npy, read_npz
from .objects import has_labels, labelled
from .rsatoolbox_rdms import read_rdms
from .sharing import chosen
from .torch_files import read_pt
from .word_vectors import read_text
from .zarr_arrays import read_zarr

READERS: dict[str, Callable[..., Labelled]] = {
    ".npy": read_npy,
    ".npz": read_npz,
    ".mat": read_mat,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_text,
    ".vec": read_text,
    ".json": read_json,
    ".jsonl": read_json,
    ".zarr": read_zarr,
    ".pt": read_pt,
    ".pth": read_pt,
}
# What else some readers take.
TEXT = (".csv", ".tsv", ".txt", ".vec", ".json", ".jsonl")
TAKES = {
    # These can be read a few units at a time.
    "lazy": (".npy", ".h5", ".hdf5", ".zarr"),
    "words": (".txt", ".vec"),
    "images": (".npz",),
    "square": TEXT,
    "ignore_case": TEXT,
}
SUFFIXES = tuple(READERS)

_PICKLE = (
    "is a pickle, and reading a pickle from a stranger runs whatever code it holds. "
    "Where you trust it, load it yourself and save it as "
)
REFUSED = {
    ".pkl": _PICKLE + ".h5 (rsatoolbox: rdms.save('rdms.h5')) or .npy.",
    ".pickle": _PICKLE + ".npy or .npz.",
}


def load_features(
    path_or_object: Any,
    key: str | None = None,
    *,
    labels: str | None = None,
    folded: bool = False,
    lazy: bool = False,
    words: Sequence[str] | None = None,
    missing: str = "error",
    ignore_case: bool = False,
) -> Labelled:
    """Load activations, one row a condition and one column a unit.

    Parameters
    ----------
    path_or_object : str, Path, pandas DataFrame or xarray DataArray
        A file with one of the suffixes in `SUFFIXES` (a large ``.npy`` is mapped into
        memory rather than read), a folder of thingsvision or Net2Brain, or the thing
        itself, whose index or coordinate of the conditions are their labels.
    key : str, optional
        Which array of the file; needed only where there are several.
    labels : str, optional
        Which array (column of a table, coordinate) holds the labels of the conditions,
        or ``"none"``. By default one called labels, conditions or condition_labels.
    folded : bool
        Several measurements of every condition, for ``metric="crossnobis"``.
    lazy : bool
        Values of a ``.npy``, ``.h5`` or ``.zarr`` file stay there as they are: an
        array that reads what it is sliced for, for layers that do not fit the memory.
    words : sequence of str, optional
        Labels of the conditions to take; of a file of word vectors, nothing else is
        ever in memory.
    missing, ignore_case : str and bool
        Of `words`, as in :func:`~jaxprune.io.shared`.

    Returns
    -------
    Labelled
        Values ``(n, N)``, or ``(folds, n, N)``; integers become float64.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If the suffix, the key, the kind of numbers or the shape will not do.
    ImportError
        If the format needs a package that is not installed.
    """
    how = {"lazy": lazy, "words": words, "images": not folded}
    found = _from_file_or_object("features", path_or_object, key, labels, **how)
    found = _numeric(found, lazy)
    shape = found.values.shape
    if folded and (len(shape) != 3 or 0 in shape):
        raise InputError(
            f"{found.source}: features of shape {shape}; expected (folds, conditions, "
            "units). Save np.stack of several measurements instead."
        )
    if not folded and (len(shape) != 2 or 0 in shape):
        flatten = "x.reshape(len(x), -1)" if len(shape) > 2 else "a 2-D array"
        raise InputError(
            f"{found.source}: features of shape {shape}; expected (conditions, units). "
            f"Save {flatten} instead."
        )
    found = _check_labels(found, shape[-2])
    if words is None:
        return found
    return chosen(found, words, missing=missing, ignore_case=ignore_case)


def load_noise(path: str | Path, key: str | None = None) -> Labelled:
    """Load the precision of the noise of the units.

    Parameters
    ----------
    path, key
        As in :func:`load_features`.

    Returns
    -------
    Labelled
        Values ``(N,)`` or ``(N, N)``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If the suffix, the key, the kind of numbers or the shape will not do.
    """
    found = _numeric(read(path, key, NO_LABELS))
    values = found.values
    if values.ndim == 2 and 1 in values.shape:
        values = values.ravel()
    if values.ndim not in (1, 2) or len(set(values.shape)) > 1:
        raise InputError(
            f"{found.source}: a precision of shape {values.shape}; expected (units,), "
            "or (units, units)."
        )
    return replace(found, values=values, labels=None)


def load_target(
    path_or_object: Any,
    key: str | None = None,
    *,
    labels: str | None = None,
    ignore_case: bool = False,
) -> Labelled:
    """Load the RDM (or several) to prune against.

    Parameters
    ----------
    path_or_object : str, Path, array_like, Labelled, DataFrame, DataArray or RDMs
        A file with one of the suffixes in `SUFFIXES`, or the thing itself: an array,
        or an object of pandas, xarray or rsatoolbox with its labels. A table, in a file
        or a DataFrame, may be a list of pairs, ``a,b,score`` or ``a,b,score,rater``,
        with a header or without.
    key : str, optional
        Which array of the file (of a list of pairs, the header of the scores); for
        rsatoolbox files and objects the pattern
        descriptor that holds the labels, by default the first one of text, other
        than ``index``, whose values all differ.
    labels : str, optional
        Which array (column, coordinate, descriptor) holds the labels of the
        conditions, or ``"none"``; as in :func:`load_features`.
    ignore_case : bool
        Of a list of pairs, labels that differ in case only are one.

    Returns
    -------
    Labelled
        Square ``(n, n)``, condensed ``(P,)``, or a stack ``(k, n, n)`` or
        ``(k, P)``. A stack of one comes back as that one; a stack with its targets
        last, ``(n, n, k)`` as MATLAB has it, with them first.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If the suffix, the key, the kind of numbers or the shape will not do.
    ImportError
        If the format needs a package that is not installed.

    Examples
    --------
    >>> load_target([[1.0, 2.0, 3.0]]).values
    array([1., 2., 3.])
    """
    how = {"square": True, "ignore_case": ignore_case}
    found = _from_file_or_object("target", path_or_object, key, labels, **how)
    found = _numeric(found)
    values = found.values
    if values.ndim == 3 and _targets_last(values):
        values = np.moveaxis(values, 2, 0)
    if values.ndim > 1 and values.shape[0] == 1 and values.shape[1] > 1:
        values = values[0]
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    found = replace(found, values=values)
    return _check_labels(found, count_conditions(values.shape, found.source))


def _targets_last(values: np.ndarray) -> bool:
    """Whether the first two axes are the conditions, and not the last two."""
    first, second, third = values.shape
    if first == second == third:
        # As many targets as conditions: only RDMs are symmetric.
        mirrored = values.swapaxes(1, 2), values.swapaxes(0, 1)
        end, front = (np.array_equal(values, m, equal_nan=True) for m in mirrored)
        return front and not end
    return first == second


def _from_file_or_object(
    name: str, given: Any, key: str | None, labels: str | None, **how: Any
) -> Labelled:
    if isinstance(given, str | Path):
        return read(given, key, labels, **how)
    if hasattr(given, "get_vectors"):
        return read_rdms(given, key, labels)
    if key is not None:
        raise InputError(
            f"key {key!r} was given with a {type(given).__name__}; expected a key "
            "only for files and rsatoolbox RDMs. Leave it out."
        )
    if name == "features" and not (isinstance(given, Labelled) or has_labels(given)):
        raise InputError(
            f"features of type {type(given).__name__} are no file; expected "
            "its path, or an object with labels (pandas, xarray). An array needs no "
            "loading: pass it to prune."
        )
    return labelled(name, given, labels)


def read(
    path: str | Path, key: str | None, labels: str | None = None, **how: Any
) -> Labelled:
    """Read a file by its suffix, whatever it holds."""
    file = expanded(path)
    suffix = _suffix(file)
    if "images" in how and file.is_dir() and suffix != ".zarr":
        return read_folder(file, key, labels, read)
    if suffix in REFUSED:
        raise InputError(f"{file} {REFUSED[suffix]}")
    if suffix not in READERS:
        raise InputError(
            f"{file} has the suffix {suffix or 'nothing'!r}; expected one of "
            f"{', '.join(SUFFIXES)}."
        )
    if not (file.is_dir() if suffix == ".zarr" else file.is_file()):
        what = "is a folder" if file.is_dir() else "does not exist"
        raise FileNotFoundError(
            f"{file} {what}; expected a file with features or a target. Relative "
            f"names start at {Path.cwd()}."
        )
    taken = {name: value for name, value in how.items() if suffix in TAKES[name]}
    return READERS[suffix](file, key, labels, **taken)


def _suffix(file: Path) -> str:
    """Suffix of a file; of compressed text, that below .gz."""
    if file.suffix.lower() != ".gz":
        return file.suffix.lower()
    inner = Path(file.stem).suffix.lower()
    return inner if inner in TEXT else ".gz"


def _numeric(found: Labelled, lazy: bool = False) -> Labelled:
    values = found.values
    if values.dtype.kind not in "biuf":
        hint = {
            "c": "Take its real part or its magnitude first.",
            "O": "Its rows may differ in length, or it is a sparse matrix.",
            "V": "NumPy shows bfloat16 so: save float32 instead.",
        }.get(values.dtype.kind, "")
        raise InputError(
            f"{found.source}: an array of dtype {values.dtype}; expected real numbers. "
            f"{hint}".rstrip()
        )
    if lazy:
        return found
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    elif not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    return replace(found, values=values)


def _check_labels(found: Labelled, n: int) -> Labelled:
    if found.labels is not None and len(found.labels) != n:
        raise InputError(
            f"{found.source}: {len(found.labels)} labels, {some(found.labels)}, for "
            f"{n} conditions; expected one label a condition. {ADVICE}"
        )
    return found

"""What a file holds, by name, and which array of it is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from .labelled import InputError, Labelled, as_labels, is_label_name


@dataclass(frozen=True)
class Entry:
    """One array of a file, not read yet.

    Attributes
    ----------
    shape, dtype : tuple of int, dtype
        As the array will have them.
    read : callable
        Returns the array.
    lazy : array-like or None
        What reads the parts that it is sliced for, where the file allows.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], np.ndarray]
    lazy: Any = None

    @classmethod
    def of(cls, array: np.ndarray) -> Entry:
        """Wrap an array that has been read already."""
        return cls(array.shape, array.dtype, lambda: array)

    def __str__(self) -> str:
        return f"{self.shape} {self.dtype}"


def pick(
    entries: Mapping[str, Entry], key: str | None, path: Path, *, lazy: bool = False
) -> Labelled:
    """Take the array called ``key``, or the only one, with its labels.

    Parameters
    ----------
    entries : mapping of str to Entry
        Everything in the file; parts of a nested name are joined by ``.`` or ``/``.
    key : str or None
        Either separator is understood.
    path : Path
        The file, for messages.
    lazy : bool
        Do not read the array yet, if that is possible.

    Returns
    -------
    Labelled
        Labels are looked for beside the array, then at the top of the file.

    Raises
    ------
    InputError
        If there is no such key, or no key and not exactly one array; the message
        lists what there is.
    """
    name = _find(entries, key, path)
    places = (_folder(name), "")
    beside = [
        other
        for other, entry in entries.items()
        if other != name and _folder(other) in places and _labels(other, entry)
    ]
    labels = None
    if beside:
        nearest = min(beside, key=lambda other: places.index(_folder(other)))
        labels = as_labels(entries[nearest].read(), f"{path} [{nearest}]")
    entry = entries[name]
    values = entry.lazy if lazy and entry.lazy is not None else entry.read()
    return Labelled(values, labels, f"{path} [{name}]")


def _folder(name: str) -> str:
    return name.replace(".", "/").rpartition("/")[0]


def _labels(name: str, entry: Entry) -> bool:
    """Whether an entry is labels: by its name, and because it is one row."""
    row = sum(length != 1 for length in entry.shape) <= 1
    return is_label_name(name) and row and entry.dtype.kind != "V"


def _find(entries: Mapping[str, Entry], key: str | None, path: Path) -> str:
    arrays = {
        name: entry
        for name, entry in entries.items()
        if entry.dtype.kind in "biufc" and entry.shape and not _labels(name, entry)
    }
    listing = "\n".join(f"  {name}: {entry}" for name, entry in arrays.items())
    if key is None:
        if len(arrays) == 1:
            return next(iter(arrays))
        found = f"{len(arrays)} arrays:\n{listing}\n  expected one; name it as key "
        found += "(--features-key or --target-key on the command line)."
        if not arrays:
            found = f"no numeric array; expected one. It has {list(entries)}."
        raise InputError(f"{path} holds {found}")
    wanted = key.replace(".", "/").strip("/")
    for name in entries:
        if name == key or name.replace(".", "/") == wanted:
            return name
    raise InputError(
        f"{path} has no array {key!r}; expected one of these keys:\n"
        f"{listing or '  (no numeric array)'}"
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a damaged or mislabelled file raises into one clear error."""
    try:
        yield
    except InputError:
        raise
    except (OSError, EOFError, BadZipFile, ValueError, TypeError, KeyError) as error:
        # numpy tries to unpickle what it does not recognise, and says so.
        reason = "not in that format" if "pickle" in str(error) else str(error)
        raise InputError(
            f"{path} could not be read as {path.suffix.lower()}: {reason}. Is the "
            "file complete, and does its suffix say what it is?"
        ) from error

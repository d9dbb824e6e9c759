"""What a file holds, by name, and which array of it is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .labelled import (
    ADVICE,
    NO_LABELS,
    InputError,
    Labelled,
    as_labels,
    is_label_name,
    some,
)


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
    text : bool
        It is text, whatever the dtype in the file.
    reason : str
        Why it cannot be used, if so.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], np.ndarray]
    lazy: Any = None
    text: bool = False
    reason: str = ""

    @classmethod
    def of(cls, array: np.ndarray) -> Entry:
        """Wrap an array that has been read already."""
        return cls(array.shape, array.dtype, lambda: array)

    @classmethod
    def unusable(cls, reason: str) -> Entry:
        """What cannot be read; whoever asks for it is told why."""

        def read() -> np.ndarray:
            raise InputError(reason)

        return cls((1,), np.dtype(object), read, reason=reason)

    @property
    def is_row(self) -> bool:
        """Whether it has one axis, as MATLAB may write it with a second."""
        return sum(length != 1 for length in self.shape) <= 1

    @property
    def is_text(self) -> bool:
        """Whether it is text, in one row."""
        text = self.text or self.dtype.kind in "UST"
        return text and self.is_row and bool(self.shape) and 0 not in self.shape

    def __str__(self) -> str:
        return f"{self.shape} {self.dtype}"


def pick(
    entries: Mapping[str, Entry],
    key: str | None,
    path: Path,
    labels: str | None = None,
    *,
    lazy: bool = False,
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
    labels : str or None
        Which array holds the labels, or `NO_LABELS`. By default one that is called
        so (`LABEL_NAMES`), beside the array or else at the top of the file.
    lazy : bool
        Do not read the array yet, if that is possible.

    Returns
    -------
    Labelled
        Where no array is called labels, ``texts`` are those that might be.

    Raises
    ------
    InputError
        If there is no such key, or no key and not exactly one array (the message
        lists what there is), or labels that cannot be used.
    """
    name = find(entries, key, path, labels)
    entry = entries[name]
    values = entry.lazy if lazy and entry.lazy is not None else entry.read()
    found, texts = None, {}
    if labels is None:
        found = _labels_beside(entries, name, path)
        if found is None:
            texts = _texts_beside(entries, name)
    elif labels != NO_LABELS:
        chosen = _named(entries, labels)
        if chosen is None:
            others = some([other for other in entries if other != name], 8)
            raise InputError(
                f"{path} has no array {labels!r} to take labels from; expected one of "
                f"{others or 'none: it holds nothing else'}."
            )
        found = as_labels(entries[chosen].read(), f"{path} [{chosen}]")
    return Labelled(values, found, f"{path} [{name}]", texts=texts)


def _labels_beside(
    entries: Mapping[str, Entry], name: str, path: Path
) -> tuple[str, ...] | None:
    """What is called labels, in the nearest place; all of it has to be usable."""
    for place in dict.fromkeys((_folder(name), "")):
        found = {
            other: as_labels(entry.read(), f"{path} [{other}]")
            for other, entry in entries.items()
            if other != name and _folder(other) == place and is_label_name(other)
        }
        if len(set(found.values())) > 1:
            shown = "; ".join(f"{k!r} holds {some(v, 2)}" for k, v in found.items())
            raise InputError(
                f"{path} [{name}] has labels in several arrays, which differ: {shown}. "
                f"{ADVICE}"
            )
        if found:
            return next(iter(found.values()))
    return None


def _texts_beside(entries: Mapping[str, Entry], name: str) -> dict[str, int]:
    """Other arrays of text in one row, with their lengths: they may be labels."""
    places = (_folder(name), "")
    return {
        other: max(entry.shape)
        for other, entry in entries.items()
        if other != name and _folder(other) in places and entry.is_text
    }


def _folder(name: str) -> str:
    return name.replace(".", "/").rpartition("/")[0]


def _named(entries: Mapping[str, Entry], key: str) -> str | None:
    wanted = key.replace(".", "/").strip("/")
    for name in entries:
        if name == key or name.replace(".", "/") == wanted:
            return name
    return None


def find(
    entries: Mapping[str, Entry],
    key: str | None,
    path: Path,
    labels: str | None = None,
) -> str:
    """Return the name of the array called ``key``, or of the only one; see `pick`."""
    arrays = {
        name: entry
        for name, entry in entries.items()
        if entry.dtype.kind in "biufc"
        and entry.shape
        and not (is_label_name(name) and entry.is_row)
    }
    listing = "\n".join(f"  {name}: {entry}" for name, entry in arrays.items())
    if key is None:
        named = None if labels is None else _named(entries, labels)
        left = [name for name in arrays if name != named]
        if len(left) == 1:
            return left[0]
        found = f"{len(arrays)} arrays:\n{listing}\n  expected one; name it as key "
        found += "(--features-key or --target-key on the command line)."
        if not arrays:
            found = "no numeric array; expected one. It has " + _unusable(entries)
        raise InputError(f"{path} holds {found}")
    if not isinstance(key, str):
        raise InputError(
            f"key={key!r} is a {type(key).__name__}; expected the name of an array of "
            f"{path}."
        )
    if (name := _named(entries, key)) is None:
        raise InputError(
            f"{path} has no array {key!r}; expected one of these keys:\n"
            f"{listing or '  (no numeric array)'}"
        )
    return name


def _unusable(entries: Mapping[str, Entry]) -> str:
    """Name what a file holds where no array of it will do, and why."""
    reasons = [entry.reason for entry in entries.values() if entry.reason]
    # So h5py and NumPy show bfloat16.
    reasons += [
        f"{name} has dtype {entry.dtype}, which may be bfloat16: save float32 instead."
        for name, entry in entries.items()
        if entry.dtype.kind == "V" and entry.dtype.names is None
    ]
    names = some(entries, 8) or "nothing"
    return " ".join([f"{names}.", *reasons[:2]])


def no_labels_in(path: Path, labels: str | None) -> None:
    """Refuse labels where a file holds one array and nothing else."""
    if labels not in (None, NO_LABELS):
        raise InputError(
            f"{path}: labels={labels!r} was given, but this is one array without a "
            "name; leave it out, or save labels beside the array, as .npz or .h5."
        )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a damaged or mislabelled file raises into one clear error."""
    try:
        yield
    except (InputError, ImportError, MemoryError):
        raise
    except Exception as error:  # readers of damaged files raise whatever they meet
        # numpy tries to unpickle what it does not recognise, and says so.
        reason = "not in that format" if "pickle" in str(error) else str(error)
        raise InputError(
            f"{path} could not be read as {path.suffix.lower()}: {reason}. Is the "
            "file complete, and does its suffix say what it is?"
        ) from error

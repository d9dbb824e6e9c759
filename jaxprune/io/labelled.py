"""An array with the labels of its conditions, and the rules for reading labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from mimetypes import guess_type
from pathlib import PurePath, PurePosixPath
from typing import Any

import numpy as np

# An array under one of these names (in any case) labels the conditions.
LABEL_NAMES = ("labels", "conditions", "condition_labels", "stimuli_name")
# In place of the name of an array of labels: there are none, whatever the file holds.
NO_LABELS = "none"
ADVICE = (
    "Mend them in the file, name the array that holds the labels (labels=..., "
    "--features-labels or --target-labels), or say that there are none: "
    f"labels={NO_LABELS!r}; conditions are then taken to be in the same order."
)


class InputError(ValueError):
    """A file or array that cannot be used; the message says what to do about it."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """An array, the labels of its conditions, and where both came from.

    Attributes
    ----------
    values : ndarray, or a dataset of HDF5 or zarr
        Features ``(n, N)`` or ``(folds, n, N)``, or a target: square ``(n, n)``,
        condensed ``(P,)``, or a stack ``(k, n, n)`` or ``(k, P)``, where
        ``P = n (n - 1) / 2``; or noise ``(N,)`` or ``(N, N)``.
    labels : tuple of str or None
        One label a condition, in the order of ``values``; None where unknown.
    source : str
        File, key and origin of the labels, for messages and summaries.
    shape : tuple of int or None
        Of the layer that the units of features are, ``(channels, height, width)`` or
        ``(units,)``; None where unknown.
    texts : mapping of str to int
        Arrays of text in the same place, and their lengths: they might be labels, were
        they called so, and are named where the order is only assumed.
    units : mapping of str to ndarray (N,)
        What is known of the units of features beside their place in a layer.
    notes : tuple of str
        What was left out or averaged on the way, to be said beside any result.
    """

    values: np.ndarray
    labels: tuple[str, ...] | None
    source: str
    shape: tuple[int, ...] | None = None
    texts: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def unit_columns(self) -> dict[str, np.ndarray] | None:
        """What is known of the units, their place in the layer included."""
        from .layouts import unit_positions

        place = unit_positions(self.shape) if self.shape else {}
        return {**self.units, **place} or None

    def noted(self, *notes: str) -> Labelled:
        """The same with more notes; empty ones are none."""
        return replace(self, notes=(*self.notes, *filter(None, notes)))


def is_label_name(name: str) -> bool:
    """Whether the last part of ``name`` is one that labels go under.

    >>> is_label_name("RDM.Labels"), is_label_name("layer/pool5")
    (True, False)
    """
    return name.replace(".", "/").split("/")[-1].lower() in LABEL_NAMES


def as_labels(values: Any, source: str, advice: str = ADVICE) -> tuple[str, ...]:
    """Turn text or numbers into a tuple of labels.

    Parameters
    ----------
    values : array_like (n,), (n, 1) or (1, n)
        What a file holds: text throughout, or numbers throughout.
    source : str
        Where it came from, for the message.
    advice : str
        How to mend what cannot be used.

    Returns
    -------
    tuple of str
        Without surrounding blanks (MATLAB pads character arrays with them).

    Raises
    ------
    InputError
        If the labels are not in one row, one is missing or empty, or they are neither
        text nor numbers. Labels that were passed over would leave the order of the
        conditions to be assumed.

    Examples
    --------
    >>> as_labels([b"cat ", b"dog "], "here"), as_labels([1.0, 2.0], "here")
    (('cat', 'dog'), ('1', '2'))
    """
    array = _flat(values, source, advice)
    entries = array.tolist()

    def unusable(place: int, what: str) -> InputError:
        return InputError(
            f"{source}: label {place} (counted from 0) {what}; expected text for "
            f"every condition, or a number for every one. {advice}".rstrip()
        )

    if np.ma.is_masked(array):
        raise unusable(int(np.argmax(np.ma.getmaskarray(array))), "is masked")
    kinds = {_kind(entry) for entry in entries}
    if kinds == {"text", "number"}:
        odd = next(i for i, e in enumerate(entries) if _kind(e) != _kind(entries[0]))
        what = f"is {entries[odd]!r}, the first {entries[0]!r}"
        raise unusable(odd, f"{what}: numbers and text are mixed")
    for place, entry in enumerate(entries):
        if _kind(entry) == "neither":
            raise unusable(place, f"is {_shown(entry)}")
        if entry != entry:
            raise unusable(place, "is NaN")
    texts = tuple(_text(entry).strip() for entry in entries)
    if "" in texts:
        raise unusable(texts.index(""), "is empty")
    return texts


def _flat(values: Any, source: str, advice: str = "") -> np.ndarray:
    try:
        array = np.ma.asarray(values) if np.ma.isMA(values) else np.asarray(values)
    except ValueError:
        # Entries of different lengths.
        array = np.empty(len(values), object)
        array[:] = list(values)
    if array.size != max(array.shape, default=1):
        raise InputError(
            f"{source}: labels have shape {array.shape}; expected one label a "
            f"condition, shape (n,). {advice}".rstrip()
        )
    return array.ravel()


def _kind(entry: Any) -> str:
    if isinstance(entry, str | bytes):
        return "text"
    return "number" if isinstance(entry, int | float) else "neither"


def _shown(entry: Any) -> str:
    text = repr(entry)
    return text if len(text) <= 40 else f"{text[:40]}... ({type(entry).__name__})"


def as_texts(values: Any, source: str) -> list[str]:
    """Cells of a table: text as it is, numbers as text, nothing for None.

    Raises
    ------
    InputError
        If the values are not in one row, or are neither text nor numbers.

    Examples
    --------
    >>> as_texts(["V1 ", 2.0, None], "here")
    ['V1 ', '2', '']
    """
    array = _flat(values, source)
    cells = []
    for place, entry in enumerate(array.tolist()):
        if entry is not None and _kind(entry) == "neither":
            raise InputError(
                f"{source}: entry {place} (counted from 0) is {_shown(entry)}; "
                "expected text or a number."
            )
        cells.append("" if entry is None else _text(entry))
    return cells


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    # MATLAB keeps whole numbers as doubles: 3.0 and 3 are the same condition.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return composed(str(value))


def short(source: Any) -> str:
    """Name a source without its folders.

    >>> short("data/x.npz [a/b]")
    'x.npz [a/b]'
    """
    path, bracket, key = str(source).partition(" [")
    return PurePath(path).name + bracket + key


def without_suffixes(names: Sequence[str]) -> tuple[str, ...]:
    """Names of images without folder and suffix, if these still differ.

    >>> without_suffixes(["a/cat.jpg", "a/v1.5"]), without_suffixes(["a/1", "b/1"])
    (('cat', 'v1.5'), ('a/1', 'b/1'))
    """
    files = [PurePosixPath(name) for name in names]
    # A dot may be part of a name: what follows has to be a kind of picture or sound.
    kinds = [(guess_type(f.name)[0] or "").partition("/")[0] for f in files]
    media = [kind in ("image", "video", "audio") for kind in kinds]
    bare = tuple(f.stem if m else f.name for f, m in zip(files, media, strict=True))
    return bare if len(set(bare)) == len(set(names)) else tuple(names)


def composed(text: str) -> str:
    """Write accented letters as one character each (NFC).

    Names of files that come from a Mac have two, a letter and its accent: without
    this, labels that look the same would differ.
    """
    return unicodedata.normalize("NFC", text)


def some(items: Iterable[Any], limit: int = 4) -> str:
    """Name a few items and say how many more there are.

    >>> some(["a", "b", "c"], limit=2)
    "'a', 'b' and 1 more"
    """
    listed = list(items)
    text = ", ".join(repr(item) for item in listed[:limit])
    return text if len(listed) <= limit else f"{text} and {len(listed) - limit} more"

"""Labels of units for ``groups=``: by channel or position, or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..base import checks
from ..base.paths import expanded
from .csv_tables import read_rows
from .entries import reading
from .labelled import NO_LABELS, InputError, Labelled, some
from .layouts import unit_positions
from .loading import read

# What units may be grouped by, where the shape of their layer is known.
GROUPINGS = ("channel", "position")
# Head of the column of a table.
COLUMN = "group"


def groups_of(shape: Sequence[int], by: str = "channel") -> np.ndarray:
    """Label every unit of a layer by its channel or its position, for ``groups=``.

    Parameters
    ----------
    shape : sequence of int
        ``(channels, height, width)``; units are flattened channel-first.
    by : {"channel", "position"}
        Units of a channel are one feature map; those of a position respond to one
        place in the image, and are numbered row by row.

    Returns
    -------
    ndarray of int (N,)

    Raises
    ------
    ValueError
        Another shape, or another word.

    Examples
    --------
    >>> groups_of((2, 1, 3), by="channel"), groups_of((2, 1, 3), by="position")
    (array([0, 0, 0, 1, 1, 1]), array([0, 1, 2, 0, 1, 2]))
    """
    checks.choice("by", by, GROUPINGS)
    sides = np.asarray(shape)
    if sides.shape != (3,) or sides.dtype.kind not in "iu" or (sides < 1).any():
        raise ValueError(
            f"shape={shape!r}: expected (channels, height, width), whole numbers from "
            "1. A layer whose units have no position has no channels to group them by."
        )
    place = unit_positions(shape)
    return place["channel"] if by == "channel" else place["y"] * sides[2] + place["x"]


def load_groups(path: str | Path, key: str | None = None) -> Labelled:
    """Load one label a unit.

    Parameters
    ----------
    path : str or Path
        A ``.txt`` file with a label on every line; a ``.csv`` file with a column
        ``group``, such as ``units.csv`` of an earlier result; or a file of an array,
        as :func:`load_features` takes.
    key : str, optional
        Which array of the file.

    Returns
    -------
    Labelled
        Values ``(N,)``, numbers or text.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If the suffix or the key will not do, a line is empty, or there is no such
        column.
    """
    file = expanded(path)
    suffix = file.suffix.lower()
    if suffix not in (".txt", ".csv"):
        found = read(file, key, NO_LABELS)
        if found.values.ndim == 2 and 1 in found.values.shape:
            return Labelled(np.ravel(found.values), None, found.source)
        return found
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} does not exist; expected a file with one label a unit, or "
            f"{' or '.join(GROUPINGS)}. Relative names start at {Path.cwd()}."
        )
    with reading(file):
        if suffix == ".txt":
            labels = file.read_text(encoding="utf-8-sig").rstrip("\n").split("\n")
        else:
            head, *rows = read_rows(file)[0] or [[]]
            if COLUMN not in head or any(len(row) != len(head) for row in rows):
                raise InputError(
                    f"{file}: its columns are {some(head)}; expected one called "
                    f"{COLUMN!r}, with a label for every unit."
                )
            labels = [row[head.index(COLUMN)] for row in rows]
    labels = [label.strip() for label in labels]
    if "" in labels:
        raise InputError(
            f"{file}: the label of unit {labels.index('')} (counted from 0) is empty; "
            "expected one for every unit."
        )
    return Labelled(np.array(labels), None, str(file))

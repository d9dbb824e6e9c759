"""Small RDMs as text: a square table, with or without labels on its edges."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from .entries import reading
from .labelled import InputError, Labelled, as_labels

MISSING = ("", "na", "nan", "null", "none")


def read_csv(path: Path, key: str | None) -> Labelled:
    """Read a square table; commas, semicolons or tabs separate the cells.

    A first row or a first column (or both) beyond the square holds labels. Empty
    cells, ``NA`` and ``NaN`` are missing values.

    Raises
    ------
    InputError
        If the table is not square, a cell is not a number, or the labels of the
        rows differ from those of the columns.
    """
    if key is not None:
        raise InputError(
            f"{path}: key {key!r} was given, but a table has no named arrays; leave "
            "the key out."
        )
    with reading(path):
        rows = _rows(path)
    columns = max(map(len, rows), default=0)
    # R's write.table leaves out the corner.
    if len(rows) > 1 and len(rows[0]) == columns - 1:
        rows[0] = ["", *rows[0]]
    if columns < 1 or any(len(row) != columns for row in rows):
        lengths = sorted({len(row) for row in rows})
        raise InputError(
            f"{path}: the rows have {lengths or 'no'} cells; expected a square table, "
            "with or without a row and a column of labels."
        )
    above, beside = _edges(rows, columns, path)
    values = [[_number(cell, path) for cell in row[beside:]] for row in rows[above:]]
    across = as_labels(rows[0][beside:], str(path)) if above else None
    down = as_labels([row[0] for row in rows[above:]], str(path)) if beside else None
    if across and down and across != down:
        raise InputError(
            f"{path}: its columns are labelled {across[:3]}... and its rows "
            f"{down[:3]}...; expected the same labels in the same order."
        )
    return Labelled(np.array(values, dtype=float), across or down, str(path))


def _rows(path: Path) -> list[list[str]]:
    # utf-8-sig: spreadsheets put a byte order mark in front.
    text = path.read_text(encoding="utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    return [[cell.strip() for cell in row] for row in rows if row]


def _edges(rows: list[list[str]], columns: int, path: Path) -> tuple[int, int]:
    """Return the number of label rows and label columns, 0 or 1 each."""
    extra = len(rows) - columns
    if extra == 0:
        # The corner of an RDM is a number; that of a labelled table is not.
        labelled = columns > 1 and not _is_number(rows[0][0])
        return (1, 1) if labelled else (0, 0)
    if extra in (1, -1):
        return (1, 0) if extra == 1 else (0, 1)
    raise InputError(
        f"{path}: {len(rows)} rows of {columns} cells; expected a square RDM, with or "
        "without a row and a column of labels. Save other arrays as .npy or .npz."
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str, path: Path) -> float:
    if cell.lower() in MISSING:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        raise InputError(
            f"{path}: cell {cell!r} is not a number; expected numbers with a decimal "
            "point, apart from one row and one column of labels."
        ) from None


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows, all with the columns of the first, as the text of a CSV file.

    NaN and None are empty cells.

    >>> print(as_csv([{"layer": "V1", "r": 0.5}, {"layer": "V2", "r": np.nan}]))
    layer,r
    V1,0.5
    V2,
    """
    listed = list(rows)
    text = StringIO()
    table = csv.DictWriter(text, listed[0] if listed else (), lineterminator="\n")
    table.writeheader()
    for row in listed:
        table.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def _cell(value: Any) -> Any:
    undefined = isinstance(value, float | np.floating) and np.isnan(value)
    return "" if undefined else value

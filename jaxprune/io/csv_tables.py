"""Tables as text: features or a square RDM, with or without labels on the edges.

An edge, the first row or the first column, is recognised by what it is: text. Only a
square RDM may have numbers on its edges, because there the rest has to be square. So a
table of features never loses a unit or a condition to a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cells import all_text, is_number, number, read_rows
from .entries import reading
from .labelled import (
    LABEL_NAMES,
    NO_LABELS,
    InputError,
    Labelled,
    as_labels,
    composed,
    some,
)
from .pair_lists import pairs_have_names, pairs_in

# Headers of a column of labels, in any case; the last letter of a plural may lack.
HEADERS = (*LABEL_NAMES, *(name.removesuffix("s") for name in LABEL_NAMES))


@dataclass(frozen=True)
class _Edges:
    """How many rows of names are above the numbers, and which column holds labels."""

    above: int
    column: int | None


def read_csv(
    path: Path,
    key: str | None,
    labels: str | None = None,
    *,
    square: bool = False,
    ignore_case: bool = False,
) -> Labelled:
    """Read a table; tabs, semicolons or commas separate the cells.

    Empty cells, ``NA`` and ``NaN`` are missing values; between semicolons or tabs,
    a decimal comma is one.

    Parameters
    ----------
    path : Path
    key : str or None
        Of a list of pairs, the header of the scores, if there are several columns of
        numbers. Other tables have no named arrays: None.
    labels : str or None
        Header of the column that holds the labels, or `NO_LABELS`. By default the
        first column, if all of it is text or its header says labels or conditions.
    square : bool
        A target: an RDM, whose labels may stand above it too, and be numbers; or a
        list of pairs (`~.pair_lists.pairs_in`).
    ignore_case : bool
        Of a list of pairs, labels that differ in case only are one.

    Raises
    ------
    InputError
        If rows differ in length, a cell is not a number, a column may be labels or a
        unit, or the labels of the rows differ from those of the columns.
    """
    with reading(path):
        rows, commas = read_rows(path)
    if square and (found := pairs_in(rows, path, key, commas, ignore_case)):
        pairs_have_names(path, labels)
        return found
    if key is not None:
        raise InputError(
            f"{path}: key {key!r} was given, but a table has no named arrays; leave "
            "the key out."
        )
    rows = _rectangular(rows, path)
    edges = _around(rows, path) if square else _beside(rows, labels, path)
    if square and labels not in (None, NO_LABELS):
        raise InputError(
            f"{path}: labels={labels!r} was given; an RDM in a table has its labels on "
            f"its edges, which need no name. Leave it out, or give {NO_LABELS!r}."
        )
    body = rows[edges.above :]
    kept = [k for k in range(len(rows[0])) if k != edges.column]
    values = [[number(row[k], path, commas) for k in kept] for row in body]
    found = None
    if edges.column is not None:
        found = as_labels([row[edges.column] for row in body], str(path))
    if square and edges.above:
        across = as_labels([rows[0][k] for k in kept], str(path))
        if found and across != found:
            raise InputError(
                f"{path}: its columns are labelled {some(across)} and its rows "
                f"{some(found)}; expected the same labels in the same order."
            )
        found = across
    wanted = None if labels == NO_LABELS else found
    return Labelled(np.array(values, dtype=float), wanted, str(path))


def _rectangular(rows: list[list[str]], path: Path) -> list[list[str]]:
    """Rows of one length: R leaves out the corner, others end lines in a delimiter."""
    if rows and all(len(row) > 1 and row[-1] == "" for row in rows):
        rows = [row[:-1] for row in rows]
    columns = max(map(len, rows), default=0)
    if len(rows) > 1 and len(rows[0]) == columns - 1 and all_text(rows[0]):
        rows = [["", *rows[0]], *rows[1:]]
    if columns < 1 or any(len(row) != columns for row in rows):
        lengths = sorted({len(row) for row in rows})
        triangle = [len(row) for row in rows] in (
            list(range(first, first + len(rows))) for first in (1, 2)
        )
        advice = ""
        if triangle and len(rows) > 1:
            advice = (
                " It looks like one triangle of an RDM: save the whole square, "
                "rdm + rdm.T of a triangle with zeros elsewhere."
            )
        raise InputError(
            f"{path}: the rows have {some(lengths) if lengths else 'no'} cells; "
            f"expected as many in every row.{advice}"
        )
    return rows


def _around(rows: list[list[str]], path: Path) -> _Edges:
    """Edges of an RDM: what is beyond the square."""
    count, columns = len(rows), len(rows[0])
    extra = count - columns
    if extra == 0:
        # The corner of an RDM is a number; that of a labelled table is not.
        labelled = columns > 1 and not is_number(rows[0][0])
        return _Edges(1, 0) if labelled else _Edges(0, None)
    if abs(extra) == 1:
        return _Edges(1, None) if extra == 1 else _Edges(0, 0)
    raise InputError(
        f"{path}: {count} rows of {columns} cells; expected a square RDM, with or "
        "without a row and a column of labels. Save other arrays as .npy or .npz."
    )


def _beside(rows: list[list[str]], labels: str | None, path: Path) -> _Edges:
    """Edges of features: a header of text, and a column of labels."""
    header = rows[0]
    counting = _counts(header[1:])
    named = len(header) > 1 and (all_text(header[1:]) or (counting and not header[0]))
    first = [row[0] for row in rows[1 if named else 0 :]]
    if not named and counting and len(rows) > 1 and all_text([header[0]]):
        raise InputError(
            f"{path}: its first row counts, {some(header)}; it may be a header or a "
            "condition. Leave it out, or name all units by text."
        )
    if named and not first:
        raise InputError(f"{path}: a header and no row below it; expected features.")
    if labels not in (None, NO_LABELS):
        places = [k for k, cell in enumerate(header) if composed(cell) == labels]
        if not named or len(places) != 1:
            raise InputError(
                f"{path}: labels={labels!r} was given; expected the header of one "
                f"column, {some(header) if named else 'and this table has no header'}."
            )
        return _Edges(1, places[0])
    above = 1 if named else 0
    if labels == NO_LABELS:
        return _Edges(above, None)
    if all_text(first) or (named and header[0].lower() in ("", *HEADERS)):
        return _Edges(above, 0)
    if len(header) > 1 and _counts(first):
        raise InputError(
            f"{path}: its first column counts, {some(first)}; it may number the "
            "conditions or be a unit. Say which: labels='none' (--features-labels "
            "none) if it is a unit; else give its header as labels, or leave the "
            "column out."
        )
    return _Edges(above, None)


def _counts(cells: Sequence[str]) -> bool:
    """Whether cells count up from 0 or 1."""
    starts = (map(str, range(start, start + len(cells))) for start in (0, 1))
    return len(cells) > 1 and any(list(cells) == list(numbers) for numbers in starts)

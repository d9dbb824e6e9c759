"""Cells of a table as text: rows, numbers and what stands for a missing one."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from .labelled import InputError
from .texts import opened

MISSING = ("", "na", "nan", "null", "none")
DELIMITERS = "\t;,"


def read_rows(path: Path) -> tuple[list[list[str]], bool]:
    """Cells of the rows that are not empty, and whether a comma may be a decimal one.

    Tabs, semicolons or commas are between cells, whichever all rows have.
    """
    with opened(path) as file:
        text = file.read()
    tables = {}
    for delimiter in DELIMITERS:
        parsed = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        rows = [[cell.strip() for cell in row] for row in parsed]
        tables[delimiter] = [row for row in rows if row]
    for delimiter, rows in tables.items():
        if rows and all(len(row) > 1 for row in rows):
            return rows, delimiter != ","
    return tables[","], False


def all_text(cells: Sequence[str]) -> bool:
    """Whether no cell is a number, or may stand for a missing one."""
    return bool(cells) and not any(
        is_number(cell) or cell.lower() in MISSING for cell in cells
    )


def is_number(cell: str) -> bool:
    """Whether a cell is a number, maybe with a decimal comma."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def value(cell: str, commas: bool) -> float:
    """A number, NaN where it is missing; between other delimiters with a comma."""
    if cell.lower() in MISSING:
        return float("nan")
    return float(cell.replace(",", ".") if commas else cell)


def number(cell: str, path: Path, commas: bool) -> float:
    """As `value`; `InputError` for text."""
    try:
        return value(cell, commas)
    except ValueError:
        raise InputError(
            f"{path}: cell {cell!r} is not a number; expected numbers, apart from one "
            "row of names and one column of labels. A column of labels elsewhere is "
            "named by its header: labels=..., --features-labels."
        ) from None

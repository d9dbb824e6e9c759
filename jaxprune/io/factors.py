"""Factors of the conditions from a table: numbers (area, number) and categories."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..base.paths import expanded
from .cells import is_number, read_rows, value
from .csv_tables import HEADERS
from .entries import reading
from .labelled import InputError, as_labels, some


def load_factors(
    path: str | Path, conditions: tuple[str, ...] | None, n: int
) -> tuple[dict[str, np.ndarray], str]:
    """Read a table with a row for each condition and a column for each factor.

    Parameters
    ----------
    path : str or Path
        ``.csv`` or ``.tsv`` with a header. A column called label(s) or condition(s)
        names the conditions, and the rows may be in any order; further conditions are
        left out. A column of numbers is a factor of numbers, any other one of
        categories.
    conditions : tuple of str (n,) or None
        Labels, in the order wanted.
    n : int
        How many there are.

    Returns
    -------
    factors : dict of str to ndarray (n,)
    matching : str
        How the rows were matched.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If conditions have no row, or several, or there is no factor.
    """
    file = expanded(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"factors: {file} does not exist; expected a table with a row for each "
            f"condition. Relative names start at {Path.cwd()}."
        )
    with reading(file):
        rows, commas = read_rows(file)
    if len(rows) < 2 or any(len(row) != len(rows[0]) for row in rows):
        raise InputError(
            f"factors: {file}: expected a header and rows with as many cells, one for "
            "each condition."
        )
    columns = {
        name: [row[k] for row in rows[1:]] for k, name in enumerate(rows[0]) if name
    }
    names = next((name for name in columns if name.lower() in HEADERS), None)
    cells = columns.pop(names) if names is not None else None
    if not columns:
        raise InputError(f"factors: {file} has no column beside that of the labels.")
    if cells is None or conditions is None:
        if len(rows) - 1 != n:
            raise InputError(
                f"factors: {file} has {len(rows) - 1} rows, and there are {n} "
                "conditions; expected as many, or labels on both sides (a column "
                "called condition)."
            )
        order, matching = range(n), "assumed to be in the same order"
    else:
        labels = as_labels(cells, f"factors: {file}")
        places = {label: k for k, label in enumerate(labels)}
        absent = [label for label in conditions if label not in places]
        if absent or len(places) < len(labels):
            what = f"no row for {some(absent)}" if absent else "a label occurs twice"
            raise InputError(
                f"factors: {file}: {what}; expected one row for each condition."
            )
        order, matching = [places[label] for label in conditions], "by label"
    return {
        name: _column([column[k] for k in order], commas)
        for name, column in columns.items()
    }, matching


def _column(cells: list[str], commas: bool) -> np.ndarray:
    if all(map(is_number, cells)):
        return np.array([value(cell, commas) for cell in cells])
    return np.array(cells)

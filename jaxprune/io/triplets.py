"""Lists of odd-one-out choices, ``a,b,odd``: which of three conditions does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..base.paths import expanded
from .cells import all_text, read_rows
from .entries import reading
from .judgements import Conditions
from .labelled import InputError, Labelled, short
from .sharing import places

SUFFIXES = (".csv", ".tsv", ".txt")
# Headers of the last column, in any case.
ODD = ("odd", "odd_one_out", "oddoneout", "odd one out")


def load_triplets(path: str | Path, *, ignore_case: bool = False) -> Labelled | None:
    """Load odd-one-out choices; None if the file holds something else.

    Parameters
    ----------
    path : str or Path
        A table of three columns: two conditions that go together, and the odd one. It
        is recognised by a header ``odd``, or by a third column that names conditions
        of the first two.
    ignore_case : bool
        Labels that differ in case only are one.

    Returns
    -------
    Labelled or None
        Values ``(T, 3)``: numbers of the conditions in `labels`. Triplets that name a
        condition twice are left out, and noted.

    Raises
    ------
    InputError
        If the file cannot be read, or no triplet is left.
    """
    file = expanded(path)
    if file.suffix.lower() not in SUFFIXES or not file.is_file():
        return None
    with reading(file):
        rows, _ = read_rows(file)
    rows = _triplets(rows)
    if rows is None:
        return None
    conditions = Conditions(ignore_case)
    kept = [row for row in rows if not conditions.same(row)]
    if not kept:
        raise InputError(f"{file} has no triplet of three different conditions.")
    values = np.array([conditions.numbers(row) for row in kept])
    found = Labelled(values, conditions.labels, str(file))
    twice = len(rows) - len(kept)
    return found.noted(
        f"{file.name}: {twice:,} triplets that name a condition twice left out"
        if twice
        else ""
    )


def among(
    features: Labelled,
    triplets: Labelled,
    *,
    missing: str = "error",
    ignore_case: bool = False,
) -> Labelled:
    """Triplets with the numbers that their conditions have in the features.

    Parameters
    ----------
    features, triplets : Labelled
    missing, ignore_case : str and bool
        As in :func:`~jaxprune.io.shared`; triplets of conditions that the features
        lack are left out.

    Raises
    ------
    InputError
        If the features have no labels, or lack conditions of the triplets.
    """
    if features.labels is None:
        raise InputError(
            f"{features.source} has no labels, and triplets name their conditions; "
            "save labels beside the array."
        )
    names = triplets.labels or ()
    at = places(features, names, triplets.source, missing, ignore_case)
    values = at[triplets.values]
    known = np.flatnonzero((values >= 0).all(1))
    if not len(known):
        raise InputError(
            f"{triplets.source}: no triplet has all of its conditions in "
            f"{features.source}."
        )
    found = replace(triplets, values=values[known], labels=features.labels)
    lost, every = len(values) - len(known), len(values)
    return found.noted(
        f"{short(triplets.source)}: {lost:,} of {every:,} triplets with conditions "
        f"that {short(features.source)} lacks left out"
        if lost
        else ""
    )


def _triplets(rows: list[list[str]]) -> Sequence[Sequence[str]] | None:
    if not rows or any(len(row) != 3 for row in rows):
        return None
    first = [cell.lower() for cell in rows[0]]
    if first[2] in ODD:
        return rows[1:] or None
    head = 1 if len(rows) > 1 else 0
    a, b, odd = (list(column) for column in zip(*rows[head:], strict=True))
    if not all_text([*a, *b, *odd]) or not set(odd) & {*a, *b}:
        return None
    known = {*a, *b, *odd}
    return rows if known & set(rows[0]) else rows[head:]

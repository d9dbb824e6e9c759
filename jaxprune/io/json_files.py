"""Judgements as JSON: lists of pairs, a record each, and trees of Meadows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .entries import reading
from .labelled import InputError, Labelled
from .meadows import tasks_in
from .pair_lists import WANTED, pairs_have_names, pairs_in
from .texts import opened


def read_json(
    path: Path,
    key: str | None,
    labels: str | None = None,
    *,
    square: bool = False,
    ignore_case: bool = False,
) -> Labelled:
    """Read judgements, which are a target.

    Parameters
    ----------
    path : Path
        Records ``{"word1": ..., "word2": ..., "score": ..., "rater": ...}`` or rows of
        the same, as a list or one a line; or what Meadows exports as a tree.
    key : str or None
        Of records, the name of the score, if there are several numbers; of a tree, the
        task.
    labels : None
        Judgements name their conditions.
    square : bool
        A target is wanted.
    ignore_case : bool
        See `~.judgements.as_target`.

    Raises
    ------
    InputError
        If the file holds something else, or features are wanted.
    """
    if not square:
        raise InputError(
            f"{path}: JSON holds judgements of pairs, which are a target; expected "
            "features of conditions: save them as .npz with labels."
        )
    pairs_have_names(path, labels)
    with reading(path), opened(path) as file:
        content = _parsed(file.read())
    if (found := tasks_in(content, path, key)) is not None:
        return found
    rows = _rows(content if isinstance(content, list) else [content], path)
    if (found := pairs_in(rows, path, key, ignore_case=ignore_case)) is not None:
        return found
    raise InputError(f"{path} holds no judgements of pairs; {WANTED}.")


def _parsed(text: str) -> Any:
    """A whole document, or one a line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as whole:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2:
            raise
        try:
            return [json.loads(line) for line in lines]
        except json.JSONDecodeError:
            raise whole from None


def _rows(records: list[Any], path: Path) -> list[list[str]]:
    """Cells of records, below a header, or of rows."""
    if records and all(isinstance(record, list) for record in records):
        return [[_cell(value, path) for value in record] for record in records]
    if not records or not all(isinstance(record, dict) for record in records):
        raise InputError(f"{path} holds no records and no rows; {WANTED}.")
    names = list(dict.fromkeys(name for record in records for name in record))
    cells = [[_cell(r.get(name), path) for name in names] for r in records]
    return [names, *cells]


def _cell(value: Any, path: Path) -> str:
    if isinstance(value, dict | list):
        raise InputError(
            f"{path}: a record holds {json.dumps(value)[:40]!r}; expected text or a "
            f"number. {WANTED.capitalize()}."
        )
    return "" if value is None else str(value)

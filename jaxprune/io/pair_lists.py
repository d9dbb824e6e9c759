"""Lists of judged pairs, ``a,b,score`` or ``a,b,score,rater``, told by what they hold.

Two columns name conditions, which no RDM has. A header is one if the scores have none
of their own there; a column that counts the rows, as pandas and R write it, is none of
the four.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .cells import MISSING, is_number, value
from .judgements import as_target
from .labelled import InputError, Labelled, composed, some

# Headers of the column that says who judged, in any case.
RATERS = ("rater", "subject", "participant", "worker", "annotator", "judge")
WANTED = "expected two conditions and a score in each row, and perhaps a rater"


def pairs_in(
    rows: list[list[str]],
    path: Path,
    key: str | None = None,
    commas: bool = False,
    ignore_case: bool = False,
) -> Labelled | None:
    """Take rows of cells for judged pairs; None if they are something else.

    Parameters
    ----------
    rows : list of list of str
    path : Path
    key : str or None
        Header of the scores, where there are several columns of numbers.
    commas : bool
        A comma may be a decimal one.
    ignore_case : bool
        See `~.judgements.as_target`.

    Raises
    ------
    InputError
        If a score is text, a name is missing, or columns may be scores or raters.

    Examples
    --------
    >>> rows = [["word1", "word2", "score"], ["cat", "dog", "7"], ["owl", "cat", "4"]]
    >>> pairs_in(rows, Path("here")).labels
    ('cat', 'dog', 'owl')
    >>> pairs_in([["cat", "0", "1"], ["dog", "1", "0"]], Path("here"))
    """
    rows = _without_counts(rows)
    if not rows or len(rows[0]) < 3 or len({len(row) for row in rows}) > 1:
        return None
    body = rows[1:] or rows
    columns = list(zip(*body, strict=True))
    named = [k for k, column in enumerate(columns) if _mostly_text(column)]
    headed = not any(is_number(cell) for cell in rows[0]) and len(rows) > 1
    rater = next((k for k, cell in enumerate(rows[0]) if _says_rater(cell)), None)
    named = [k for k in named if k != rater or not headed]
    if len(named) < 2 and headed and _numbered(columns, rater):
        named = [k for k in range(len(columns)) if k != rater][:2]
    if len(named) < 2:
        return None
    a, b = named[:2]
    others = [k for k in range(len(columns)) if k not in (a, b)]
    score, rater, headed = _roles(rows, columns, others, rater, key, path)
    body = rows[1:] if headed else rows
    pairs = [(row[a], row[b]) for row in body]
    scores = np.empty(len(body))
    for place, row in enumerate(body):
        if "" in pairs[place]:
            raise InputError(
                f"{path}, row {place + headed + 1}: a name is missing in {some(row)}; "
                f"{WANTED}."
            )
        scores[place] = _score(row[score], place + headed + 1, path, commas)
    raters = None if rater is None else [composed(row[rater]) for row in body]
    return as_target(pairs, scores, raters, path, ignore_case=ignore_case)


def pairs_have_names(path: Path, labels: str | None) -> None:
    """Refuse labels where every judgement names its conditions."""
    if labels is not None:
        raise InputError(
            f"{path}: labels={labels!r} was given with judgements of pairs, each of "
            "which names its conditions; leave it out (--target-labels)."
        )


def _without_counts(rows: list[list[str]]) -> list[list[str]]:
    """Drop the numbers of the rows, under an empty corner or none."""
    if len(rows) < 2 or len(rows[1]) < 4:
        return rows
    first = rows[0]
    if len(first) == len(rows[1]) - 1:
        first = ["", *first]
    counts = [row[0] for row in rows[1:]]
    starts = (map(str, range(start, start + len(counts))) for start in (0, 1))
    if first[0] or not any(counts == list(numbers) for numbers in starts):
        return rows
    return [row[1:] for row in (first, *rows[1:])]


def _roles(
    rows: list[list[str]],
    columns: list[tuple[str, ...]],
    others: list[int],
    rater: int | None,
    key: str | None,
    path: Path,
) -> tuple[int, int | None, bool]:
    """Which columns hold scores and raters, and whether the first row is a header."""
    header = rows[0]
    if key is not None:
        if key not in header:
            raise InputError(
                f"{path} has no column {key!r}; expected the header of the scores, one "
                f"of {some([header[k] for k in others], 8)}."
            )
        return (
            header.index(key),
            rater if _says_rater(header[rater or 0]) else None,
            True,
        )
    numeric = [k for k in others if k != rater and not _mostly_text(columns[k])]
    if not numeric:
        text = [cell for k in others for cell in columns[k]]
        raise InputError(
            f"{path}: its ratings are text, {some(dict.fromkeys(text))}; {WANTED}. "
            "Write numbers in their place. If the third names the odd one out, "
            "`jaxprune prune` and prune_triplets take it."
        )
    score = numeric[0]
    headed = not (is_number(header[score]) or header[score].lower() in MISSING)
    if not headed:
        rater = None
    left = [k for k in others if k not in (score, rater)]
    if rater is None and len(left) == 1 and (not headed or left[0] not in numeric):
        return score, left[0], headed
    if left:
        names = (
            [header[k] for k in others] if headed else [f"column {k}" for k in others]
        )
        raise InputError(
            f"{path}: beside two conditions its columns are {some(names, 8)}, and one "
            "of them is the score. Name it as key (--target-key on the command line); "
            f"who judged stands under {RATERS[0]!r}."
        )
    return score, rater, headed


def _mostly_text(cells: tuple[str, ...]) -> bool:
    """Whether half of the cells are text: a word may look like a number or a gap."""
    text = sum(not is_number(cell) and cell.lower() not in MISSING for cell in cells)
    return 2 * text >= len(cells)


def _numbered(columns: list[tuple[str, ...]], rater: int | None) -> bool:
    """Whether conditions are numbers under a header, in what is no square RDM."""
    first, second, *rest = [c for k, c in enumerate(columns) if k != rater]
    whole = all(cell.isdigit() for cell in (*first, *second))
    return whole and len(rest) == 1 and len(first) != len(columns)


def _says_rater(cell: str) -> bool:
    return cell.lower().removesuffix("id").rstrip("_- ") in RATERS


def _score(cell: str, row: int, path: Path, commas: bool) -> float:
    try:
        return value(cell, commas)
    except ValueError:
        raise InputError(
            f"{path}, row {row}: the score is {cell!r}; {WANTED}. Leave the cell empty "
            "where there is none."
        ) from None

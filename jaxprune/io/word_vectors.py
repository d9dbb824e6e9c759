"""Word vectors as text, ``word v1 v2 ... vN``, and tables of numbers alone."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np

from .csv_tables import read_csv
from .entries import no_labels_in, reading
from .labelled import NO_LABELS, InputError, Labelled, composed, some
from .texts import opened

# So many lines are looked at to tell words from numbers.
FIRST = 100


def read_text(
    path: Path,
    key: str | None,
    labels: str | None = None,
    *,
    words: Collection[str] | None = None,
    square: bool = False,
    ignore_case: bool = False,
) -> Labelled:
    """Read vectors of words, a line each; or a table of numbers, a condition a line.

    Parameters
    ----------
    path : Path
        As GloVe writes it, or word2vec and fastText, whose first line counts the words
        and the numbers of each. Compressed by gzip, or not.
    key : str or None
        Text has no named arrays: None.
    labels : str or None
        `NO_LABELS`, or None: words are labels.
    words : collection of str, optional
        Take these only, in any case; the others are never in memory.
    square, ignore_case : bool
        An RDM or a list of pairs: see `~.csv_tables.read_csv`.

    Returns
    -------
    Labelled
        Values ``(n_words, N)`` in float64.

    Raises
    ------
    InputError
        If a line has another number of cells, or one that is not a number.
    """
    if square:
        return read_csv(path, key, labels, square=True, ignore_case=ignore_case)
    if key is not None:
        raise InputError(
            f"{path}: key {key!r} was given, but text has no named arrays; leave the "
            "key out."
        )
    no_labels_in(path, labels)
    with reading(path), opened(path) as file:
        first = list(islice(file, FIRST))
        if not first or not "".join(first).strip():
            raise ValueError("it is empty")
        if _numbers_only(first):
            values = np.loadtxt(chain(first, file), ndmin=2)
            return Labelled(values, None, str(path))
        found, values = _vectors(path, first, file, words)
    return Labelled(values, None if labels == NO_LABELS else found, str(path))


def _vectors(
    path: Path, first: list[str], file: Iterator[str], words: Collection[str] | None
) -> tuple[tuple[str, ...], np.ndarray]:
    counts = first[0].split()
    header = len(counts) == 2 and all(count.isdigit() for count in counts)
    # A word may have blanks, which few have: most lines say how long the vectors are.
    cells = Counter(len(line.split()) for line in first if line.strip())
    width = int(counts[1]) if header else cells.most_common(1)[0][0] - 1
    wanted = None if words is None else {word.casefold() for word in words}
    found: list[str] = []
    values = array("d")
    for number, line in enumerate(chain(first[header:], file), 1 + header):
        text = line.rstrip()
        if not text:
            continue
        word, *numbers = text.replace("\t", " ").rsplit(" ", width)
        if len(numbers) != width or width < 1:
            raise InputError(
                f"{path}, line {number}: {len(numbers)} numbers after a word; expected "
                f"{width}, as on the lines before. Is the file complete?"
            )
        word = composed(word.strip())
        if wanted is not None and word.casefold() not in wanted:
            continue
        try:
            values.extend(map(float, numbers))
        except ValueError as error:
            raise InputError(
                f"{path}, line {number}, {word!r}: {error}; expected {width} numbers "
                "after a word, separated by blanks. Commas separate those of a .csv."
            ) from None
        found.append(word)
    if words is not None and not found:
        raise InputError(
            f"{path} has none of the {len(words):,} words: {some(words)}; expected "
            "some of them."
        )
    return tuple(found), np.frombuffer(values, float).reshape(len(found), width)


def _numbers_only(lines: list[str]) -> bool:
    """Whether lines begin with numbers, and the first is no count of words."""
    rows = [line.split() for line in lines if line.strip()]
    lengths = {len(row) for row in rows}
    return len(lengths) == 1 and all(_is_number(row[0]) for row in rows)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

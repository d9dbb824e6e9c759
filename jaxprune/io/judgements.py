"""Judgements of pairs of conditions become targets, of one rater or several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .labelled import InputError, Labelled, composed, short, some


class Conditions:
    """Conditions in the order in which judgements name them.

    Parameters
    ----------
    ignore_case : bool
        Names that differ in case only are one, spelled as where it occurs first.

    Examples
    --------
    >>> conditions = Conditions(ignore_case=True)
    >>> conditions.numbers(["cat", "Dog"]), conditions.numbers(["dog", "Cat"])
    ([0, 1], [1, 0])
    >>> conditions.labels
    ('cat', 'Dog')
    """

    def __init__(self, ignore_case: bool) -> None:
        self._ignore_case = ignore_case
        self._places: dict[str, int] = {}
        self._spelled: list[str] = []

    @property
    def labels(self) -> tuple[str, ...]:
        """Those that were named so far."""
        return tuple(self._spelled)

    def same(self, names: Sequence[str]) -> bool:
        """Whether any of the names are of one condition."""
        return len(set(map(self._key, names))) < len(names)

    def numbers(self, names: Sequence[str]) -> list[int]:
        """Number of each name, a new one where it is the first time."""
        for name in names:
            key = self._key(name)
            if key not in self._places:
                self._places[key] = len(self._spelled)
                self._spelled.append(composed(name))
        return [self._places[self._key(name)] for name in names]

    def _key(self, name: str) -> str:
        return composed(name).casefold() if self._ignore_case else composed(name)


def as_target(
    pairs: Sequence[tuple[str, str]],
    scores: Sequence[float] | np.ndarray,
    raters: Sequence[str] | None,
    source: str | Path,
    *,
    ignore_case: bool = False,
) -> Labelled:
    """Put judged pairs where they are in a condensed matrix; the others are missing.

    Parameters
    ----------
    pairs : sequence of (str, str)
        In either order.
    scores : sequence of float
        NaN where there is none.
    raters : sequence of str or None
        Who judged.
    source : str or Path
    ignore_case : bool
        Labels that differ in case only are one, spelled as where it occurs first.

    Returns
    -------
    Labelled
        Values ``(P,)``, or ``(k, P)`` of several raters, NaN where a pair was not
        judged; conditions and raters in the order in which they occur. Judgements of
        one pair by one rater are averaged. Notes say what was averaged or left out.

    Raises
    ------
    InputError
        If no pair has a score.

    Examples
    --------
    >>> pairs = [("cat", "dog"), ("dog", "cat"), ("owl", "cat"), ("owl", "owl")]
    >>> found = as_target(pairs, [1.0, 2.0, 5.0, 9.0], None, "here")
    >>> found.labels, found.values
    (('cat', 'dog', 'owl'), array([1.5, 5. , nan]))
    >>> found.notes[0]
    "here: 1 pair of a condition with itself left out: 'owl'"
    """
    conditions, given = Conditions(ignore_case), np.asarray(scores, float)
    itself = np.array([conditions.same(pair) for pair in pairs], bool)
    unjudged = np.isnan(given) & ~itself
    kept = np.flatnonzero(~itself & ~unjudged).tolist()
    if not kept:
        raise InputError(f"{source}: no pair of two conditions has a score.")
    ends = np.array([conditions.numbers(pairs[place]) for place in kept])
    n = len(conditions.labels)
    i, j = ends.min(1), ends.max(1)
    position = i * n - i * (i + 1) // 2 + j - i - 1
    who = ["" if raters is None else raters[place] for place in kept]
    names = {name: index for index, name in enumerate(dict.fromkeys(who))}
    rows = np.array([names[name] for name in who])
    shape = len(names), n * (n - 1) // 2
    cells, places, counts = np.unique(
        rows * shape[1] + position, return_inverse=True, return_counts=True
    )
    values = np.full(shape, np.nan)
    values.flat[cells] = np.bincount(places, given[kept]) / counts
    found = Labelled(
        values[0] if len(names) == 1 else values, conditions.labels, str(source)
    )
    return found.noted(
        _left_out(source, itself, "of a condition with itself", pairs),
        _left_out(source, unjudged, "without a score", pairs),
        _averaged(source, counts[counts > 1]),
        targets_note(source, "raters", list(names)),
    )


def targets_note(source: str | Path, what: str, names: Sequence[str]) -> str:
    """Say whose targets they are, where they are several."""
    if len(names) == 1:
        return ""
    return f"{short(source)}: {len(names):,} {what}, a target each: {some(names)}"


def _averaged(source: str | Path, counts: np.ndarray) -> str:
    if not len(counts):
        return ""
    return (
        f"{short(source)}: {len(counts):,} pair{'s' * (len(counts) > 1)} judged more "
        f"than once, {counts.sum():,} judgements averaged"
    )


def _left_out(
    source: str | Path, which: np.ndarray, what: str, pairs: Sequence[tuple[str, str]]
) -> str:
    places = np.flatnonzero(which).tolist()
    if not places:
        return ""
    names = [" - ".join(dict.fromkeys(pairs[place])) for place in places]
    s = "" if len(places) == 1 else "s"
    return f"{short(source)}: {len(places):,} pair{s} {what} left out: {some(names)}"

"""Judgements of pairs of conditions become targets, of one rater or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .labelled import InputError, Labelled, composed, short, some


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
    folded = [tuple(map(_key(ignore_case), pair)) for pair in pairs]
    given = np.asarray(scores, float)
    itself = np.array([a == b for a, b in folded], bool)
    unjudged = np.isnan(given) & ~itself
    kept = np.flatnonzero(~itself & ~unjudged).tolist()
    if not kept:
        raise InputError(f"{source}: no pair of two conditions has a score.")
    spelled: dict[str, str] = {}
    for place in kept:
        for label, text in zip(folded[place], pairs[place], strict=True):
            spelled.setdefault(label, composed(text))
    where = {label: index for index, label in enumerate(spelled)}
    n = len(where)
    ends = np.array([[where[label] for label in folded[place]] for place in kept])
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
        values[0] if len(names) == 1 else values, tuple(spelled.values()), str(source)
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


def _key(ignore_case: bool) -> Callable[[str], str]:
    return (lambda t: composed(t).casefold()) if ignore_case else composed


def _left_out(
    source: str | Path, which: np.ndarray, what: str, pairs: Sequence[tuple[str, str]]
) -> str:
    places = np.flatnonzero(which).tolist()
    if not places:
        return ""
    names = [" - ".join(dict.fromkeys(pairs[place])) for place in places]
    s = "" if len(places) == 1 else "s"
    return f"{short(source)}: {len(places):,} pair{s} {what} left out: {some(names)}"

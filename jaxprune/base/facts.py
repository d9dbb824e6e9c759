"""Facts in plain lines of 80 ASCII columns: a label, and what there is to say."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

WIDTH = 80
LABEL = 14
# More values than these are counted, not listed.
LISTED = 6


def number(value: float) -> str:
    """Return a score for a table.

    >>> number(0.12345), number(float("nan"))
    ('0.123', 'undefined')
    """
    return f"{value:.3f}" if np.isfinite(value) else "undefined"


def percent(part: float, whole: float) -> str:
    """Return a share, never rounded to nothing or to all.

    >>> percent(1, 3), percent(2, 200_704), percent(200_703, 200_704)
    ('33.3%', '<0.1%', '>99.9%')
    """
    share = 100 * part / whole
    if 0 < share < 0.05:
        return "<0.1%"
    return ">99.9%" if 99.95 <= share < 100 else f"{share:.1f}%"


def count(number: int | np.integer, thing: str) -> str:
    """Return a number of things.

    >>> count(1, "unit"), count(3203, "unit")
    ('1 unit', '3,203 units')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def spread(values: Any) -> str:
    """Return a score, or the median and the range of several.

    >>> spread(0.5), spread([0.25, 0.5, 1.0])
    ('0.500', '0.500 (median of 3, 0.250 to 1.000)')
    """
    scores = np.ravel(np.asarray(values, float))
    defined = scores[~np.isnan(scores)]
    if len(scores) == 1 or not len(defined):
        return number(scores[0] if len(scores) else np.nan)
    middle, low, high = (f(defined) for f in (np.median, np.min, np.max))
    lacking = f", {len(scores) - len(defined)} undefined"
    text = f"median of {len(defined)}, {number(low)} to {number(high)}"
    return f"{number(middle)} ({text}{lacking if len(scores) > len(defined) else ''})"


def p_text(p: float) -> str:
    """Put a p value in words.

    >>> p_text(0.0312), p_text(0.0001), p_text(float("nan"))
    ('= .031', '< .001', 'n.d.')
    """
    if np.isnan(p):
        return "n.d."
    return "< .001" if p < 0.0005 else f"= {p:.3f}".replace("0.", ".", 1)


def fact(name: str, text: str) -> str:
    """Return one line of facts: a name, and what there is to say.

    >>> fact("path", "closed_form")
    'path          closed_form'
    """
    return f"{name:<{LABEL}}{text}"


def wrapped(name: str, text: str) -> str:
    """Return a fact on as many lines as it takes.

    >>> print(wrapped("layers", " ".join(["features.30"] * 6)))
    layers        features.30 features.30 features.30 features.30 features.30
                  features.30
    """
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=fact(name, ""),
        subsequent_indent=" " * LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )


def described(value: Any) -> str:
    """Say what any value is in some words: an array by shape and range, say.

    >>> described(np.arange(12.0)), described(("number", "area")), described(0.25)
    ('(12,), 0 to 11', 'number, area', '0.25')
    """
    if value is None:
        return "none"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if isinstance(value, float | np.floating):
        return "undefined" if np.isnan(value) else f"{value:.4g}"
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, Mapping):
        single = all(isinstance(one, str | int | float) for one in value.values())
        rows = [
            f"{k} {described(one)}" if single else str(k) for k, one in value.items()
        ]
        return _listed(rows)
    if isinstance(value, Sequence) and not isinstance(value, str):
        if any(isinstance(one, np.ndarray) for one in value):
            return f"{len(value):,} arrays"
        return _listed([described(one) for one in value])
    return str(value) if isinstance(value, str) else type(value).__name__


def _listed(rows: Sequence[str]) -> str:
    more = f", ... ({len(rows):,} in all)" if len(rows) > LISTED else ""
    return ", ".join(rows[:LISTED]) + more if rows else "none"


def _array(array: np.ndarray) -> str:
    """Values of a short one; shape and range, or how many are true, of others."""
    if array.ndim < 2 and array.size <= LISTED:
        return _listed([described(one) for one in array.ravel().tolist()])
    shape = str(array.shape)
    if array.dtype == bool:
        return f"{shape}, {array.sum():,} true"
    if array.dtype.kind not in "iuf":
        return shape
    defined = array[np.isfinite(array)]
    if not len(defined):
        return f"{shape}, undefined"
    ends = " to ".join(f"{end:.4g}" for end in (defined.min(), defined.max()))
    lacking = array.size - len(defined)
    return f"{shape}, {ends}" + (f", {lacking:,} undefined" if lacking else "")

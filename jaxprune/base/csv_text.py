"""Tables as the text of a CSV file: one writer for all that jaxprune writes.

What is undefined is ``NaN``, what is absent an empty cell. Text is quoted by one rule
with every Python, so that line breaks (of all kinds: some readers split lines at U+2028
too), quotes and delimiters in labels come back as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

# Everything that `str.splitlines` splits at, and blanks that readers strip.
_QUOTED = re.compile('[,"\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|^\\s|\\s$')


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows, all with the columns of the first.

    >>> print(as_csv([{"layer": "V1", "r": 0.5}, {"layer": "a,b", "r": np.nan}]))
    layer,r
    V1,0.5
    "a,b",NaN
    """
    listed = list(rows)
    names = list(listed[0]) if listed else []
    if others := set().union(*listed) - set(names):
        raise ValueError(f"rows have the columns {sorted(others)}, the first has not.")
    return as_table({name: [row.get(name) for row in listed] for name in names})


def as_table(columns: Mapping[str, Any]) -> str:
    """Return columns of one length, each of numbers or of text.

    >>> print(as_table({"unit": np.arange(2), "name": ["a", None]}))
    unit,name
    0,a
    1,
    """
    rows = [map(_quoted, columns), *zip(*map(_cells, columns.values()), strict=True)]
    return "\n".join(map(",".join, rows)) + "\n"


def _cells(values: Any) -> list[str]:
    # A layer may have 200,000 units: repr round-trips, and joining is a hundred times
    # faster than numpy's savetxt.
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
        return ["NaN" if v != v else repr(v) for v in values.tolist()]
    return [_cell(value) for value in values]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _quoted(value)
    return "NaN" if value != value else _quoted(str(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text

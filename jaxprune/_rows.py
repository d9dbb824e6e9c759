"""Tables as rows: mappings of column names to values."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

import numpy as np


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows, all with the columns of the first, as the text of a CSV file.

    NaN and None are empty cells.

    >>> print(as_csv([{"layer": "V1", "r": 0.5}, {"layer": "V2", "r": np.nan}]))
    layer,r
    V1,0.5
    V2,
    """
    listed = list(rows)
    text = StringIO()
    table = csv.DictWriter(text, listed[0] if listed else (), lineterminator="\n")
    table.writeheader()
    for row in listed:
        table.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def _cell(value: Any) -> Any:
    undefined = isinstance(value, float | np.floating) and np.isnan(value)
    return "" if undefined else value

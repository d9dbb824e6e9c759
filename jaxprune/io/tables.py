"""The tables of a result as CSV text, made at once: a layer may have 200,000 units."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .labelled import as_labels

if TYPE_CHECKING:
    from ..results import Pruning


def _numbers(values: np.ndarray) -> list[str]:
    # repr round-trips; joining is a hundred times faster than numpy's savetxt.
    return ["NaN" if v != v else repr(v) for v in np.asarray(values).tolist()]


def _table(columns: Mapping[str, Sequence[str]]) -> str:
    rows = zip(*columns.values(), strict=True)
    return ",".join(columns) + "\n" + "\n".join(map(",".join, rows)) + "\n"


def _quoted(values: Sequence[str]) -> list[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\0")
    writer.writerows([value] for value in values)
    # csv writes an empty cell alone in its row as "".
    cells = buffer.getvalue().split("\0")[:-1]
    return ["" if cell == '""' else cell for cell in cells]


def units_table(result: Pruning, names: Sequence[str] | None = None) -> str:
    """Return one row a unit: importance, rank, and whether it was retained."""
    columns = {"unit": _numbers(np.arange(result.n_units))}
    if names is not None:
        columns["name"] = _quoted(as_labels(names, "units"))
    several = result.importance.ndim > 1
    rows = zip(
        np.atleast_2d(result.importance),
        np.atleast_2d(result.order),
        np.atleast_2d(result.mask),
        strict=True,
    )
    for target, (importance, order, mask) in enumerate(rows):
        end = f"_{target}" if several else ""
        rank = np.empty(len(order), int)
        rank[order] = np.arange(1, len(order) + 1)
        columns[f"importance{end}"] = _numbers(importance)
        columns[f"rank{end}"] = _numbers(rank)
        columns[f"retained{end}"] = _numbers(mask.astype(int))
    return _table(columns)


def curve_table(result: Pruning) -> str:
    """Return one row a number of units, with the score of that many."""
    columns = {"size": _numbers(np.arange(1, result.n_units + 1))}
    for target, curve in enumerate(np.atleast_2d(result.curve)):
        name = f"score_{target}" if result.curve.ndim > 1 else "score"
        columns[name] = _numbers(curve)
    return _table(columns)


def conditions_table(result: Pruning, labels: Sequence[str] | None) -> str:
    """Return one row a condition; the label is empty where it is unknown."""
    n = result.n_conditions
    return _table(
        {"index": _numbers(np.arange(n)), "label": _quoted(labels or [""] * n)}
    )

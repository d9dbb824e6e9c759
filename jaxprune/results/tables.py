"""Tables of a result, as the text of CSV files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.csv_text import as_table
from ..io.labelled import InputError, as_texts

if TYPE_CHECKING:
    from .records import PruningFields


def as_column(name: str, values: Any) -> np.ndarray:
    """Numbers as they are, anything else as text."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return array
    return np.array(as_texts(values, f"units, {name!r}"), dtype=str)


def unit_columns(
    result: PruningFields, extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return columns, one row a unit: importance, rank, and whether it was retained.

    Where groups were ranked, its group in place of importance and rank.

    Parameters
    ----------
    result : Pruning
    extra : mapping of str to sequence (N,), optional
        Columns after the first one.
    """
    own: dict[str, Any] = {}
    if result.groups is not None and result.group_of is not None:
        names = [*as_texts(result.groups, "groups"), None]
        own = {"group": [names[group] for group in result.group_of]}
    masks = np.atleast_2d(result.mask)
    own |= _ranked(result, masks, measured=result.groups is None)
    first = {"unit": np.arange(result.n_units)}
    further = {name: as_column(name, values) for name, values in (extra or {}).items()}
    if taken := further.keys() & {*first, *own}:
        raise InputError(
            f"units: columns called {sorted(taken)}, as in the result itself; expected "
            "other names. Rename them."
        )
    return first | further | own


def units_table(result: PruningFields, extra: Mapping[str, Any] | None = None) -> str:
    """Return `unit_columns` as text."""
    return as_table(unit_columns(result, extra))


def groups_table(result: PruningFields) -> str:
    """Return one row a group: its units, importance, rank, and whether retained."""
    assert result.groups is not None
    assert result.group_of is not None
    counts = np.bincount(result.group_of[result.group_of >= 0])
    retained = result.retained_groups
    masks = np.zeros((np.size(result.best_size), len(result.groups)), bool)
    several = isinstance(retained, list)
    for mask, groups in zip(masks, retained if several else [retained], strict=True):
        mask[groups] = True
    first = {"group": as_texts(result.groups, "groups"), "units": counts}
    return as_table(first | _ranked(result, masks, measured=True))


def _ranked(
    result: PruningFields, masks: np.ndarray, *, measured: bool
) -> dict[str, np.ndarray]:
    """Columns of each target: importance and rank if measured, and what is retained."""
    columns: dict[str, np.ndarray] = {}
    several = result.importance.ndim > 1
    rows = zip(
        np.atleast_2d(result.importance),
        np.atleast_2d(result.order),
        masks,
        strict=True,
    )
    for target, (importance, order, mask) in enumerate(rows):
        end = f"_{target}" if several else ""
        if measured:
            rank = np.empty(len(order), int)
            rank[order] = np.arange(1, len(order) + 1)
            columns |= {f"importance{end}": importance, f"rank{end}": rank}
        columns[f"retained{end}"] = mask.astype(int)
    return columns


def curve_columns(result: PruningFields) -> dict[str, Any]:
    """Return columns, one row a number of units or groups, with its score."""
    columns = {"size": result.sizes}
    for target, curve in enumerate(np.atleast_2d(result.curve)):
        name = f"score_{target}" if result.curve.ndim > 1 else "score"
        columns[name] = curve
    return columns


def curve_table(result: PruningFields) -> str:
    """Return `curve_columns` as text."""
    return as_table(curve_columns(result))


def conditions_table(result: PruningFields, labels: Sequence[str] | None) -> str:
    """Return one row a condition; the label is empty where it is unknown."""
    n = result.n_conditions
    return as_table({"index": np.arange(n), "label": labels or [""] * n})


def layers_table(
    scores: Mapping[str, Mapping[str, Any]],
    first: str = "layer",
    extra: Mapping[str, Sequence[float]] | None = None,
) -> str:
    """Return one row a layer, or one for each target of a layer.

    Parameters
    ----------
    scores : mapping of str to mapping
        What :func:`~jaxprune.io.summary.scores` returns, by layer.
    first : str
        Name of the first column.
    extra : mapping of str to sequence of float, optional
        Further columns, one value a row.

    Examples
    --------
    >>> it = {"n_units": 9, "full_score": 0.25, "best_score": 0.5, "best_size": 4}
    >>> print(layers_table({"IT": it}))
    layer,units,full_score,best_score,units_kept
    IT,9,0.25,0.5,4
    """
    ranked = "groups" if all("n_groups" in one for one in scores.values()) else "units"
    rows = [
        (layer, found[f"n_{ranked}"], *row)
        for layer, found in scores.items()
        for row in _targets(found)
    ]
    layers, units, targets, *results = zip(*rows, strict=True)
    columns = {first: layers, ranked: np.array(units)}
    if any(targets):
        columns["target"] = np.array(targets)
    names = ("full_score", "best_score", f"{ranked}_kept")
    named = dict(zip(names, results, strict=True)) | dict(extra or {})
    return as_table(columns | {n: np.array(v) for n, v in named.items()})


def _targets(found: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Scores of one layer as rows, one a target: its number, full, best, size."""
    keys = ("full_score", "best_score", "best_size")
    columns = [np.atleast_1d(found[key]).tolist() for key in keys]
    return [(k, *row) for k, row in enumerate(zip(*columns, strict=True))]

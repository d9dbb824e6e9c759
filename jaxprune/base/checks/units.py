"""Units by mask, by order, by number, in groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import array_of, labels_of, numeric


def masks(value: Any, n_units: int) -> np.ndarray:
    """Boolean ``(n_masks, n_units)``."""
    array = array_of("masks", value)
    if array.ndim != 2 or array.shape[1] != n_units:
        raise ValueError(
            f"masks has shape {array.shape}; expected (n_masks, {n_units}): one column "
            "per unit of features, or per group. A single mask is masks[None]."
        )
    if not len(array):
        raise ValueError(f"masks has shape {array.shape}: there is no mask to score.")
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"masks holds values other than 0 and 1 (dtype {array.dtype}); expected "
            "booleans, True for the units kept. Unit indices become a mask with "
            "np.isin(np.arange(n_units), indices)."
        )
    return array.astype(bool)


def order(value: Any, n_units: int, n_targets: int) -> np.ndarray:
    """A permutation of the units, ``(N,)``, or one per target, ``(k, N)``."""
    array = array_of("order", value)
    shapes = [(n_units,), (n_targets, n_units)]
    if array.shape not in shapes or array.dtype.kind not in "iu":
        raise ValueError(
            f"order has shape {array.shape} and dtype {array.dtype}; expected integers "
            f"of shape ({n_units},), every unit (or group) once, most important first"
            + (
                f", or ({n_targets}, {n_units}), one order per target."
                * (n_targets > 1)
            )
        )
    rows = np.sort(np.atleast_2d(array), axis=1)
    if not (rows == np.arange(n_units)).all():
        raise ValueError(
            f"order is not a permutation of 0..{n_units - 1}: every unit (or group) "
            "has to appear exactly once (counted from 0)."
        )
    return array


def per_unit(name: str, values: np.ndarray, n_units: int) -> None:
    """One finite number for each unit."""
    numeric(name, values)
    if values.shape != (n_units,):
        raise ValueError(
            f"{name} has shape {values.shape}; expected ({n_units},), one value for "
            "each unit of features."
        )
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"{name} is NaN or infinite for {len(bad)} unit(s), the first of them unit "
            f"{bad[0]} (counted from 0); expected numbers to order units by."
        )


def sizes(value: Any, n_units: int) -> np.ndarray:
    """Increasing numbers of units ``(S,)``: all, a grid of about so many, or given.

    >>> sizes("all", 4), sizes(4, 100)
    (array([1, 2, 3, 4]), array([  1,   5,  22, 100]))
    """
    if value is None or (isinstance(value, str) and value == "all"):
        return np.arange(1, n_units + 1)
    array = array_of("sizes", value)
    if array.ndim == 0 and array.dtype.kind in "iu" and array >= 2:
        # Equal steps of the logarithm; small sizes that round to the same are one.
        if array >= n_units:
            return np.arange(1, n_units + 1)
        return np.unique(np.rint(np.geomspace(1, n_units, int(array))).astype(np.int64))
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise ValueError(
            f"sizes={_brief(value)}: expected whole numbers of units, increasing, such "
            f"as np.arange(20, {n_units + 1}, 20); or one number from 2, of sizes on a "
            "grid; or 'all'."
        )
    array = array.astype(np.int64)
    if array[0] < 1 or array[-1] > n_units or (np.diff(array) < 1).any():
        raise ValueError(
            f"sizes runs from {array.min()} to {array.max()}; expected increasing "
            f"numbers of units from 1 to {n_units}, each once. Sort other numbers with "
            "np.unique(sizes)."
        )
    return array


def _brief(value: Any) -> str:
    """A value if it is short, else its shape and dtype."""
    array = np.asarray(value)
    if array.ndim == 0:
        return repr(value)
    return f"an array of shape {array.shape} and dtype {array.dtype}"


def groups(value: Any, n_units: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Names of groups of units, and the units of each.

    >>> groups([[3, 0], [1]], 4)[1]
    [array([3, 0]), array([1])]
    """
    if isinstance(value, str):
        raise ValueError(
            f"groups={value!r}: which units are of one channel or position follows "
            "from the shape of the layer, and an array does not tell. Pass "
            f"groups=jaxprune.groups_of((channels, height, width), by={value!r})."
        )
    given = value if isinstance(value, list | tuple) else array_of("groups", value)
    flat = isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype != object
    rows = [] if flat or not np.iterable(given) else list(given)
    if not flat and not rows:
        raise ValueError(
            f"groups={_brief(value)}: expected one label for each of {n_units} units, "
            f"a list of arrays of indices, or booleans (n_groups, {n_units})."
        )
    if flat or all(np.ndim(row) == 0 for row in rows):
        names, members = _of_labels(labels_of("groups", given), n_units)
    else:
        members = [_members(place, row, n_units) for place, row in enumerate(rows)]
        names = np.arange(len(members))
    for name, units in zip(names.tolist(), members, strict=True):
        if len(units) in (0, n_units):
            what = "has no unit" if not len(units) else f"has all {n_units} units"
            raise ValueError(
                f"groups: {name!r} {what}; expected at least one unit in a group, and "
                "one outside of it: a layer without it has to have a score."
            )
    return names, members


def _of_labels(labels: np.ndarray, n_units: int) -> tuple[np.ndarray, list[np.ndarray]]:
    if labels.shape != (n_units,):
        raise ValueError(
            f"groups has shape {labels.shape}; expected ({n_units},), one label for "
            "each unit of features. Groups of indices are a list of arrays."
        )
    names, group, count = np.unique(labels, return_inverse=True, return_counts=True)
    units = np.argsort(group, kind="stable")
    return names, np.split(units, np.cumsum(count)[:-1])


def _members(place: int, row: Any, n_units: int) -> np.ndarray:
    """Indices of the units of one group, given as such or as a mask."""
    name = f"groups[{place}]"
    array = array_of(name, row)
    if array.dtype == bool and array.shape == (n_units,):
        return np.flatnonzero(array)
    # An empty list becomes an array of floats.
    if array.ndim != 1 or array.size and array.dtype.kind not in "iu":
        raise ValueError(
            f"{name} has shape {array.shape} and dtype {array.dtype}; expected indices "
            f"of units, or booleans ({n_units},)."
        )
    if array.size and (array.min() < 0 or array.max() >= n_units):
        raise ValueError(
            f"{name} runs from {array.min()} to {array.max()}; expected indices of "
            f"units from 0 to {n_units - 1}."
        )
    if len(np.unique(array)) < len(array):
        raise ValueError(
            f"{name} names a unit twice; expected each index once. A mask of zeros and "
            "ones has to be boolean: groups.astype(bool)."
        )
    return array.astype(np.int64)


def groups_overlap(units: np.ndarray, bounds: np.ndarray) -> None:
    """Refuse groups that share a unit; as `UnitGroups` has them."""
    group = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    order = np.argsort(units, kind="stable")
    first = np.argmax(np.diff(units[order]) == 0)
    one, other = order[first : first + 2]
    raise ValueError(
        f"groups: unit {units[one]} is in groups {group[one]} and {group[other]} "
        "(counted from 0); expected each unit in one group at most. score, score_masks "
        "and leave_one_out take groups that share units."
    )

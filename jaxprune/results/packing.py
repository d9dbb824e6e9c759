"""A result as plain arrays and one JSON string, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from .tables import as_column

if TYPE_CHECKING:
    from .records import PruningFields

UNITS = "units/"
FIELDS = (
    "full_score",
    "importance",
    "order",
    "curve",
    "sizes",
    "best_size",
    "best_score",
    "target_rdm",
    "full_rdm",
    "pruned_rdm",
)
# Of groups, and of controls.
OPTIONAL = ("groups", "group_of", "plain_full_score", "plain_best_score")


def pack(
    result: PruningFields,
    conditions: Sequence[str] | None = None,
    units: Mapping[str, Any] | None = None,
) -> dict[str, np.ndarray]:
    """Return the arrays of a result by name; none of them needs pickle.

    Parameters
    ----------
    result : Pruning
        Where several targets were given, ``retained`` becomes ``retained_0``,
        ``retained_1`` and so on.
    conditions : sequence of str, optional
        Goes under ``labels``.
    units : mapping of str to sequence, optional
        Each goes under ``units/`` and its name.

    Returns
    -------
    dict of str to ndarray
        What is no array is JSON text under ``about``.
    """
    arrays = {name: np.asarray(getattr(result, name)) for name in FIELDS}
    if isinstance(result.retained, list):
        for target, retained in enumerate(result.retained):
            arrays[f"retained_{target}"] = np.asarray(retained)
    else:
        arrays["retained"] = np.asarray(result.retained)
    for name in OPTIONAL:
        if getattr(result, name) is not None:
            arrays[name] = np.asarray(getattr(result, name))
    if conditions is not None:
        arrays["labels"] = np.array(list(conditions), dtype=str)
    for name, column in (units or {}).items():
        arrays[f"{UNITS}{name}"] = as_column(name, column)
    about = {
        "paths": dict(result.paths),
        "dtype": result.dtype,
        "device": result.device,
        "settings": asdict(result.settings),
    }
    return arrays | {"about": np.array(json.dumps(about))}


def unpack(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Fields of the result, its settings as a dict.

    Raises
    ------
    KeyError, TypeError, ValueError
        If an array is missing or the text is not what `pack` wrote.
    """
    about = json.loads(arrays["about"].item())
    # Results of earlier versions are of all sizes.
    every = {"sizes": np.arange(1, arrays["curve"].shape[-1] + 1)}
    fields: dict[str, Any] = {name: (every | {**arrays})[name] for name in FIELDS}
    fields |= {name: arrays.get(name) for name in OPTIONAL}
    for name, value in fields.items():
        if value is not None and value.ndim == 0:
            fields[name] = value.item()
    if "retained" in arrays:
        fields["retained"] = arrays["retained"]
    else:
        count = sum(name.startswith("retained_") for name in arrays)
        fields["retained"] = [arrays[f"retained_{k}"] for k in range(count)]
    labels = arrays.get("labels")
    fields |= {name: about[name] for name in ("paths", "dtype", "device", "settings")}
    fields["conditions"] = None if labels is None else tuple(labels.tolist())
    units = {k: v for k, v in arrays.items() if k.startswith(UNITS)}
    fields["units"] = {k.removeprefix(UNITS): v for k, v in units.items()} or None
    return fields

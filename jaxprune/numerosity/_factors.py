"""Factors: which group every row belongs to, and checks of names and levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..base import checks

Factors = Mapping[str, np.ndarray]


def as_factors(factors: Mapping[str, Any], n: int, row: str) -> dict[str, np.ndarray]:
    """One level for each of `n` rows, by factor."""
    if not isinstance(factors, Mapping) or not factors:
        raise ValueError(
            f"factors={factors!r}: expected a dict of at least one factor, such as "
            f"{{'numerosity': one number for every {row}}}."
        )
    return {name: _levels(name, values, n, row) for name, values in factors.items()}


def _levels(name: str, values: Any, n: int, row: str) -> np.ndarray:
    levels = checks.array_of(f"factors[{name!r}]", values)
    if ":" in name:
        raise ValueError(
            f"factors: the name {name!r} holds a colon, which joins the factors of an "
            "interaction. Rename the factor."
        )
    if levels.shape != (n,):
        raise ValueError(
            f"factors[{name!r}] has shape {levels.shape}; expected ({n},): one level "
            f"for every {row}."
        )
    if levels.dtype.kind not in "biufUS":
        raise ValueError(
            f"factors[{name!r}] has dtype {levels.dtype}; expected numbers or text."
        )
    if levels.dtype.kind == "f" and not np.isfinite(levels).all():
        raise ValueError(
            f"factors[{name!r}] holds NaN or infinity at {row} "
            f"{int(np.argmin(np.isfinite(levels)))} (counted from 0). Remove such rows."
        )
    return levels


def known(name: str, factors: Iterable[str], argument: str) -> str:
    """Name of a factor that exists."""
    if name not in factors:
        raise ValueError(
            f"{argument}={name!r} is not a factor; choose from {list(factors)}."
        )
    return name


def grouped(factors: Factors, names: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Group number of every row, and the first row of each group.

    Rows are in one group if they agree in every factor named; groups are sorted by
    the levels of the first factor, then of the second and so on.

    >>> group, first = grouped({"a": np.array([2, 1, 2])}, ["a"])
    >>> group, first
    (array([1, 0, 1]), array([1, 0]))
    """
    codes = [np.unique(factors[name], return_inverse=True)[1] for name in names]
    _, first, group = np.unique(codes, axis=1, return_index=True, return_inverse=True)
    return group.reshape(-1), first

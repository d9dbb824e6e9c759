"""Trials of a number comparison as log ratios, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base import checks


def log_ratios(
    n_left: Any, n_right: Any, others: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Binary logarithms of the ratios of right to left, by name, number first."""
    left, right = _positive("n_left", n_left), _positive("n_right", n_right)
    if left.shape != right.shape:
        raise ValueError(
            f"n_left has {len(left)} trials and n_right {len(right)}; expected one "
            "number each for every trial."
        )
    ratios = {"number": np.log2(right / left)}
    for name, ratio in others.items():
        argument = f"others[{name!r}]"
        if name in ("bias", "number"):
            raise ValueError(f"{argument}: the name is taken; choose another.")
        ratios[name] = np.log2(_positive(argument, ratio))
        if len(ratios[name]) != len(left):
            raise ValueError(
                f"{argument} has {len(ratios[name])} trials; expected {len(left)}, as "
                "n_left."
            )
    return ratios


def _positive(name: str, value: Any) -> np.ndarray:
    array = checks.array_of(name, value)
    checks.numeric(name, array)
    if array.ndim != 1 or not array.size:
        raise ValueError(
            f"{name} has shape {array.shape}; expected (n_trials,). Flatten the trials "
            f"of all draws first: {name}.ravel()."
        )
    good = np.isfinite(array) & (array > 0)
    if not good.all():
        raise ValueError(
            f"{name} is {array[np.argmin(good)]} in trial {np.argmin(good)} (counted "
            "from 0); expected numbers above 0, whose ratios have a logarithm. Leave "
            "such trials out."
        )
    return array.astype(np.float64)


def choices(value: Any, n: int) -> np.ndarray:
    """1 for right and -1 for left."""
    array = checks.array_of("chose_right", value)
    if array.shape != (n,) or not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"chose_right has shape {array.shape} and dtype {array.dtype}; expected "
            f"({n},) booleans, or zeros and ones, one for every trial."
        )
    return np.where(array.astype(bool), 1.0, -1.0)


def identified(x: np.ndarray, names: tuple[str, ...]) -> None:
    """Refuse regressors ``(n, p)`` of which one follows from those before it."""
    for columns in range(2, x.shape[1] + 1):
        if np.linalg.matrix_rank(x[:, :columns]) < columns:
            raise ValueError(
                f"the ratios of {names[columns - 1]} are constant or follow from those "
                f"of {', '.join(names[: columns - 1])}, so their effects cannot be "
                "told apart. Leave that ratio out, or use trials in which it varies."
            )

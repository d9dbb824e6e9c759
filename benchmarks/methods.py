"""One way of doing one task, and how it is called."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .rivals import Parts


@dataclass(frozen=True)
class Method:
    """One way of doing one task.

    Attributes
    ----------
    call : callable
        From items to `Parts`.
    items : ndarray
        All the items of the task: units, sizes of prefixes, numbers of masks.
    whole : bool
        Always does all items at once, whatever it is given.
    ours : bool
        The first call compiles, and is reported apart.
    importances : bool
        The values are importances, not scores.
    sample : int or None
        Do so many items; None finds out how many take long enough.
    skipped : str or None
        Why it cannot run here.
    """

    task: str
    key: str
    label: str
    call: Callable[[np.ndarray], Parts]
    items: np.ndarray
    whole: bool = False
    ours: bool = False
    importances: bool = False
    sample: int | None = None
    dtype: str = "float64"
    skipped: str | None = None


def timed(function: Callable[[], Any]) -> Parts:
    """A whole public call, NumPy in and out."""
    start = time.perf_counter()
    values = function()
    return Parts(values, 0.0, time.perf_counter() - start)

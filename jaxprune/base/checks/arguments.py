"""Words and whole numbers among the arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def choice(name: str, value: Any, allowed: Sequence[str]) -> str:
    """One of a set of words."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name}={value!r} is not known; choose from {list(allowed)}.")
    return value


def positive_or_none(name: str, value: Any) -> int | None:
    """A whole number of at least 1, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(
            f"{name}={value!r}: expected a whole number of at least 1, or None to let "
            "it follow from the memory available."
        )
    return int(value)


def whole(name: str, value: Any, least: int) -> int:
    """A whole number, not below `least`."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | np.integer)
        or value < least
    ):
        raise ValueError(
            f"{name}={value!r}: expected a whole number of at least {least}."
        )
    return int(value)

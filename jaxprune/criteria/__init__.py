"""WHICH units are kept without a target: one criterion a file.

A criterion is a function from features ``(n, N)`` to a value for each unit, of which
the lowest are kept first. Adding one: a file here and a line in `CRITERIA`.
"""

from collections.abc import Callable
from typing import Any

from .collinearity import collinearity as collinearity
from .deviation import low_deviation as low_deviation
from .entropy import low_entropy as low_entropy
from .zeros import percentage_of_zeros as percentage_of_zeros

CRITERIA: dict[str, Callable[[Any], Any]] = {
    "zeros": percentage_of_zeros,
    "deviation": low_deviation,
    "entropy": low_entropy,
    "collinearity": collinearity,
}

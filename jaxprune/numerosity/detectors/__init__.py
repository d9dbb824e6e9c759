"""WHICH units are number detectors: one rule per file.

A rule is a function of the moments of a design. Adding one: a file here and a line
in `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...base import checks
from ..moments import cell_moments
from ._base import Detectors as Detectors
from .factorial import factorial as factorial
from .one_way import one_way as one_way
from .one_way_cells import one_way_cells as one_way_cells
from .two_way import kim_strict as kim_strict
from .two_way import nasr as nasr
from .two_way import non_selective as non_selective

RULES: dict[str, Callable[..., Detectors]] = {
    "factorial": factorial,
    "nasr": nasr,
    "kim_strict": kim_strict,
    "non_selective": non_selective,
    "one_way": one_way,
    "one_way_cells": one_way_cells,
}


def detectors(
    responses: Any, factors: Mapping[str, Any], rule: str = "factorial", **options: Any
) -> Detectors:
    """Number detectors among units, from their responses to single images.

    Parameters
    ----------
    responses : array_like (n, N)
        One row per image, one column per unit.
    factors : mapping of str to array_like (n,)
        Level of every image, by factor.
    rule : {"factorial", "nasr", "kim_strict", "non_selective", "one_way", \
"one_way_cells"}
        See the function of that name.
    **options
        Its options: ``numerosity``, ``alpha``, ``correction``.

    Returns
    -------
    Detectors

    Raises
    ------
    ValueError
        An unknown rule; bad responses, factors or options.

    Examples
    --------
    >>> factors = {"numerosity": [6, 6, 10, 10]}
    >>> found = detectors([[1], [2], [8], [9]], factors, "one_way", alpha=0.05)
    >>> found.units, found.share
    (array([0]), 1.0)
    """
    checks.choice("rule", rule, list(RULES))
    return RULES[rule](cell_moments(responses, factors), **options)


__all__ = [
    "RULES",
    "Detectors",
    "detectors",
    "factorial",
    "kim_strict",
    "nasr",
    "non_selective",
    "one_way",
    "one_way_cells",
]

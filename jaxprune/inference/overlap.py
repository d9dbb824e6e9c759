"""Overlap of two sets of units, against chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import hypergeom

from ..base import checks
from ..base.facts import count, p_text
from ..plots.record import Record


@dataclass(frozen=True, repr=False)
class Overlap(Record):
    """How much two sets A and B of the M units of a layer have in common.

    Attributes
    ----------
    n_first, n_second, n_common, n_units : int
        ``|A|``, ``|B|``, ``|A & B|`` and M.
    coefficient : float
        ``|A & B| / min(|A|, |B|)``; NaN if A or B is empty.
    chance : float
        Its expectation for sets drawn at random, ``max(|A|, |B|) / M``; NaN if A or B
        is empty.
    jaccard : float
        ``|A & B| / |A | B|``; NaN if both are empty.
    expected_common : float
        Expected ``|A & B|`` of sets drawn at random, ``|A| |B| / M``.
    p : float
        Chance that sets drawn at random have ``|A & B|`` units or more in common
        (hypergeometric, upper tail); 1 if A or B is empty.
    """

    n_first: int
    n_second: int
    n_common: int
    n_units: int
    coefficient: float
    chance: float
    jaccard: float
    expected_common: float
    p: float

    def _headline(self) -> str:
        sizes = f"{self.n_first:,} and {self.n_second:,}"
        return f"sets of {sizes} of {count(self.n_units, 'unit')}"

    def _facts(self) -> Sequence[tuple[str, str]]:
        expected = f"{self.expected_common:.4g} expected"
        return [
            ("in common", f"{count(self.n_common, 'unit')}, {expected}"),
            ("coefficient", f"{self.coefficient:.3f}, by chance {self.chance:.3f}"),
            ("Jaccard", f"{self.jaccard:.3f}"),
            ("random sets", f"p {p_text(self.p)} of so many in common"),
        ]


def overlap(first: Any, second: Any, n_units: int | None = None) -> Overlap:
    r"""Overlap of two sets of units of one layer.

    .. math:: \frac{|A \cap B|}{\min(|A|, |B|)}

    the overlap (Szymkiewicz-Simpson) coefficient, of which [1]_ report values up to 1.
    A set of half the layer overlaps by half with any other set, so the value is to be
    read beside its `chance`.

    Parameters
    ----------
    first, second : array_like
        Both boolean masks ``(M,)``, or both indices of units.
    n_units : int, optional
        M, needed with indices.

    Returns
    -------
    Overlap

    Raises
    ------
    ValueError
        Masks of different lengths, indices out of range or repeated, indices without
        ``n_units``.

    References
    ----------
    .. [1] Truong, Noei & Karami (2024), OpenReview n5cV83qUrs.

    Examples
    --------
    >>> result = overlap([0, 1, 2, 3], [2, 3, 9], n_units=10)
    >>> result.n_common, round(result.coefficient, 3), result.chance, result.jaccard
    (2, 0.667, 0.4, 0.4)
    >>> round(result.p, 3)
    0.333
    """
    a, b = _mask("first", first, n_units), _mask("second", second, n_units)
    if len(a) != len(b):
        raise ValueError(
            f"first is a mask of {len(a)} units and second one of {len(b)}; both must "
            "be of the same layer."
        )
    m, n_a, n_b = len(a), int(a.sum()), int(b.sum())
    common = int((a & b).sum())
    smaller, larger = sorted((n_a, n_b))
    return Overlap(
        n_first=n_a,
        n_second=n_b,
        n_common=common,
        n_units=m,
        coefficient=common / smaller if smaller else np.nan,
        chance=larger / m if smaller else np.nan,
        jaccard=common / (n_a + n_b - common) if larger else np.nan,
        expected_common=n_a * n_b / m,
        p=float(hypergeom.sf(common - 1, m, n_a, n_b)),
    )


def _mask(name: str, units: Any, n_units: int | None) -> np.ndarray:
    """Boolean mask of units given as a mask or as indices."""
    array = checks.array_of(name, units)
    if array.dtype == bool and array.ndim == 1 and n_units in (None, len(array)):
        return array
    # An empty list becomes an array of floats.
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(
            f"{name} has shape {array.shape} and dtype {array.dtype}; expected a "
            "boolean mask (of n_units units, if that is given) or indices of units."
        )
    if n_units is None:
        raise ValueError(
            f"{name} holds indices, and n_units is None; expected the number of units "
            "of the layer, on which chance depends. Pass n_units, or two masks."
        )
    if array.size and (array.min() < 0 or array.max() >= n_units):
        raise ValueError(
            f"{name} runs from {array.min()} to {array.max()}; expected indices from 0 "
            f"to {n_units - 1}."
        )
    if len(np.unique(array)) < len(array):
        raise ValueError(f"{name} names a unit twice; expected each index once.")
    mask = np.zeros(n_units, bool)
    mask[array.astype(np.int64)] = True
    return mask

"""How far different choices of units agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..base.facts import count
from ..plots.record import Record


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Record):
    """Agreement of k sets of the N units of a layer.

    Attributes
    ----------
    frequency : ndarray (N,)
        Share of the sets that a unit is in.
    always : ndarray of int
        Sorted indices of the units that are in every set.
    coefficient, chance, jaccard : float
        Means over pairs of sets of the values of :func:`overlap`.
    """

    frequency: np.ndarray
    always: np.ndarray
    coefficient: float
    chance: float
    jaccard: float

    def _facts(self) -> Sequence[tuple[str, str]]:
        ever = int((self.frequency > 0).sum())
        return [
            ("overlap", f"{self.coefficient:.3f}, by chance {self.chance:.3f}"),
            ("Jaccard", f"{self.jaccard:.3f}"),
            ("always", f"{len(self.always):,} of {count(len(self.frequency), 'unit')}"),
            ("ever", f"{ever:,}"),
            ("next", ".always, their indices; .frequency, of every unit"),
        ]


def stability(sets: Sequence[np.ndarray], n_units: int) -> Stability:
    r"""Overlap of all pairs of sets, and how often each unit is chosen.

    .. math:: \frac{|A \cap B|}{\min(|A|, |B|)}, \qquad \frac{\max(|A|, |B|)}{N},
              \qquad \frac{|A \cap B|}{|A \cup B|}

    Parameters
    ----------
    sets : sequence of ndarray of int
        Indices of units, each unit once; at least two sets, none of them empty.
    n_units : int
        N.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError
        Fewer than two sets.

    Examples
    --------
    >>> found = stability([np.array([0, 1]), np.array([1, 2, 3])], n_units=5)
    >>> found.always, found.coefficient, found.chance, found.jaccard
    (array([1]), 0.5, 0.6, 0.25)
    """
    if len(sets) < 2:
        raise ValueError(
            f"{len(sets)} set(s) given; expected at least 2 to compare with each other."
        )
    # Products of float64 run on BLAS and are exact up to 2**53.
    masks = np.zeros((len(sets), n_units))
    for mask, units in zip(masks, sets, strict=True):
        mask[units] = 1
    size = masks.sum(1)
    first, second = np.triu_indices(len(sets), 1)
    common = (masks @ masks.T)[first, second]
    smaller = np.minimum(size[first], size[second])
    larger = np.maximum(size[first], size[second])
    return Stability(
        frequency=masks.mean(0),
        always=np.flatnonzero(masks.all(0)),
        coefficient=float(np.mean(common / smaller)),
        chance=float(np.mean(larger / n_units)),
        jaccard=float(np.mean(common / (larger + smaller - common))),
    )

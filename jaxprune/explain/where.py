"""Where the retained units are: in which channels, at which positions, in which heads.

A random set of the same size has retained units somewhere, too, and the channel with
most of them has more than the mean. So shares, sorted, stand beside those of random
sets, sorted likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

DRAWS = 400
# What a band of 95 % leaves out, below and above.
TAILS = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class Shares:
    """Retained units of each value of a column (channel, layer, head).

    Attributes
    ----------
    column : str
    names : ndarray (G,)
        Values of the column, the one with the largest share first.
    units, retained : ndarray of int (G,)
        Units there are, and those that were retained.
    low, high : ndarray (G,)
        Of the shares of random sets of the same size, sorted likewise: 95 % of the
        sets are between, place by place.
    """

    column: str
    names: np.ndarray
    units: np.ndarray
    retained: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """Share of the units of each value that was retained."""
        return self.retained / self.units


@dataclass(frozen=True, eq=False)
class PositionMap:
    """Retained units at each position of a layer.

    Attributes
    ----------
    retained, units : ndarray of int (height, width)
    """

    retained: np.ndarray
    units: np.ndarray


def shares_of(
    column: str, values: Any, mask: np.ndarray, *, seed: int = 0
) -> Shares | None:
    """Count the retained units of each value of a column.

    Parameters
    ----------
    column : str
        Its name.
    values : array_like (N,)
        Of every unit.
    mask : ndarray of bool (N,)
        Units that were retained.
    seed : int
        Of the random sets, of which there are 400.

    Returns
    -------
    Shares or None
        None where the column says nothing about several units at once: all have the
        same value, or each its own.

    Examples
    --------
    >>> import numpy as np
    >>> found = shares_of("head", ["a", "b", "b", "b"], np.array([1, 1, 1, 0], bool))
    >>> found.names.tolist(), found.share.round(2).tolist()
    (['a', 'b'], [1.0, 0.67])
    """
    names, place, units = np.unique(
        np.asarray(values), return_inverse=True, return_counts=True
    )
    if len(names) < 2 or len(names) == len(mask):
        return None
    retained = np.bincount(place[mask], minlength=len(names))
    order = np.argsort(-retained / units, kind="stable")
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_hypergeometric(
        units, int(mask.sum()), size=DRAWS, method="marginals"
    )
    drawn = -np.sort(-drawn / units, axis=1)
    low, high = np.percentile(drawn, TAILS, axis=0)
    return Shares(column, names[order], units[order], retained[order], low, high)


def position_map(
    units: Mapping[str, Any] | None, mask: np.ndarray
) -> PositionMap | None:
    """Count the retained units at each position; None where no layer is known.

    Parameters
    ----------
    units : mapping
        Columns of the units: those called ``y`` and ``x`` are their positions.
    mask : ndarray of bool (N,)

    Examples
    --------
    >>> import numpy as np
    >>> units = {"y": [0, 0, 1, 1], "x": [0, 1, 0, 1]}
    >>> position_map(units, np.array([1, 0, 0, 1], bool)).retained.tolist()
    [[1, 0], [0, 1]]
    """
    if not units or not {"x", "y"} <= set(units):
        return None
    y, x = np.asarray(units["y"], int), np.asarray(units["x"], int)
    shape = int(y.max()) + 1, int(x.max()) + 1
    if shape == (1, 1):
        return None
    place = y * shape[1] + x
    counts = (
        np.bincount(chosen, minlength=shape[0] * shape[1]).reshape(shape)
        for chosen in (place[mask], place)
    )
    return PositionMap(*counts)


def every_share(units: Mapping[str, Any] | None, mask: np.ndarray) -> list[Shares]:
    """Shares of every column that tells units apart in groups, but for positions."""
    columns = {k: v for k, v in (units or {}).items() if k not in ("x", "y")}
    found = (shares_of(name, values, mask) for name, values in columns.items())
    return [shares for shares in found if shares is not None]

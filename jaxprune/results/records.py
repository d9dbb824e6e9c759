"""What the public functions return: arrays, and how they came to be.

Frozen dataclasses. Nothing here computes, and nothing here knows how a record is saved,
tabulated or drawn: see `pruning` for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Settings:
    """What was asked for: the options that change the numbers.

    Of the precision of the noise it is kept whether there was one, ``"diagonal"`` or
    ``"full"``; of sizes, groups and controls how many there were, unless ``"all"`` and
    units. With controls, `semi` says that their share of the target alone is taken out.
    """

    metric: str = "correlation"
    compare: str = "pearson"
    objective: str = "r"
    undefined: str = "nan"
    target_kind: str = "dissimilarity"
    pool: str = "each"
    noise: str | None = None
    search: str = "ranked"
    importance: str = "leave_one_out"
    sizes: str = "all"
    groups: int | None = None
    controls: int | None = None
    semi: bool = False


@dataclass(frozen=True)
class Importance:
    """Leave-one-unit-out importance of every unit, or of every group of units.

    Attributes
    ----------
    full_score : float or ndarray (k,)
        Score of all units; one per target where a stack of k targets was given.
    scores : ndarray (N,) or (k, N)
        Score of the layer without unit k; NaN where it is undefined.
    importance : ndarray (N,) or (k, N)
        ``full_score - scores``, computed without that subtraction where the path
        allows (an importance is of order 1/N of a score).
    path : str
        ``"closed_form"``, ``"downdate"`` or ``"masked"``.
    dtype, device : str
        Where and in which precision it was computed.
    settings : Settings
        The options that change the numbers.
    groups : ndarray (G,) or None
        Names of the groups, if units were left out in groups: everything is one a
        group then, ``(G,)`` or ``(k, G)``.
    """

    full_score: Any
    scores: np.ndarray
    importance: np.ndarray
    path: str
    dtype: str
    device: str
    settings: Settings
    groups: np.ndarray | None = None


@dataclass(frozen=True)
class Shapley:
    """Shapley values of the units of a layer, estimated from random orders.

    Attributes
    ----------
    values : ndarray (N,) or (k, N)
        Mean gain of the score when a unit joins those before it in a random order.
        They add up to `full_score`, exactly but for round-off.
    standard_errors : ndarray (N,) or (k, N)
        Of the values, over pairs of orders.
    n_orders : int
        Orders, two a pair.
    converged : bool
        Whether the errors came below the tolerance.
    full_score : float or ndarray (k,)
        Score of all units.
    seed : int
        Where the orders come from.
    dtype, device : str
        Where and in which precision it was computed.
    settings : Settings
        The options that change the numbers.
    groups : ndarray (G,) or None
        Names of the groups of units that joined together; values are theirs.
    """

    values: np.ndarray
    standard_errors: np.ndarray
    n_orders: int
    converged: bool
    full_score: Any
    seed: int
    dtype: str
    device: str
    settings: Settings
    groups: np.ndarray | None = None


@dataclass(frozen=True)
class Reintroduction:
    """Scores of the first units of an order, at some sizes or at all.

    Attributes
    ----------
    curve : ndarray (S,) or (k, S)
        ``curve[j]`` is the score of the first ``sizes[j]`` units; NaN where undefined.
    sizes : ndarray of int (S,)
        Numbers of units; ``1, 2, ..., N`` unless others were asked for.
    order : ndarray of int (N,) or (k, N)
        The units, first to last.
    best_size : int or ndarray (k,)
        Number of units (not an index) of the best-scoring prefix, the smallest
        where several tie.
    best_score : float or ndarray (k,)
        Its score.
    path, dtype, device : str
        As in :class:`Importance`; the path is ``"prefix"``.
    settings : Settings
        The options that change the numbers.
    groups : ndarray (G,) or None
        Names of the groups that units were put back in: `order` holds indices into it,
        and `sizes` and `best_size` count groups.
    """

    curve: np.ndarray
    sizes: np.ndarray
    order: np.ndarray
    best_size: Any
    best_score: Any
    path: str
    dtype: str
    device: str
    settings: Settings
    groups: np.ndarray | None = None


@dataclass(frozen=True)
class PruningFields:
    """Fields of a `Pruning`, and what follows from them."""

    full_score: Any
    importance: np.ndarray
    order: np.ndarray
    curve: np.ndarray
    sizes: np.ndarray
    best_size: Any
    best_score: Any
    retained: Any
    target_rdm: np.ndarray
    full_rdm: np.ndarray
    pruned_rdm: np.ndarray
    paths: dict[str, str]
    dtype: str
    device: str
    settings: Settings
    conditions: tuple[str, ...] | None = None
    units: Mapping[str, Any] | None = None
    groups: np.ndarray | None = None
    group_of: np.ndarray | None = None
    plain_full_score: Any = None
    plain_best_score: Any = None

    @property
    def n_conditions(self) -> int:
        """Number of conditions."""
        # P = n (n - 1) / 2, solved for n.
        return int((1 + np.sqrt(1 + 8 * self.full_rdm.shape[-1])) / 2)

    @property
    def n_units(self) -> int:
        """Number of units of the layer."""
        return self.n_ranked if self.group_of is None else len(self.group_of)

    @property
    def n_ranked(self) -> int:
        """Number of what was ranked: groups, or units."""
        return self.importance.shape[-1]

    @property
    def ranked(self) -> str:
        """What was ranked, in a word: ``"unit"`` or ``"group"``."""
        return "unit" if self.groups is None else "group"

    @property
    def retained_groups(self) -> Any:
        """Sorted indices into `groups`, or a list of k of them; None without groups."""
        if self.groups is None:
            return None
        rows = zip(
            np.atleast_2d(self.order), np.atleast_1d(self.best_size), strict=True
        )
        found = [np.sort(order[:size]) for order, size in rows]
        return found if isinstance(self.retained, list) else found[0]

    @property
    def n_undefined(self) -> int:
        """Number of units (or groups) whose removal leaves the score undefined."""
        return int(np.isnan(self.importance).reshape(-1, self.n_ranked).any(0).sum())

    @property
    def mask(self) -> np.ndarray:
        """Retained units as a boolean mask, ``(N,)`` or ``(k, N)``."""
        several = isinstance(self.retained, list)
        rows = self.retained if several else [self.retained]
        mask = np.zeros((len(rows), self.n_units), bool)
        for row, units in zip(mask, rows, strict=True):
            row[units] = True
        return mask if several else mask[0]

"""Groups of units: which units each has, and which are in none.

A metric is a finish of sums over units, so a group is to it what a unit is: something
whose contribution to the sums is known. What is ranked, left out and put back may be
either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..base import checks
from ..io.checkpoints import digest


@dataclass(frozen=True, eq=False)
class UnitGroups:
    """Groups of the units of a layer, members of one after those of another.

    Attributes
    ----------
    names : ndarray (G,)
        Their labels, or their positions.
    units : ndarray of int (M,)
        Members of every group, and last the units that are in none.
    bounds : ndarray of int (G + 2,)
        Where in `units` each group begins; the last of them are the rest.
    n_units : int
        Units of the layer.

    Examples
    --------
    >>> groups = UnitGroups.of(["b", "a", "b"], 3)
    >>> groups.names.tolist(), groups.members(1).tolist(), len(groups.rest)
    (['a', 'b'], [0, 2], 0)
    """

    names: np.ndarray
    units: np.ndarray
    bounds: np.ndarray
    n_units: int

    @staticmethod
    def of(groups: Any, n_units: int, overlapping: bool = False) -> UnitGroups:
        """Groups as they may be given: labels, lists of indices, masks.

        Parameters
        ----------
        groups : array_like
            Labels ``(N,)``, a list of arrays of indices, or boolean ``(G, N)``; or
            what came of them here.
        n_units : int
        overlapping : bool
            Whether groups may share units.

        Raises
        ------
        ValueError
            No groups of these units; an empty group, or one of all units.
        """
        if isinstance(groups, UnitGroups):
            return groups
        names, members = checks.groups(groups, n_units)
        inside = np.zeros(n_units, bool)
        inside[np.concatenate(members)] = True
        members = [*members, np.flatnonzero(~inside)]
        bounds = np.cumsum([0, *map(len, members)])
        found = UnitGroups(names, np.concatenate(members), bounds, n_units)
        if not overlapping and not found.disjoint:
            checks.groups_overlap(found.units, found.bounds)
        return found

    def __len__(self) -> int:
        """Number of groups, without the rest."""
        return len(self.names)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Number of units of each group, and last of the rest ``(G + 1,)``."""
        return np.diff(self.bounds)

    @cached_property
    def disjoint(self) -> bool:
        """Whether no unit is in two groups."""
        return len(self.units) == self.n_units

    @property
    def rest(self) -> np.ndarray:
        """Units that are in no group, and always in the layer."""
        return self.members(len(self))

    @cached_property
    def group_of(self) -> np.ndarray:
        """Group of each unit ``(N,)``, -1 for the rest; of groups that are disjoint."""
        group = np.empty(self.n_units, int)
        group[self.units] = np.repeat(np.arange(len(self) + 1), self.lengths)
        return np.where(group == len(self), -1, group)

    @property
    def identity(self) -> str:
        """Digest of which units belong together."""
        return digest(self.units, self.bounds)

    def members(self, group: int) -> np.ndarray:
        """Units of a group."""
        return self.units[self.bounds[group] : self.bounds[group + 1]]

    def joined(self, which: np.ndarray) -> np.ndarray:
        """Units of some groups, one group after the other."""
        lengths = self.lengths[which]
        skipped = self.bounds[which] - (np.cumsum(lengths) - lengths)
        return self.units[np.repeat(skipped, lengths) + np.arange(lengths.sum())]

    def in_order(self, order: np.ndarray) -> UnitGroups:
        """The same of units in another order: of the rest, then of some groups."""
        lengths = self.lengths[np.append(order, len(self))]
        bounds = np.append(0, np.cumsum(lengths))
        units = np.roll(np.arange(bounds[-1]), -lengths[-1])
        return UnitGroups(np.arange(len(order)), units, bounds, len(units))

    def means(self, values: np.ndarray) -> np.ndarray:
        """Mean over the units of each group ``(G,)`` of values ``(N,)``."""
        first = np.add.reduceat(values[self.units], self.bounds[: len(self)])
        return first / self.lengths[: len(self)]

    def masks(self, which: np.ndarray) -> np.ndarray:
        """Which units each of some groups has, boolean ``(B, N)``."""
        masks = np.zeros((len(which), self.n_units), bool)
        rows = np.repeat(np.arange(len(which)), self.lengths[which])
        masks[rows, self.joined(which)] = True
        return masks

    def among(self, mask: np.ndarray) -> np.ndarray:
        """Sorted groups of the units of a mask ``(N,)``; they have to be disjoint."""
        groups = np.unique(self.group_of[mask])
        return groups[groups >= 0]

    def mask_of(self, which: np.ndarray) -> np.ndarray:
        """Units of the layer that has some groups, boolean ``(N,)``."""
        mask = np.zeros(self.n_units, bool)
        mask[self.joined(np.append(which, len(self)))] = True
        return mask


def groups_or_units(options: dict[str, Any], n_units: int) -> int:
    """Check the groups among options, if there are any; how many, or how many units."""
    if options.get("groups") is None:
        return n_units
    options["groups"] = UnitGroups.of(options["groups"], n_units)
    return len(options["groups"])

"""Target RDMs as dissimilarities, in groups that miss the same pairs.

A missing pair changes every sum over pairs, so targets are computed together if, and
only if, they miss the same ones. A condition without any pair is left out of its group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import checks
from ..base.arrays import condensed, pair_index
from ..base.types import Prepared
from ..comparisons import Comparison, is_constant
from ..io.objects import plain


@dataclass(frozen=True)
class TargetGroup:
    """Targets that miss the same pairs, and the conditions that remain.

    Attributes
    ----------
    which : ndarray of int (g,)
        Positions of these targets among all targets.
    rows : ndarray of int (m,) or None
        Conditions with at least one pair; None for all.
    pairs : tuple of ndarray (p,)
        Pairs kept, as indices into `rows`.
    targets : ndarray (g, p)
        Dissimilarities of those pairs.
    controls : ndarray (K, p) or None
        Those of RDMs whose share is taken out.
    """

    which: np.ndarray
    rows: np.ndarray | None
    pairs: tuple[np.ndarray, np.ndarray]
    targets: np.ndarray
    controls: np.ndarray | None = None

    def prepared(self, comparison: Comparison, targets: np.ndarray) -> Prepared:
        """What a comparison needs of targets ``(g, p)`` of these pairs."""
        return comparison.prepare_all(targets, self.pairs, self.controls)


def as_targets(target: Any, n: int, kind: str) -> tuple[np.ndarray, bool]:
    """Dissimilarities ``(k, P)`` in float64, NaN where missing; whether stacked."""
    array = np.asarray(plain("target", target))
    checks.numeric("target", array)
    checks.whole_numbers("target", array)
    array = array.astype(float)
    checks.target_shape(array, n)
    rows = array.ndim == 2 and array.shape[0] != array.shape[1]
    stacked = array.ndim == 3 or rows
    if rows:
        vectors = array
    elif array.ndim > 1:
        squares = array.reshape(-1, *array.shape[-2:])
        checks.same_conditions(squares.shape[-1], n)
        checks.square_target(squares, kind)
        vectors = condensed(squares)
    else:
        vectors = array[None]
    checks.condensed_target(vectors, n)
    return (1 - vectors if kind == "similarity" else vectors), stacked


def target_groups(
    targets: np.ndarray,
    n: int,
    comparison: Comparison,
    controls: np.ndarray | None = None,
) -> list[TargetGroup]:
    """One group per pattern of missing pairs, in order of first appearance.

    Controls ``(K, P)`` have all pairs.
    """
    i, j = pair_index(n)
    present = ~np.isnan(targets)
    patterns: dict[bytes, list[int]] = {}
    for k, row in enumerate(present):
        patterns.setdefault(np.packbits(row).tobytes(), []).append(k)
    groups = []
    for members in patterns.values():
        kept = present[members[0]]
        which = np.array(members)
        values = targets[which][:, kept]
        given = None if controls is None else controls[:, kept]
        _check_values(values, which, len(targets), comparison)
        if kept.all():
            groups.append(TargetGroup(which, None, (i, j), values, given))
            continue
        rows = np.unique(np.concatenate([i[kept], j[kept]]))
        place = np.full(n, -1)
        place[rows] = np.arange(len(rows))
        every = None if len(rows) == n else rows
        pairs = place[i[kept]], place[j[kept]]
        groups.append(TargetGroup(which, every, pairs, values, given))
    for group in groups:
        _check_rest(group, len(targets), comparison)
    return groups


def _check_values(
    values: np.ndarray, which: np.ndarray, n_targets: int, comparison: Comparison
) -> None:
    """Targets ``(g, p)`` over the pairs kept can be compared with."""
    any_level = comparison.centred or comparison.ranks
    flat: Any = is_constant(values) if any_level else ~values.any(1)
    for target, row, is_flat in zip(which, values, flat, strict=True):
        checks.comparable(_named(target, n_targets), row, bool(is_flat))


def _check_rest(group: TargetGroup, n_targets: int, comparison: Comparison) -> None:
    """Controls leave something of every target."""
    if group.controls is None:
        return
    prepared = group.prepared(comparison, group.targets)
    for target, row in zip(group.which, prepared, strict=False):
        if np.isnan(row).any():
            raise ValueError(
                f"controls explain all of {_named(target, n_targets)} over the "
                f"{len(row)} pair(s) kept: nothing is left to compare a layer with. "
                "Leave out the control that is the target itself, or give fewer."
            )


def _named(target: int, n_targets: int) -> str:
    return "target" if n_targets == 1 else f"target[{target}]"


def square_of(group: TargetGroup, values: np.ndarray) -> np.ndarray:
    """Symmetric matrices ``(..., m, m)`` of values ``(..., p)`` of the pairs kept."""
    i, j = group.pairs
    size = int(max(i.max(), j.max())) + 1
    square = np.zeros((*values.shape[:-1], size, size))
    square[..., i, j] = values
    square[..., j, i] = values
    return square

"""The interface of a metric, and what all sums over units have in common.

An RDM is ``finish(sum over units of what one unit contributes)``. A metric says what a
unit contributes and how the sum becomes dissimilarities; with that a layer without a
unit, a prefix of a ranking, or any subset is a small change of a sum.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..base.arrays import running
from ..base.types import Columns, Dissimilarities, Features, Pairs, State, Undefined


@dataclass(frozen=True)
class Metric(ABC):
    """A dissimilarity between conditions that is a sum over units, then a finish.

    Parameters
    ----------
    undefined : {"nan", "zero"}
        What a similarity that does not exist (a constant or empty pattern) becomes:
        NaN, or 0.
    folds : int
        Measurements of every condition: features are ``(F n, N)``, all conditions of
        the first fold, then of the next. 1, but for metrics that are `folded`.

    Attributes
    ----------
    closed_form : str or None
        Which closed form of leave-one-out there is, if any: ``"unit_rows"`` for inner
        products of normalised patterns, ``"sqeuclidean"``.
    centred : bool
        Patterns are centred over units.
    scale : float
        Size of the numbers that a dissimilarity is a difference of, which sets its
        round-off: 1 for one minus a similarity, 0 if it is the dissimilarity's own.
    degree : int
        Power of the scale of the features that dissimilarities grow with; 0 if the
        pattern of each condition may have a scale of its own.
    offset_free : bool
        Nothing changes if a unit responds more to all conditions alike.
    noise : {"none", "optional", "required"}
        Whether it takes the precision of the noise of the units.
    folded : bool
        It takes features ``(folds, n, N)``.
    counts : bool
        It takes responses that are not negative.

    Notes
    -----
    A state is a pytree of sums; a batch of states has a leading axis. `init` and
    `merge` make one state, `contributions`, `remove`, `cumulate` and `from_sums` a
    batch, `subtract` takes one from one; `compute` takes either. (Batches are written
    out rather than vmapped: XLA's CPU gather of a vmapped index is ten times slower.)
    """

    undefined: Undefined = "nan"
    folds: int = 1
    closed_form: ClassVar[str | None] = None
    centred: ClassVar[bool] = False
    scale: ClassVar[float] = 0.0
    degree: ClassVar[int]
    offset_free: ClassVar[bool] = False
    noise: ClassVar[Literal["none", "optional", "required"]] = "none"
    folded: ClassVar[bool] = False
    counts: ClassVar[bool] = False

    @abstractmethod
    def init(self, x: Features, pairs: Pairs, mask: Array | None = None) -> State:
        """Sums over all units of x, or those of a mask ``(N,)``, to full precision."""

    @abstractmethod
    def contributions(self, columns: Columns, pairs: Pairs) -> State:
        """What each of a batch of units ``(B, n)`` adds to the sums."""

    @abstractmethod
    def compute(self, state: State, pairs: Pairs) -> Dissimilarities:
        """Dissimilarities ``(P,)`` or ``(B, P)`` from sums."""

    @abstractmethod
    def fragile(self, state: State, removed: State) -> Array:
        """Whether subtracting a unit, or a set, costs digits that matter ``(B,)``.

        Such a unit is done directly; so is every one whose removal makes a pattern
        constant or empty.
        """

    def transform(self, x: Any) -> Any:
        """Features as the sums take them, NumPy or jax: as they are, here."""
        return x

    def centre(self, x: np.ndarray) -> np.ndarray:
        """Value per condition subtracted from masked features, ``(n,)``: none here."""
        return np.zeros(len(x), x.dtype)

    def empty(self, first: Array, pairs: Pairs) -> State:
        """Sums over no unit; `first` ``(n,)`` is like the units to come."""
        return jax.tree.map(lambda a: 0 * a[0], self.contributions(first[None], pairs))

    def remove(
        self, state: State, columns: Columns, pairs: Pairs
    ) -> tuple[State, Array]:
        """Sums without each of a batch of units ``(B, n)``, and which lost digits."""
        return self.subtract(state, self.contributions(columns, pairs), pairs)

    def subtract(self, state: State, parts: State, pairs: Pairs) -> tuple[State, Array]:
        """Sums without each of a batch of sets of units; which ones lost digits.

        `parts` are sums over these sets, all of whose units are in `state`.
        """
        del pairs
        without = jax.tree.map(lambda s, r: s[None] - r, state, parts)
        return without, self.fragile(state, parts)

    def merge(self, first: State, second: State, pairs: Pairs) -> State:
        """Sums over two disjoint sets of units."""
        del pairs
        return jax.tree.map(jnp.add, first, second)

    def cumulate(self, state: State, columns: Columns, pairs: Pairs) -> State:
        """Sums after each of a batch of units ``(B, n)`` has joined `state`.

        Contributions are formed in the dtype of the units and added in that of the
        state, which may be more precise: see `running`.
        """
        return jax.tree.map(running, state, self.contributions(columns, pairs))

    def from_sums(self, count: Array, sums: State, pairs: Pairs) -> tuple[State, Array]:
        """States from summed contributions, and which ones lost digits, ``(B,)``."""
        del pairs
        return sums, jnp.zeros(count.shape, bool)

"""Prunings again, for groups that are drawn from the subjects of two targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from ..engine.importances import ranking
from ..engine.problem import scoring_options
from ..execution.run import run
from ..importance import leave_one_out
from ..reintroduction import reintroduce


class Swaps:
    """Prunings for groups that are drawn from the subjects of two targets."""

    def __init__(
        self,
        x: Any,
        squares: Sequence[np.ndarray],
        options: dict[str, Any],
        seed: int,
    ):
        self._x, self._options, self._seed = x, options, seed
        self._all = np.concatenate(squares)
        ends = np.cumsum([len(square) for square in squares])
        self._members = np.split(np.arange(len(self._all)), ends[:-1])
        self._importance: np.ndarray | None = None

    def n_ways(self, pair: tuple[int, int]) -> int:
        """Number of ways to choose the first group from the subjects of both."""
        first, second = (len(self._members[i]) for i in pair)
        return comb(first + second, first)

    def ways(
        self, pair: tuple[int, int], most: int
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Both groups of all ways, or of `most` random ones."""
        first, second = (self._members[i] for i in pair)
        both = np.concatenate([first, second])
        if not most or len(both) < 3:
            return []
        if self.n_ways(pair) <= most:
            picked = [np.array(way) for way in combinations(both, len(first))]
        else:
            rngs = (np.random.default_rng([self._seed, *pair, i]) for i in range(most))
            picked = [rng.permutation(both)[: len(first)] for rng in rngs]
        return [(np.sort(way), np.setdiff1d(both, way)) for way in picked]

    def jaccard(
        self, ways: list[tuple[np.ndarray, np.ndarray]], title: str, progress: bool
    ) -> np.ndarray:
        """Jaccard index of the sets of both groups, by way."""
        found = np.empty(len(ways))

        def task(index: int) -> Iterator[int]:
            sets = [self._retained(group) for group in ways[index]]
            common = (sets[0] & sets[1]).sum()
            found[index] = common / (sets[0] | sets[1]).sum()
            yield 1

        run(
            task,
            range(len(ways)),
            progress=progress,
            title=f"subjects of {title} swapped",
            total=len(ways),
            unit="swaps",
        )
        return found

    def _retained(self, group: np.ndarray) -> np.ndarray:
        """Mask of the units retained for a group."""
        options = dict(self._options)
        sizes = options.pop("sizes")
        if self._importance is None:
            each = {**options, "pool": "each"}
            found = leave_one_out(self._x, self._all, **each).importance
            self._importance = np.atleast_2d(found)
        order = ranking(self._importance[group].mean(0))
        scoring = scoring_options(options)
        curve = reintroduce(self._x, self._all[group], order, sizes=sizes, **scoring)
        mask = np.zeros(len(order), bool)
        mask[order[: int(curve.best_size)]] = True
        return mask

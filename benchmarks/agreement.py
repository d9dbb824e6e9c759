"""Agreement: every method against deleting columns and recomputing in float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import script
from .cases import Case, condensed
from .core import Method, Run, spread

N_ITEMS = 32
# Activations that are held in float64 at once.
BLOCK = 2**22


class Reference:
    """Values of a sample of items of a task, by definition.

    Parameters
    ----------
    case : Case
    task : str
    items : ndarray
        All items of the task.
    chosen : ndarray or None
        The order (reintroduction) or the masks (masks).
    """

    def __init__(
        self, case: Case, task: str, items: np.ndarray, chosen: Any = None
    ) -> None:
        self.items = spread(items, N_ITEMS)
        x, target = case.x.astype(np.float64), condensed(case.target)
        pairs = np.triu_indices(case.n, 1)
        compare = "spearman" if task == "spearman" else "pearson"

        def fit(some: np.ndarray) -> float:
            # A constant pattern need not be noticed by `np.corrcoef`.
            if (some == some[:, :1]).all(1).any():
                return np.nan
            return script.fit(some, target, pairs, compare)

        subsets = {
            "reintroduction": lambda item: x[:, chosen[:item]],
            "masks": lambda item: x[:, chosen[item]],
        }
        subset = subsets.get(task, lambda item: np.delete(x, item, axis=1))
        self.full = fit(x)
        self.values = np.array([fit(subset(item)) for item in self.items])

    def compare(self, method: Method, run: Run | None = None) -> dict[str, Any]:
        """Largest difference of a method, which may have been run on all items."""
        parts = run.parts if run and method.whole else method.call(self.items)
        values = parts.values
        if method.whole:
            values = values[np.searchsorted(method.items, self.items)]
        expected = self.full - self.values if method.importances else self.values
        gap, defined = np.abs(values - expected), np.isfinite(expected)
        return {
            "difference": float(gap[defined].max()) if defined.any() else np.nan,
            "compared": int(defined.sum()),
            "same_undefined": bool((np.isnan(values) == ~defined).all()),
        }


def score_of(case: Case, units: np.ndarray) -> float:
    """Score of a subset of units by definition, in float64, for any number of units.

    The Gram matrix of the centred patterns is added up in blocks: `numpy.corrcoef`
    would hold several copies of them.
    """
    sums = np.zeros(case.n)
    for block in _blocks(case, units):
        sums += block.sum(1)
    products = np.zeros((case.n, case.n))
    for block in _blocks(case, units):
        block -= sums[:, None] / len(units)
        products += block @ block.T
    length = np.sqrt(np.diagonal(products))
    rdm = condensed(1 - products / length / length[:, None])
    return float(np.corrcoef(rdm, condensed(case.target))[0, 1])


def _blocks(case: Case, units: np.ndarray) -> Iterator[np.ndarray]:
    width = max(BLOCK // case.n, 1)
    for first in range(0, len(units), width):
        yield case.x[:, units[first : first + width]].astype(np.float64)

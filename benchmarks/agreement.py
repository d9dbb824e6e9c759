"""Agreement: every method against deleting columns and recomputing in float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import script
from .cases import Case
from .measure import spread
from .methods import Method
from .rivals import condensed

N_ITEMS = 32
# Activations that are held in float64 at once.
BLOCK = 2**22


def undefined(x: np.ndarray) -> bool:
    """Whether some pattern is constant, which `np.corrcoef` need not notice."""
    return bool((x == x[:, :1]).all(1).any())


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
        with np.errstate(invalid="ignore", divide="ignore"):
            self.full = script.fit(x, target, pairs, compare)
        values = []
        for item in self.items:
            if task == "reintroduction":
                some = x[:, chosen[:item]]
            elif task == "masks":
                some = x[:, chosen[item]]
            else:
                some = np.delete(x, item, axis=1)
            if undefined(some):
                values.append(np.nan)
            else:
                values.append(script.fit(some, target, pairs, compare))
        self.values = np.array(values)

    def compare(self, method: Method, whole: np.ndarray | None) -> dict[str, Any]:
        """Largest difference of a method.

        Parameters
        ----------
        method : Method
        whole : ndarray or None
            The values of all its items, if it has them already.
        """
        if whole is not None and len(whole) == len(method.items):
            values = whole[np.searchsorted(method.items, self.items)]
        else:
            values = method.call(self.items).values
        expected = self.full - self.values if method.importances else self.values
        gap = np.abs(values - expected)
        defined = np.isfinite(expected)
        largest = float(np.max(gap[defined])) if defined.any() else float("nan")
        return {
            "difference": largest,
            "compared": int(defined.sum()),
            "same_undefined": bool((np.isnan(values) == ~defined).all()),
        }

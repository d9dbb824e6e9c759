"""Importances in the order of the ranking, and which of them are retained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .common import View
from ...plots import count, linear_below
from .common import OTHERS, RETAINED, SMALL, opened, titled
from .curve import shade_undefined

# More bars than this are narrower than what a printer or screen shows.
BARS = 2_000


def draw_importance(axes: Axes, view: View) -> None:
    """Draw what the score loses without each unit, most important first."""
    result = view.one
    importance = result.importance[result.order]
    size = int(result.best_size)
    axes.set_yscale("symlog", linthresh=linear_below(importance), linscale=0.6)
    for name, first, end, colour in (
        ("retained", 0, size, RETAINED),
        ("not retained", size, len(importance), OTHERS),
    ):
        edges, low, high = bars(importance[first:end])
        axes.fill_between(
            np.repeat(edges + first + 0.5, 2)[1:-1],
            np.repeat(low, 2),
            np.repeat(high, 2),
            color=colour,
            lw=0.4,
            label=f"{name} ({end - first:,})",
        )
    axes.axhline(0, color="0.2", lw=0.7)
    axes.set_xlim(0, len(importance) * 1.02 + 0.5)
    axes.legend(loc="upper right", edgecolor="none", framealpha=0.8, **SMALL)
    # Six numbers of seven characters are what fits side by side.
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    note = shade_undefined(axes, np.isnan(importance), result.ranked)
    zeros = int((importance == 0).sum())
    note += f" (zero: {count(zeros, result.ranked)})" if zeros else ""
    axes.set_xlabel(f"rank of the {result.ranked}" + note)
    axes.set_ylabel("importance")
    which = f"{view.named}: " if view.several else ""
    titled(axes, f"{which}fall of the score without each {result.ranked}")
    opened(axes)


def bars(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge bars that are too narrow to be seen: each reaches as far as those in it.

    Parameters
    ----------
    values : ndarray (n,)
        NaN is no bar.

    Returns
    -------
    edges : ndarray of int (b + 1,)
    low, high : ndarray (b,)
        Ends of the bars, at most 0 and at least 0.

    Examples
    --------
    >>> bars(np.array([2.0, -1.0, np.nan]))
    (array([0, 1, 2, 3]), array([ 0., -1.,  0.]), array([2., 0., 0.]))
    """
    n = len(values)
    if not n:
        return np.zeros(1, int), values, values
    edges = np.unique(np.linspace(0, n, min(n, BARS) + 1).astype(int))
    low = np.minimum.reduceat(np.fmin(values, 0.0), edges[:-1])
    return edges, low, np.maximum.reduceat(np.fmax(values, 0.0), edges[:-1])

"""Importances in the order of the ranking, and which of them are retained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .common import View
from ...plots import count
from .common import OTHERS, RETAINED, SMALL, opened, titled
from .curve import shade_undefined

# More bars than this are a picture inside a vector format.
BARS = 4_000


def draw_importance(axes: Axes, view: View) -> None:
    """Draw what the score loses without each unit, most important first."""
    result = view.one
    importance = result.importance[result.order]
    size = int(result.best_size)
    rank = np.arange(1, len(importance) + 1)
    axes.set_yscale("symlog", linthresh=_linear_below(importance), linscale=0.6)
    for name, shown, colour in (
        ("retained", rank <= size, RETAINED),
        ("not retained", rank > size, OTHERS),
    ):
        axes.fill_between(
            np.repeat(rank, 2) + np.tile([-0.5, 0.5], len(rank)),
            np.repeat(importance, 2),
            where=np.repeat(shown, 2),
            color=colour,
            lw=0.4,
            label=f"{name} ({shown.sum():,})",
            rasterized=len(rank) > BARS,
        )
    axes.axhline(0, color="0.2", lw=0.7)
    axes.set_xlim(0, len(importance) * 1.02 + 0.5)
    axes.legend(frameon=False, loc="upper right", **SMALL)
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


def _linear_below(importance: np.ndarray) -> float:
    """Return where a symmetric log axis turns linear, a power of ten."""
    size = np.abs(importance[np.isfinite(importance) & (importance != 0)])
    if not size.size:
        return 1.0
    # Five decades at most: beyond, the axis would mostly show round-off.
    smallest = max(np.quantile(size, 0.02), size.max() * 1e-5)
    return float(10 ** np.floor(np.log10(smallest)))

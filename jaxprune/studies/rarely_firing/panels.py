"""What the figures have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ...plots import HEADING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Inches.
WIDTH, HEIGHT, NARROWEST = 4.6, 4.1, 6.4
PUBLISHED: dict[str, Any] = {
    "marker": "D",
    "ms": 4.5,
    "color": "black",
    "lw": 1,
    "label": "published",
}
LEGEND: dict[str, Any] = {"fontsize": 8, "frameon": False}
# Of random orders.
LIGHT = "0.62"


def panels(rows: int, columns: int) -> tuple[Figure, list[Axes]]:
    """Make a figure, and its panels row by row."""
    size = max(WIDTH * columns, NARROWEST), HEIGHT * rows
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.1)  # type: ignore[union-attr]
    return figure, list(np.ravel(figure.subplots(rows, columns, squeeze=False)))


def tidy(axes: Axes, title: str, y: str) -> None:
    """Label a panel over the units kept, from all to none."""
    axes.set_title(title, **HEADING)
    axes.set_xlabel("% of units kept")
    axes.set_ylabel(y)
    axes.set_xlim(102, 0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.92")
    axes.set_axisbelow(True)

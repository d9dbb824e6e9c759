"""Colours of the conditions, by their categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps, rcParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from .common import View
from ...plots import COLOURS
from .common import SMALL


def palette(n: int) -> list[Any]:
    """Colours of n things: those that everybody tells apart, or steps of a scale."""
    if n <= len(COLOURS):
        return list(COLOURS[:n])
    return list(colormaps["viridis"](np.linspace(0, 0.95, n)))


def colours_of(view: View) -> list[Any]:
    """A colour for each condition."""
    if view.categories is None:
        return [COLOURS[0]] * view.result.n_conditions
    by_name = _by_name(view.categories)
    return [by_name[str(name)] for name in view.categories]


def legend_of(axes: Axes, view: View, lines: float) -> None:
    """Say which colour is which category, some lines of text below the panels."""
    if view.categories is None:
        return
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker="o", ls="", label=name)
        for name, colour in _by_name(view.categories).items()
    ]
    figure: Any = axes.get_figure(root=True)
    # Layout has yet to make axes as wide as they can be.
    share = 1.2 * axes.get_position().width
    _, columns = rows_and_columns(view.categories, share * figure.get_figwidth())
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        borderaxespad=lines,
        ncols=columns,
        columnspacing=1,
        frameon=False,
        handletextpad=0.1,
        **SMALL,
    )


def rows_and_columns(categories: Sequence[Any], width: float) -> tuple[int, int]:
    """Rows and columns of the legend in a width in inches."""
    names = _by_name(categories)
    # A letter is about half as wide as it is high; a marker and gaps take four.
    each = rcParams["font.size"] * (0.45 * max(map(len, names)) + 4) / 72
    rows = -(-len(names) // max(1, int(width / each)))
    return rows, -(-len(names) // rows)


def _by_name(categories: Sequence[Any]) -> dict[str, Any]:
    names = list(dict.fromkeys(map(str, categories)))
    return dict(zip(names, palette(len(names)), strict=True))

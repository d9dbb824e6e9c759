"""Colours of the conditions, by their categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps

if TYPE_CHECKING:
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
    by_name = _by_category(view)
    return [by_name[str(name)] for name in view.categories]


def legend_of(axes: Axes, view: View) -> None:
    """Say below the panels which colour is which category."""
    if view.categories is None:
        return
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker="o", ls="", label=name)
        for name, colour in _by_category(view).items()
    ]
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.1),
        ncols=min(len(handles), 6),
        frameon=False,
        handletextpad=0.1,
        **SMALL,
    )


def _by_category(view: View) -> dict[str, Any]:
    names = list(dict.fromkeys(map(str, view.categories or ())))
    return dict(zip(names, palette(len(names)), strict=True))

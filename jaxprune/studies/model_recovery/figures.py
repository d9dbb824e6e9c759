"""The figure: confusion matrices, and how often the right layer is found."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ...inference.recovery import WHERE
from ...plots import COLOURS, HEADING, heading, matrix
from ..framework import Found
from . import tables
from .tables import TITLES

ORANGE, BLUE = COLOURS[1], COLOURS[0]


def figure(found: Found) -> Figure:
    """Layers that targets are taken for, and how often that is right."""
    shown = [
        (method, recovery)
        for recovery in tables.recoveries(found)
        for method in recovery.methods
    ]
    layers = shown[0][1].layers
    side = 0.5 * len(layers) + 1.5
    drawn = Figure(
        figsize=(side * len(shown) + 4.2, 2 * side), dpi=150, layout="constrained"
    )
    grid = drawn.add_gridspec(
        2, len(shown) + 1, width_ratios=[*[side] * len(shown), 3.6]
    )
    for (row, where), (column, (method, recovery)) in product(
        enumerate(WHERE), enumerate(shown)
    ):
        axes = drawn.add_subplot(grid[row, column])
        counts = recovery.confusion(method, where)
        share = counts / recovery.scores.shape[1]
        rows, columns = layers if not column else [""] * len(layers), layers
        matrix(axes, share, rows, columns if row else [""] * len(layers), (0, 1))
        axes.set_title(f"{TITLES[method]}, {where}", **HEADING)
        if not column:
            axes.set_ylabel("target of")
        if row:
            axes.set_xlabel("taken for")
    _rates(drawn.add_subplot(grid[:, -1]), found)
    return drawn


def _rates(axes: Any, found: Found) -> None:
    """How often the right layer is found, with intervals."""
    rates = tables.rates(found)
    methods = list(dict.fromkeys(method for method, _ in rates))
    for where, colour, shift in zip(WHERE, (ORANGE, BLUE), (-0.1, 0.1), strict=True):
        own = [rates[method, where] for method in methods]
        place = np.arange(len(own)) + shift
        low, high = ([100 * getattr(r, end) for r in own] for end in ("low", "high"))
        axes.vlines(place, low, high, color=colour, lw=1.6)
        share = [100 * rate.share for rate in own]
        axes.plot(place, share, "o", color=colour, ms=7, mec="white", label=where)
    chance = tables.chance(found.measured[0])
    axes.axhline(chance, color="0.6", lw=1, ls=":", zorder=0, label="chance")
    axes.set_xticks(range(len(methods)), [TITLES[name] for name in methods])
    axes.set_xlim(-0.5, len(methods) - 0.5)
    axes.set_ylim(0, 101)
    axes.set_ylabel("right layer found, %")
    heading(axes, "", "all layers, with 95 % intervals")
    axes.legend(frameon=False, fontsize=9, loc="lower left")

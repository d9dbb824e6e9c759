"""The figure: confusion matrices, and how often the right layer is found."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ...inference.recovery import WHERE
from ...plots import COLOURS, HEADING, heading, lettered, matrix
from ..framework import Found
from . import tables
from .tables import TITLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def figure(found: Found) -> Figure:
    """Layers that the least reliable targets are taken for, and how often rightly."""
    least = next(iter(tables.reliabilities(found)))
    shown = [
        (method, recovery)
        for recovery in tables.recoveries(found.where(reliability=least))
        for method in recovery.methods
    ]
    layers = shown[0][1].layers
    side = 0.42 * len(layers) + 1.7
    size = side * len(shown) + 4.4, 2 * side
    drawn = Figure(figsize=size, dpi=150, layout="constrained")
    widths = [*[side] * len(shown), 3.8]
    grid = drawn.add_gridspec(2, len(shown) + 1, width_ratios=widths)
    for (row, where), (column, (method, recovery)) in product(
        enumerate(WHERE), enumerate(shown)
    ):
        axes = drawn.add_subplot(grid[row, column])
        share = recovery.confusion(method, where) / recovery.scores.shape[1]
        nothing = [""] * len(layers)
        rows, columns = nothing if column else layers, layers if row else nothing
        matrix(axes, share, rows, columns, (0, 1))
        letter = "abcdefgh"[row * len(shown) + column]
        axes.set_title(lettered(letter, f"{TITLES[method]}, {where}"), **HEADING)
        if not column:
            axes.set_ylabel("target of")
        if row:
            axes.set_xlabel("taken for")
    rates = drawn.add_subplot(grid[:, -1])
    _draw_rates(rates, found)
    heading(rates, "abcdefgh"[2 * len(shown)], "all layers, with 95 % intervals")
    return drawn


def _draw_rates(axes: Axes, found: Found) -> None:
    """How often the right layer is found, by reliability."""
    rates, known = tables.rates(found), list(tables.reliabilities(found))
    kinds = list(dict.fromkeys((method, where) for _, method, where in rates))
    for number, (method, where) in enumerate(kinds):
        own = [rates[reliability, method, where] for reliability in known]
        # Side by side, or those that are found always would hide each other.
        place = np.array(known) * 1.06 ** (number - (len(kinds) - 1) / 2)
        colour = COLOURS[list(TITLES).index(method)]
        inside = where == WHERE[0]
        low, high = ([100 * getattr(r, end) for r in own] for end in ("low", "high"))
        axes.vlines(place, low, high, color=colour, lw=1)
        share = [100 * rate.share for rate in own]
        style: dict[str, Any] = {"color": colour, "ms": 6, "lw": 1.2}
        style |= {"mfc": "white", "ls": "--"} if inside else {"ls": "-"}
        axes.plot(place, share, "o", label=f"{TITLES[method]}, {where}", **style)
    chance = tables.chance(found.measured[0])
    axes.axhline(chance, color="0.6", lw=1, ls=":", zorder=0, label="chance")
    axes.set_xscale("log")
    axes.set_xticks(known, [f"{one:.2g}" for one in known])
    axes.minorticks_off()
    axes.set_xlabel("reliability of targets")
    axes.set_ylim(0, 102)
    axes.set_ylabel("right layer found, %")
    axes.legend(frameon=False, fontsize=8.5, loc="lower right")

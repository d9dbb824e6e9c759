"""The figure: preferred numbers, tuning, pairs told apart, and the RDM of number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from ...base.means import mean_of_defined
from ...plots import COLOURS, HEADING
from ..framework import Found
from .measure import preferring

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS = np.arange(1, 11)
# Its last part is too light on white.
SHADES = colormaps["viridis"]
TITLES = {"fixed_size": "dots of one size", "constant_area": "constant area"}


def figure(found: Found) -> Figure:
    """Preferred numbers, tuning curves, pairs told apart, and RDMs."""
    groups = found.groups("version", "variant")
    drawn = Figure(figsize=(13, 3.3 * len(groups)), dpi=150, layout="constrained")
    drawn.get_layout_engine().set(w_pad=0.08, h_pad=0.1)  # type: ignore[union-attr]
    panels: Any = drawn.subplots(len(groups), 4, squeeze=False)
    for row, ((version, variant), group) in zip(panels, groups.items(), strict=True):
        _draw_preferred(row[0], group, f"{version}, {TITLES[variant]}")
        _draw_curves(row[1], group)
        pairs = np.mean(group.column("pairs"), 0)
        _draw_square(row[2], 100 * pairs, "pairs told apart (% of units)", 100)
        rdm = np.mean(group.column("rdm"), 0)
        _draw_square(row[3], rdm, "RDM of numbers (1 − r)", None)
    return drawn


def _draw_preferred(axes: Axes, found: Found, title: str) -> None:
    counts = np.array([preferring(one) for one in found])
    axes.bar(NUMBERS, counts.mean(0), width=0.75, color=COLOURS[0])
    if len(counts) > 1:
        for row in counts:
            axes.plot(NUMBERS, row, ".", ms=4, color="0.25")
    share = 100 * np.mean([one["n_selective"] / one["n_units"] for one in found])
    axes.set_xticks(NUMBERS)
    _tidy(axes, f"{title}\n{share:.0f} % of units are selective", "preferred number")
    axes.set_ylabel("selective units")


def _draw_curves(axes: Axes, found: Found) -> None:
    curves = mean_of_defined(found.column("curves"), 0)
    for number, curve in zip(NUMBERS, curves, strict=True):
        shade = SHADES(0.92 * (number - 1) / 9)
        axes.plot(NUMBERS, curve, color=shade, lw=1.3)
        axes.plot(number, curve[number - 1], "o", ms=4, color=shade)
    axes.set_xticks(NUMBERS)
    axes.set_ylim(-0.03, 1.05)
    _tidy(axes, "tuning curves (● preferred)", "number shown")
    axes.set_ylabel("response, 0 to 1")


def _draw_square(axes: Axes, values: np.ndarray, title: str, top: float | None) -> None:
    image = axes.imshow(values, cmap="viridis", vmin=0, vmax=top)
    axes.set_xticks(range(10), map(str, NUMBERS))
    axes.set_yticks(range(10), map(str, NUMBERS))
    axes.set_title(title, **HEADING)
    axes.figure.colorbar(image, ax=axes, shrink=0.85)


def _tidy(axes: Axes, title: str, x: str) -> None:
    axes.set_title(title, **HEADING)
    axes.set_xlabel(x)
    axes.spines[["top", "right"]].set_visible(False)

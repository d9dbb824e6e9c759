"""Figure of the units: what they prefer, how they are tuned, and how widely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from ...numerosity import AXES
from ...plots import COLOURS, HEADING
from .comparing import mean
from .results import NumberSense, Version
from .widths import slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, *_ = COLOURS
# Dark for few, light for many; its last part is too light on white.
SHADES = colormaps["viridis"]
# Axes of number on which widths are drawn: what Weber's law is about.
DRAWN = (("linear", ORANGE, "o"), ("log2", BLUE, "s"))


def grid(n_rows: int, n_columns: int, width: float = 13) -> tuple[Figure, Any]:
    """Return a figure and its panels, one row for each network."""
    drawn = Figure(figsize=(width, 3.4 * n_rows), dpi=150, layout="constrained")
    drawn.get_layout_engine().set(w_pad=0.08, h_pad=0.1)  # type: ignore[union-attr]
    return drawn, drawn.subplots(n_rows, n_columns, squeeze=False)


def tidy(axes: Axes, title: str, x: str, y: str) -> None:
    """Name a panel and its axes."""
    axes.set_title(title, **HEADING)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)


def tuning_figure(study: NumberSense) -> Figure:
    """Draw preferred numbers, both sets of tuning curves, and their widths."""
    drawn, panels = grid(len(study.versions), 4)
    for row, version in zip(panels, study.versions, strict=True):
        _draw_preferred(row[0], version)
        _draw_curves(row[1], version, "curves", "curves, images that chose the units")
        if version.has("held_out"):
            _draw_curves(row[2], version, "held_out", "curves, other images")
        else:
            row[2].set_axis_off()
        _draw_widths(row[3], version)
    return drawn


def _draw_preferred(axes: Axes, version: Version) -> None:
    counts = version.arrays("preferring")
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.bar(version.levels, shares.mean(0), width=0.8, color=BLUE)
    if len(shares) > 1:
        for share in shares:
            axes.plot(version.levels, share, ".", ms=4, color="0.25")
    percent = 100 * version.share("nasr").mean()
    axes.set_ylim(bottom=0)
    tidy(
        axes,
        f"{version.title}\n{percent:.1f} % of units are selective",
        "preferred number",
        "selective units (%)",
    )


def _draw_curves(axes: Axes, version: Version, name: str, title: str) -> None:
    curves, levels = version.mean(name), version.levels
    for i, (number, curve) in enumerate(zip(levels, curves, strict=True)):
        shade = SHADES(0.92 * i / (len(levels) - 1))
        axes.plot(levels, curve, color=shade, lw=1.2)
        axes.plot(number, curve[i], "o", ms=3.5, color=shade)
    axes.set_ylim(-0.03, 1.05)
    tidy(axes, title, "number shown (● preferred)", "response, 0 to 1")


def _draw_widths(axes: Axes, version: Version) -> None:
    names = list(AXES)
    for axis, colour, marker in DRAWN:
        sigmas = version.arrays("tuning_sigma")[:, names.index(axis)]
        growth = mean([slope(version.levels, sigma) for sigma in sigmas])
        name = "linear axis, items" if axis == "linear" else "log axis, octaves"
        shown = version.mean("tuning_sigma")[names.index(axis)]
        label = f"{name}: {growth:+.3f} per item".replace("-", "−")
        axes.plot(version.levels, shown, marker, ms=5, color=colour, label=label)
    # A curve that rises to the end of the axis says little of its width.
    high = np.nanmax(np.append(version.mean("tuning_sigma")[0], 1))
    axes.set_ylim(0, 1.45 * min(high, 25))
    axes.legend(frameon=False, fontsize=8.5, loc="upper left")
    tidy(axes, "width of the curves", "preferred number", "sigma of a Gaussian")

"""Figure of the origin of tuning: monotonic units, their weights, and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ...numerosity import AXES
from ...plots import COLOURS
from .origin import KINDS
from .results import NumberSense, Version
from .tuning_figure import grid, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, _, PURPLE, *_ = COLOURS
LOOKS = {"decreasing": PURPLE, "increasing": BLUE}
MODEL = "0.25"
OF_MODEL: dict[str, Any] = {
    "marker": "o",
    "ms": 4,
    "color": MODEL,
    "label": "summation model",
}


def has_origin(version: Version) -> bool:
    """Whether the origin of tuning was looked for."""
    return version.has(f"{KINDS[0]}_weight")


def origin_figure(study: NumberSense) -> Figure:
    """Draw monotonic units, preferred numbers, weights and widths beside the model."""
    versions = [version for version in study.versions if has_origin(version)]
    drawn, panels = grid(max(1, len(versions)), 4)
    for row, version in zip(panels, versions, strict=False):
        _draw_monotonic(row[0], version)
        _draw_preferred(row[1], version, study.model)
        _draw_weights(row[2], version, study.model)
        _draw_widths(row[3], version, study.model)
    return drawn


def _draw_monotonic(axes: Axes, version: Version) -> None:
    for kind, colour in LOOKS.items():
        share = np.mean(
            [f.record[f"n_{kind}"] / f.record["n_below"] for f in version.found]
        )
        label = f"{kind}: {100 * share:.1f} % of units"
        curve = version.mean(f"{kind}_curve")
        axes.plot(version.levels, curve, "o-", ms=4, color=colour, label=label)
    axes.set_ylim(-0.03, 1.35)
    axes.legend(frameon=False, fontsize=8.5, loc="upper center")
    title = f"{version.title}\nmonotonic units of the layer below"
    tidy(axes, title, "number shown", "mean response, 0 to 1")


def _draw_preferred(axes: Axes, version: Version, model: dict[str, np.ndarray]) -> None:
    counts = version.arrays("preferring")
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.bar(
        version.levels, shares.mean(0), width=0.8, color="#9CCBE6", label="network"
    )
    of_model = 100 * model["share"].mean(0)
    axes.plot(
        model["levels"], of_model, "o-", ms=4, color=MODEL, label="summation model"
    )
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8.5, loc="upper center")
    tidy(axes, "preferred numbers", "preferred number", "units (%)")


def _draw_weights(axes: Axes, version: Version, model: dict[str, np.ndarray]) -> None:
    bias = version.arrays("decreasing_weight") - version.arrays("increasing_weight")
    middle = np.nanmean(bias, 0)
    axes.axhline(0, color="0.75", lw=1, ls="--", zorder=0)
    axes.plot(version.levels, middle, "o-", ms=4, color=ORANGE, label="network")
    if len(bias) > 1:
        low, high = np.nanmin(bias, 0), np.nanmax(bias, 0)
        axes.fill_between(version.levels, low, high, color=ORANGE, alpha=0.2, lw=0)
    of_model = np.nanmean(model["decreasing"] - model["increasing"], 0)
    axes.plot(
        model["levels"], of_model, "o-", ms=4, color=MODEL, label="summation model"
    )
    axes.legend(frameon=False, fontsize=8.5)
    title = "mean weight from decreasing less\nthat from increasing units"
    tidy(axes, title, "preferred number", "SD of weights")


def _draw_widths(axes: Axes, version: Version, model: dict[str, np.ndarray]) -> None:
    row = list(AXES).index("linear")
    axes.plot(
        version.levels,
        version.mean("tuning_sigma")[row],
        "o",
        ms=5,
        color=ORANGE,
    )
    axes.plot(model["levels"], model["tuning_sigma"][row], "o", ms=5, color=MODEL)
    axes.set_ylim(bottom=0)
    title = "width of the curves, linear axis"
    tidy(axes, title, "preferred number", "sigma (items)")

"""The figure: curves beside random orders, importances, and held-out folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...base.means import mean_of_defined
from ...plots import COLOURS, heading
from ..framework import Found, Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, *_ = COLOURS
GREY = "0.75"
# Below an axis and its label: over the curves no place is always free.
BELOW: dict[str, Any] = {
    "loc": "upper center",
    "bbox_to_anchor": (0.5, -0.2),
    "ncols": 2,
    "frameon": False,
    "fontsize": 8.5,
}


def figure(found: Found) -> Figure:
    """Curves beside random orders, importance of the maps, and held-out folds."""
    groups = found.groups("set")
    drawn = Figure(figsize=(11.5, 3.7 * len(groups)), dpi=150, layout="constrained")
    drawn.get_layout_engine().set(w_pad=0.08, h_pad=0.1)  # type: ignore[union-attr]
    panels: Any = drawn.subplots(len(groups), 3, squeeze=False)
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    for row, ((name,), group) in zip(panels, groups.items(), strict=True):
        (maps,), (folds,) = group.where(what="maps"), group.where(what="folds")
        titles = f"{name}, all images", "importance of maps", "held-out images"
        draws = (_curve, maps), (_importance, maps), (_folds, folds)
        for axes, title, (draw, one) in zip(row, titles, draws, strict=True):
            draw(axes, one)
            heading(axes, next(letters, ""), title)
    return drawn


def _curve(axes: Axes, one: Measured) -> None:
    axes.fill_between(
        one["null_sizes"],
        one["null_low"],
        one["null_high"],
        color=GREY,
        lw=0,
        label="95 % of random orders",
    )
    axes.plot(one["null_sizes"], one["null_mean"], color="0.45", lw=1)
    axes.plot(one["sizes"], one["curve"], color=BLUE, lw=1.6, label="by importance")
    axes.plot(one["best_size"], one["best"], "o", ms=6, color=ORANGE, label="retained")
    axes.axhline(one["full"], color="0.2", lw=0.9, ls=":", label="all maps")
    axes.set_xlabel("maps in place")
    axes.set_ylabel("R²")
    axes.set_xlim(0, one["n_maps"])
    axes.set_ylim(0, None)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(**BELOW)


def _importance(axes: Axes, one: Measured) -> None:
    ranked = one["importance"][one["order"]]
    places = np.arange(1, len(ranked) + 1)
    inside = places <= one["best_size"]
    for chosen, colour in ((inside, ORANGE), (~inside, GREY)):
        axes.bar(places[chosen], ranked[chosen], width=1, color=colour)
    axes.axhline(0, color="0.2", lw=0.8)
    axes.set_xlabel("rank of the map")
    axes.set_ylabel("R² lost without it")
    axes.set_xlim(0.4, len(ranked) + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _folds(axes: Axes, one: Measured) -> None:
    full, pruned = one["full_scores"], one["pruned_scores"]
    axes.plot([0, 1], [full, pruned], color=GREY, lw=0.8, zorder=1)
    for x, values in enumerate((full, pruned)):
        mean = float(mean_of_defined(values))
        axes.plot(np.full(len(values), x), values, ".", ms=4, color=BLUE, zorder=2)
        axes.plot(x, mean, "o", ms=8, color=ORANGE, zorder=3)
        side, place = (-1, "right") if x == 0 else (1, "left")
        axes.annotate(
            f"{mean:.3f}", (x, mean), (9 * side, 0), textcoords="offset points",
            ha=place, va="center", fontsize=9,
        )  # fmt: skip
    axes.set_xlim(-0.5, 1.5)
    axes.set_ylim(0, None)
    axes.set_xticks([0, 1], ["all maps", "retained"])
    axes.set_ylabel("R²")

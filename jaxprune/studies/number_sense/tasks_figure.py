"""Figure of the tasks: number comparison and match-to-sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from ...plots import COLOURS
from .comparing import by_congruency
from .results import NumberSense, Version
from .tasks import GROUPS, QUANTITIES
from .tuning_figure import SHADES, grid, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, *_ = COLOURS
LOOKS = {
    "selective": (ORANGE, "o"),
    "non_selective": (BLUE, "s"),
    "pixels": ("0.5", "^"),
}
READ_OUTS = {
    "intact": "all",
    "silenced": "selective\nsilent",
    "control": "others\nsilent",
}


def tasks_figure(study: NumberSense) -> Figure:
    """Draw accuracies by numerical distance and by congruency, and performance."""
    drawn, panels = grid(len(study.versions), 4)
    for row, version in zip(panels, study.versions, strict=True):
        _draw_distance(row[0], version)
        _draw_kinds_of_pairs(row[1], version)
        if version.has("performance"):
            _draw_performance(row[2], version)
        else:
            row[2].set_axis_off()
        if version.has("silenced"):
            _draw_silencing(row[3], version)
        else:
            row[3].set_axis_off()
    return drawn


def _draw_distance(axes: Axes, version: Version) -> None:
    distance = version.mean("distance")
    # Odd distances are those of the number 1 alone.
    even = distance % 2 == 0
    for group, name in GROUPS.items():
        if not version.has(f"compare_{group}"):
            continue
        colour, marker = LOOKS[group]
        shares = 100 * version.mean(f"compare_{group}_distance")[even]
        label = f"{name}: {100 * version.mean(f'compare_{group}').mean():.0f} %"
        axes.plot(
            distance[even],
            shares,
            marker,
            ls="-",
            ms=4,
            lw=1.2,
            color=colour,
            label=label,
        )
    _accuracy(axes)
    axes.legend(frameon=False, fontsize=8.5, loc="lower right")
    title = f"{version.title}\nwhich of two numbers is larger"
    tidy(axes, title, "difference of the numbers", "right answers (%)")


def _draw_kinds_of_pairs(axes: Axes, version: Version) -> None:
    """All pairs, those of equal area, and pairs with and against other quantities."""
    for group, (colour, marker) in LOOKS.items():
        if not version.has(f"compare_{group}"):
            continue
        shares = [
            version.mean(f"compare_{group}").mean(),
            version.mean(f"compare_{group}_within")[1],
        ]
        axes.plot(range(2), 100 * np.array(shares), marker, ms=6, color=colour)
        if version.has(f"area_{group}"):
            for first, pair in zip((2, 4), by_congruency(version, group), strict=True):
                places = first, first + 1
                axes.plot(places, 100 * pair, f"{marker}-", ms=6, lw=1.2, color=colour)
    names, title = ["all", "equal\narea"], "all pairs, and pairs of\nequal total area"
    if version.has("area_pixels"):
        words = (name.replace(" ", "\n") for name in QUANTITIES)
        names += [f"{name}\n{sign}" for name in words for sign in "+−"]
        title = "pairs with (+) and against (−)\nanother quantity"
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set_xlim(-0.5, len(names) - 0.5)
    _accuracy(axes)
    tidy(axes, title, "", "right answers (%)")


def _draw_performance(axes: Axes, version: Version) -> None:
    curves, levels = 100 * version.mean("performance"), version.levels
    for i, (number, curve) in enumerate(zip(levels, curves, strict=True)):
        shade = SHADES(0.92 * i / (len(levels) - 1))
        seen = np.isfinite(curve)
        axes.plot(levels[seen], curve[seen], color=shade, lw=1.2)
        axes.plot(number, curve[i], "o", ms=3.5, color=shade)
    axes.set_ylim(-3, 105)
    right = 100 * version.mean("match").mean()
    title = f"same number or not: {right:.0f} % right"
    tidy(axes, title, "test number (● sample number)", "answers “same” (%)")


def _draw_silencing(axes: Axes, version: Version) -> None:
    for place, name in enumerate(READ_OUTS):
        values = 100 * version.arrays(name)
        # Over seeds, or over repetitions where there is one seed.
        spread = values.mean(1).std() if len(values) > 1 else values.std()
        axes.bar(place, values.mean(), width=0.6, color=ORANGE if place else "0.5")
        axes.errorbar(place, values.mean(), spread, color="0.2", capsize=3, lw=1)
    axes.set_xticks(range(len(READ_OUTS)), list(READ_OUTS.values()), fontsize=8.5)
    _accuracy(axes)
    tidy(axes, "same number or not,\nwith units silenced", "", "right answers (%)")


def _accuracy(axes: Axes) -> None:
    axes.axhline(50, color="0.75", lw=1, ls="--", zorder=0)
    axes.set_ylim(15, 103)

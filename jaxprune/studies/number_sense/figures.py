"""Figures: the tuning of units, the tasks, and where tuning comes from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from ...base.means import mean_of_defined
from ...numerosity import AXES
from ...plots import COLOURS, HEADING
from ..framework import Found, Measured
from . import results
from .origin import KINDS
from .results import by_congruency, has, levels, mean, overall, stacked, title, versions
from .tables import has_varied
from .tasks import GROUPS, QUANTITIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Panel = Callable[[Axes, Found], None]

BLUE, ORANGE, _, PURPLE, *_ = COLOURS
# Dark for few, light for many; its last part is too light on white.
SHADES = colormaps["viridis"]
LINEAR = list(AXES).index("linear")
# Axes of number on which widths are drawn: what Weber's law is about.
WIDTHS = {
    "linear": ("linear axis, items", ORANGE, "o"),
    "log2": ("log axis, octaves", BLUE, "s"),
}
OF_GROUPS = {
    "selective": (ORANGE, "o"),
    "non_selective": (BLUE, "s"),
    "pixels": ("0.5", "^"),
}
SILENCED = {
    "intact": "all",
    "silenced": "selective\nsilent",
    "control": "others\nsilent",
}
OF_KINDS = dict(zip(KINDS, (PURPLE, BLUE), strict=True))
OF_MODEL: dict[str, Any] = {"ms": 4, "color": "0.25", "label": "summation model"}


def tuning(found: Found) -> Figure:
    """Preferred numbers, both sets of tuning curves, and their widths."""
    return _rows(
        versions(found),
        _draw_preferred,
        partial(_draw_tuning, "curves", "images that chose the units"),
        partial(_draw_tuning, "held_out", "other images"),
        _draw_widths,
    )


def _draw_preferred(axes: Axes, version: Found) -> None:
    shares, percent = _preferring(version), 100 * results.share(version, "n_nasr")
    axes.bar(levels(version), shares.mean(0), width=0.8, color=BLUE)
    if len(shares) > 1:
        for share in shares:
            axes.plot(levels(version), share, ".", ms=4, color="0.25")
    axes.set_ylim(bottom=0)
    heading = f"{title(version)}\n{percent:.1f} % of units are selective"
    _tidy(axes, heading, "preferred number", "selective units (%)")


def _preferring(version: Found) -> np.ndarray:
    """Per cent of the selective units that prefer each number, by seed."""
    counts = stacked(version, "preferring")
    return 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)


def _draw_tuning(name: str, images: str, axes: Axes, version: Found) -> None:
    if not has(version, name):
        return
    _draw_curves(axes, version, mean(version, name))
    axes.set_ylim(-0.03, 1.05)
    _tidy(axes, f"curves, {images}", "number shown (● preferred)", "response, 0 to 1")


def _draw_curves(axes: Axes, version: Found, curves: np.ndarray) -> None:
    """A curve for each number, as far as it is defined, with a mark at the number."""
    numbers = levels(version)
    for i, (number, curve) in enumerate(zip(numbers, curves, strict=True)):
        shade, defined = SHADES(0.92 * i / (len(numbers) - 1)), np.isfinite(curve)
        axes.plot(numbers[defined], curve[defined], color=shade, lw=1.2)
        axes.plot(number, curve[i], "o", ms=3.5, color=shade)


def _draw_widths(axes: Axes, version: Found) -> None:
    sigmas, growth = mean(version, "tuning_sigma"), results.fits(version, "tuning")[1]
    for axis, (name, colour, marker) in WIDTHS.items():
        shown = sigmas[list(AXES).index(axis)]
        label = f"{name}: {growth[axis]:+.3f} per item".replace("-", "−")
        axes.plot(levels(version), shown, marker, ms=5, color=colour, label=label)
    # A curve that rises to the end of the axis says little of its width.
    high = np.nanmax(np.append(sigmas[LINEAR], 1))
    axes.set_ylim(0, 1.45 * min(high, 25))
    names = "width of the curves", "preferred number", "sigma of a Gaussian"
    _tidy(axes, *names, legend="upper left")


def tasks(found: Found) -> Figure:
    """Number comparison, by difference and with other quantities; match-to-sample."""
    return _rows(
        versions(found),
        *(_draw_distance, _draw_kinds_of_pairs),
        *(_draw_performance, _draw_silencing),
    )


def _draw_distance(axes: Axes, version: Found) -> None:
    distance = mean(version, "distance")
    # Odd distances are those of the number 1 alone.
    even = distance % 2 == 0
    for group, (colour, marker) in OF_GROUPS.items():
        share = overall(version, f"compare_{group}")
        if share is None:
            continue
        shares = 100 * mean(version, f"compare_{group}_distance")[even]
        label = f"{GROUPS[group]}: {100 * share:.0f} %"
        look: Any = {"ls": "-", "ms": 4, "lw": 1.2, "color": colour, "label": label}
        axes.plot(distance[even], shares, marker, **look)
    _chance(axes)
    heading = f"{title(version)}\nwhich of two numbers is larger"
    names = heading, "difference of the numbers", "right answers (%)"
    _tidy(axes, *names, legend="lower right")


def _draw_kinds_of_pairs(axes: Axes, version: Found) -> None:
    """All pairs, those of equal area, and pairs with and against other quantities."""
    for group, (colour, marker) in OF_GROUPS.items():
        share = overall(version, f"compare_{group}")
        if share is None:
            continue
        shares = [share, mean(version, f"compare_{group}_within")[1]]
        axes.plot(range(2), 100 * np.array(shares), marker, ms=6, color=colour)
        if has(version, f"area_{group}"):
            for first, pair in zip((2, 4), by_congruency(version, group), strict=True):
                places = first, first + 1
                axes.plot(places, 100 * pair, f"{marker}-", ms=6, lw=1.2, color=colour)
    names, heading = ["all", "equal\narea"], "all pairs, and pairs of\nequal total area"
    if has_varied(version):
        words = (name.replace(" ", "\n") for name in QUANTITIES)
        names += [f"{name}\n{sign}" for name in words for sign in "+−"]
        heading = "pairs with (+) and against (−)\nanother quantity"
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set_xlim(-0.5, len(names) - 0.5)
    _chance(axes)
    _tidy(axes, heading, "", "right answers (%)")


def _draw_performance(axes: Axes, version: Found) -> None:
    right = overall(version, "match")
    if right is None:
        return
    _draw_curves(axes, version, 100 * mean(version, "performance"))
    axes.set_ylim(-3, 105)
    heading = f"same number or not: {100 * right:.0f} % right"
    _tidy(axes, heading, "test number (● sample number)", "answers “same” (%)")


def _draw_silencing(axes: Axes, version: Found) -> None:
    if not has(version, "silenced"):
        return
    for place, name in enumerate(SILENCED):
        values = 100 * stacked(version, name)
        # Over seeds, or over repetitions where there is one seed.
        spread = values.mean(1).std() if len(values) > 1 else values.std()
        axes.bar(place, values.mean(), width=0.6, color=ORANGE if place else "0.5")
        axes.errorbar(place, values.mean(), spread, color="0.2", capsize=3, lw=1)
    axes.set_xticks(range(len(SILENCED)), list(SILENCED.values()), fontsize=8.5)
    _chance(axes)
    _tidy(axes, "same number or not,\nwith units silenced", "", "right answers (%)")


def _chance(axes: Axes) -> None:
    axes.axhline(50, color="0.75", lw=1, ls="--", zorder=0)
    axes.set_ylim(15, 103)


def origin(found: Found) -> Figure | None:
    """Monotonic units, preferred numbers, weights and widths beside the model."""
    shown, model = results.with_origin(found), results.model(found)
    if not shown:
        return None
    of_both = _draw_preferred_of_both, _draw_weights, _draw_widths_of_both
    return _rows(shown, _draw_monotonic, *(partial(draw, model) for draw in of_both))


def _draw_monotonic(axes: Axes, version: Found) -> None:
    for kind, colour in OF_KINDS.items():
        share = results.share(version, f"n_{kind}", "n_below")
        label = f"{kind}: {100 * share:.1f} % of units"
        curve = mean(version, f"{kind}_curve")
        axes.plot(levels(version), curve, "o-", ms=4, color=colour, label=label)
    axes.set_ylim(-0.03, 1.35)
    heading = f"{title(version)}\nmonotonic units of the layer below"
    names = heading, "number shown", "mean response, 0 to 1"
    _tidy(axes, *names, legend="upper center")


def _draw_preferred_of_both(model: Measured, axes: Axes, version: Found) -> None:
    shares = _preferring(version).mean(0)
    axes.bar(levels(version), shares, width=0.8, color="#9CCBE6", label="network")
    axes.plot(model["levels"], 100 * model["share"].mean(0), "o-", **OF_MODEL)
    axes.set_ylim(bottom=0)
    names = "preferred numbers", "preferred number", "units (%)"
    _tidy(axes, *names, legend="upper center")


def _draw_weights(model: Measured, axes: Axes, version: Found) -> None:
    decreasing, increasing = (stacked(version, f"{kind}_weight") for kind in KINDS)
    bias, numbers = decreasing - increasing, levels(version)
    middle = mean_of_defined(bias, 0)
    axes.axhline(0, color="0.75", lw=1, ls="--", zorder=0)
    axes.plot(numbers, middle, "o-", ms=4, color=ORANGE, label="network")
    if len(bias) > 1:
        low, high = np.fmin.reduce(bias, 0), np.fmax.reduce(bias, 0)
        axes.fill_between(numbers, low, high, color=ORANGE, alpha=0.2, lw=0)
    of_model = mean_of_defined(model["decreasing"] - model["increasing"], 0)
    axes.plot(model["levels"], of_model, "o-", **OF_MODEL)
    heading = "mean weight from decreasing less\nthat from increasing units"
    _tidy(axes, heading, "preferred number", "SD of weights", legend="best")


def _draw_widths_of_both(model: Measured, axes: Axes, version: Found) -> None:
    sigmas, of_model = mean(version, "tuning_sigma")[LINEAR], model["tuning_sigma"]
    axes.plot(levels(version), sigmas, "o", ms=5, color=ORANGE)
    axes.plot(model["levels"], of_model[LINEAR], "o", ms=5, color="0.25")
    axes.set_ylim(bottom=0)
    heading = "width of the curves, linear axis"
    _tidy(axes, heading, "preferred number", "sigma (items)")


def _rows(shown: list[Found], *draw: Panel) -> Figure:
    """A row of panels for each network; a panel with nothing to draw stays empty."""
    drawn = Figure(figsize=(13, 3.4 * len(shown)), dpi=150, layout="constrained")
    drawn.get_layout_engine().set(w_pad=0.08, h_pad=0.1)  # type: ignore[union-attr]
    panels: Any = drawn.subplots(len(shown), len(draw), squeeze=False)
    for row, version in zip(panels, shown, strict=True):
        for axes, panel in zip(row, draw, strict=True):
            panel(axes, version)
            if not axes.has_data():
                axes.set_axis_off()
    return drawn


def _tidy(axes: Axes, heading: str, x: str, y: str, legend: Any = None) -> None:
    """Name a panel and its axes, and what is drawn where the legend has a place."""
    axes.set_title(heading, **HEADING)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    if legend:
        axes.legend(frameon=False, fontsize=8.5, loc=legend)

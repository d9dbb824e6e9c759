"""Figure 1 of the paper, and the course of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps

from ...plots import COLOURS
from .comparing import MAX_POZ, PUBLISHED_CURVES, R2
from .panels import LEGEND, LIGHT, PUBLISHED, panels, tidy
from .results import RarelyFiring, spread
from .tracking import KEPT, RANDOM, after
from .tracking import PUBLISHED as AS_PUBLISHED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, *OTHERS = COLOURS
# The last part of it is too light on white.
SHADES = colormaps["viridis"]


def networks_figure(study: RarelyFiring) -> Figure:
    """Fit and largest percentage of zeros over the units kept, at all levels."""
    figure, (left, middle, right) = panels(1, 3)
    for axes, which in ((left, R2), (middle, MAX_POZ)):
        _draw_mean(axes, study, which)
        axes.plot(KEPT, np.array(PUBLISHED_CURVES[which], float), **PUBLISHED)
    given = [one for one in study.networks if one not in study.trained]
    for network, colour in zip(given, OTHERS, strict=False):
        left.plot(KEPT, network.curve(), ":", color=colour, label=network.name)
    random = study.curves(R2, RANDOM).mean(0)
    left.plot(KEPT, random, "--", color=LIGHT, label="random order")
    _draw_training(right, study)
    tidy(left, "Fit of the units kept to all units", "R² of r² RDMs")
    tidy(middle, "Most silent unit kept", "percentage of zeros")
    tidy(right, "In the course of training", "R² of r² RDMs")
    for axes, top in ((left, 1), (middle, 100), (right, 1)):
        axes.set_ylim(0, 1.03 * top)
    left.legend(loc="lower left", **LEGEND)
    middle.legend(loc="upper right", **LEGEND)
    right.legend(loc="lower left", **LEGEND)
    return figure


def _draw_mean(axes: Axes, study: RarelyFiring, which: str) -> None:
    curves = study.curves(which)
    mean, sd, label = curves.mean(0), spread(curves), "ours"
    if len(curves) > 1:
        axes.fill_between(KEPT, mean - sd, mean + sd, color=BLUE, alpha=0.2, lw=0)
        label = f"ours, mean and SD of {len(curves)}"
    axes.plot(KEPT, mean, "o-", ms=4, color=BLUE, label=label)


def _draw_training(axes: Axes, study: RarelyFiring) -> None:
    epochs = [int(epoch) for epoch in study.trained[0].record["accuracy"]]
    for i, epoch in enumerate(epochs):
        name = AS_PUBLISHED if epoch == epochs[-1] else after(epoch)
        right = np.mean([one.record["accuracy"][str(epoch)] for one in study.trained])
        axes.plot(
            KEPT,
            study.curves(R2, name).mean(0),
            color=SHADES(0.9 * i / max(len(epochs) - 1, 1)),
            label=f"{after(epoch)}, {100 * right:.0f} % right",
        )
    axes.plot(KEPT, np.array(PUBLISHED_CURVES[R2], float), **PUBLISHED)

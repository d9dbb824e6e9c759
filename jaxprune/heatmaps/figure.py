"""Figure of an image and of what its score loses where it is occluded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgba
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from . import HeatMap, WeightedMaps

    Heat = HeatMap | WeightedMaps
from ..plots import HEADING, MISSING, lettered, number


def heatmap_figure(
    image: np.ndarray, maps: Mapping[str, Heat], title: str, label: str
) -> Figure:
    """Draw an image, and over it where its score comes from.

    Parameters
    ----------
    image : ndarray of uint8 (H, W, 3)
        As the network saw it, before normalisation.
    maps : mapping of str to HeatMap or WeightedMaps
        A panel each, by name; one scale for all.
    title : str
    label : str
        Of the colour bar.

    Returns
    -------
    matplotlib.figure.Figure
        Tied to no window.
    """
    n_panels = 1 + len(maps)
    figure = Figure(figsize=(3.3 * n_panels + 0.9, 3.75), dpi=150, layout="constrained")
    figure.suptitle(title, fontsize=12)
    panels = figure.subplots(1, n_panels, squeeze=False)[0]
    height, width = image.shape[:2]
    frame = (0, width, height, 0)
    panels[0].imshow(image, extent=frame)
    panels[0].set_title(lettered("a", "image"), **HEADING)
    heats = [found.heat for found in maps.values()]
    top = max((np.nanmax(np.abs(h), initial=0.0) for h in heats), default=0.0) or 1.0
    grey = image @ np.array([0.299, 0.587, 0.114])  # luma of ITU-R BT.601
    for axes, letter, name in zip(panels[1:], "bcdefgh", maps, strict=False):
        found = maps[name]
        axes.imshow(grey, cmap="gray", vmin=-60, vmax=315, extent=frame)
        _draw_heat(axes, found, top)
        text = f"{name}: {number(found.baseline)}"
        if found.n_undefined:
            text += "  (flat grey: undefined)"
        axes.set_title(lettered(letter, text), **HEADING)
        axes.set(xlim=frame[:2], ylim=frame[2:])
    for axes in panels:
        axes.set_xticks([])
        axes.set_yticks([])
    scale = ScalarMappable(Normalize(-top, top), colormaps["RdBu_r"])
    bar = figure.colorbar(scale, ax=list(panels), shrink=0.82, aspect=22, pad=0.015)
    bar.set_label(label)
    return figure


def _draw_heat(axes: Axes, found: Heat, top: float) -> None:
    """Colour cells by their heat: clear where it is 0, flat grey where undefined."""
    heat = found.heat
    rows, columns = found.reach
    extent = (0, columns, rows, 0)
    undefined = np.isnan(heat)
    shown = np.where(undefined, 0, heat)
    axes.imshow(
        shown,
        cmap="RdBu_r",
        vmin=-top,
        vmax=top,
        alpha=0.85 * (np.abs(shown) / top) ** 0.7,
        interpolation="bilinear",
        extent=extent,
    )
    if undefined.any():
        cells = np.zeros((*heat.shape, 4))
        cells[undefined] = to_rgba(MISSING)
        axes.imshow(cells, interpolation="nearest", extent=extent)

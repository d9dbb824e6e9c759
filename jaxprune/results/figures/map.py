"""Where in the image the retained units of a convolutional layer look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..records import PruningFields
    from .common import View
from .common import titled


def has_positions(result: PruningFields) -> bool:
    """Whether units are known to respond to different places in the image."""
    known = result.units or {}
    return {"y", "x"} <= set(known) and any(np.any(known[name]) for name in "yx")


def shares_by_position(result: PruningFields) -> np.ndarray:
    """Share of the units at each position that are retained, ``(height, width)``.

    Parameters
    ----------
    result : Pruning
        For one target.

    Raises
    ------
    ValueError
        If the positions of the units are not known, or are all the same.
    """
    known = result.units or {}
    if not has_positions(result):
        raise ValueError(
            "map: the units of the result have no position in the image (known of "
            f"them: {', '.join(known) or 'nothing'}); expected `y` and `x`, which "
            "units of a convolutional layer have, by `jaxprune extract` or `prune "
            "--network`."
        )
    y, x = (np.asarray(known[name]).astype(int) for name in "yx")
    shape = int(y.max()) + 1, int(x.max()) + 1
    place = np.ravel_multi_index((y, x), shape)
    size = shape[0] * shape[1]
    every = np.bincount(place, minlength=size)
    kept = np.bincount(place[result.mask], minlength=size)
    with np.errstate(invalid="ignore"):
        return (kept / every).reshape(shape)


def draw_map(axes: Axes, view: View) -> None:
    """Draw the share of retained units at every position, beside that of all."""
    result = view.one
    shares = 100 * shares_by_position(result)
    chance = 100 * len(result.retained) / result.n_units
    image = axes.imshow(shares, cmap="viridis", vmin=0, interpolation="none")
    axes.set_xticks([])
    axes.set_yticks([])
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.9, aspect=20, pad=0.03)
    bar.set_label("units retained, %")
    bar.ax.axhline(chance, color="white", lw=2)
    bar.ax.axhline(chance, color="black", lw=0.7)
    bar.ax.annotate(
        f"all: {chance:.1f}",
        (0, chance),
        (-2, 0),
        ha="right",
        va="center",
        textcoords="offset points",
        fontsize="small",
    )
    which = f"{view.named}: " if view.several else ""
    titled(axes, f"{which}position of the retained units")

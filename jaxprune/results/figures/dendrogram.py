"""Conditions as trees: which are alike first, by target, all and retained units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .common import View
from ...plots import MISSING, count
from .common import SMALL, percentiles, side_by_side, titled
from .conditions import colours_of, legend_of

# More names than this do not fit below one another.
LABELS = 40


def tree(rdm: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Cluster conditions by the mean percentile of the pairs between two clusters.

    Parameters
    ----------
    rdm : ndarray (P,)
        Without NaN.

    Returns
    -------
    heights, places : ndarray (n - 1, 4)
        Corners of the joints: at what percentile, and where among the leaves.
    leaves : list of int (n,)
        Conditions from the first to the last place.

    Examples
    --------
    >>> heights, places, leaves = tree(np.array([1.0, 8.0, 9.0]))  # 0 and 1 are alike
    >>> sorted(leaves[-2:]), float(heights.max())
    ([0, 1], 75.0)
    """
    from scipy.cluster.hierarchy import dendrogram, linkage

    found = dendrogram(linkage(100 * percentiles(rdm), "average"), no_plot=True)
    return np.array(found["dcoord"]), np.array(found["icoord"]), found["leaves"]


def draw_dendrogram(axes: Axes, view: View) -> None:
    """Draw a tree each for target, all units and retained units."""
    n, labels = view.result.n_conditions, view.result.conditions
    named = labels is not None and n <= LABELS
    right = 0.1 if named else 0.0
    panels = side_by_side(axes, 3, gap=right or 0.04, right=right)
    colours = colours_of(view)
    for panel, (name, rdm) in zip(panels, view.rdms.items(), strict=True):
        titled(panel, name)
        panel.spines[["top", "left", "right"]].set_visible(False)
        panel.set_yticks([])
        if np.isnan(rdm).any():
            panel.set_xticks([])
            text = f"{count(np.isnan(rdm).sum(), 'pair')}\nmissing:\nno tree"
            style: dict[str, Any] = {"ha": "center", "va": "center", **SMALL}
            panel.text(0.5, 0.5, text, transform=panel.transAxes, **style)
            continue
        heights, places, leaves = tree(rdm)
        joints = [np.stack(corners, 1) for corners in zip(heights, places, strict=True)]
        panel.add_collection(LineCollection(joints, colors="0.35", linewidths=0.6))
        # Leaves stand at 5, 15, 25, ..., to the right; the root is to the left.
        panel.set(xlim=(heights.max() * 1.03 or 1, -3), ylim=(10 * n, 0))
        where = 10 * np.arange(n) + 5
        if view.categories is not None:
            marks = [colours[leaf] for leaf in leaves]
            panel.scatter(np.full(n, -1.2), where, c=marks, s=5, marker="s", lw=0)
        if labels is not None and named:
            panel.set_yticks(where, [labels[leaf] for leaf in leaves], **SMALL)
            panel.yaxis.tick_right()
            panel.tick_params(axis="y", length=0)
        panel.spines["bottom"].set_color(MISSING)
        panel.set_xlabel("mean percentile", **SMALL)
    legend_of(axes, view, lines=4)

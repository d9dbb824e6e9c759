"""Figures of a pruning: each of its parts by name, and all that matter together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context, rcParams

from ...base import checks
from ...plots import lettered
from ...plots.style import drawing, settings_of
from .common import View, score_name
from .conditions import rows_and_columns
from .curve import draw_curve
from .dendrogram import draw_dendrogram
from .importance import draw_importance
from .map import draw_map
from .mds import draw_mds
from .overlay import draw_overlay
from .rdms import draw_rdms

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..records import PruningFields


@dataclass(frozen=True)
class Part:
    """One part of the figure.

    Attributes
    ----------
    draw : callable
    aspect : float
        Height over width.
    shows : tuple of str
        What it shows of the conditions, if that is given.
    """

    draw: Callable[[Axes, View], None]
    aspect: float
    shows: tuple[str, ...] = ()


PARTS = {
    "curve": Part(draw_curve, 0.72),
    "importance": Part(draw_importance, 0.72),
    "rdms": Part(draw_rdms, 0.31),
    "map": Part(draw_map, 0.8),
    "mds": Part(draw_mds, 0.42, ("images", "categories")),
    "dendrogram": Part(draw_dendrogram, 0.8, ("categories",)),
}


def plot_part(
    result: PruningFields,
    part: str,
    axes: Axes | None = None,
    *,
    style: str = "screen",
    width: float | None = None,
    target: int | None = None,
    images: Any = None,
    categories: Any = None,
) -> Figure:
    """Draw one part of a result; see :meth:`jaxprune.Pruning.plot`."""
    checks.choice("part", part, list(PARTS))
    view = View(result, target, images, categories)
    for name, given in (("images", images), ("categories", categories)):
        if given is not None and name not in PARTS[part].shows:
            parts = [other for other in PARTS if name in PARTS[other].shows]
            raise ValueError(
                f"{name} was given with part={part!r}, which shows none; leave it out, "
                f"or draw {' or '.join(parts)}."
            )
    aspect = PARTS[part].aspect
    if categories is not None:
        aspect += _height_of_legend(categories, style, width)
    draw = PARTS[part].draw
    return _drawn(lambda place: draw(place, view), axes, style, width, aspect)


def overlay(
    results: Mapping[str, Any],
    axes: Axes | None = None,
    *,
    style: str = "screen",
    width: float | None = None,
    share: bool = False,
    band: str = "sd",
) -> Figure:
    """Draw the curves of several results in one picture.

    Parameters
    ----------
    results : mapping of str to Pruning, or to a sequence of Pruning
        A line each, by name: layers, areas, groups of people. Of a sequence (folds,
        seeds), and of a result for several targets (subjects), the line is the mean,
        with a band around it.
    axes : matplotlib.axes.Axes, optional
        Where to draw, by default a figure of its own.
    style, width
        As in :meth:`jaxprune.Pruning.plot`.
    share : bool
        Sizes in per cent of each layer, for layers of different width.
    band : {"sd", "se", "range"}
        Standard deviation or standard error over the curves, or their lowest and
        highest scores.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        No results, those of one name with other numbers of units, or an unknown word.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> from jaxprune.results import overlay
    >>> rng = np.random.default_rng(0)
    >>> target = rng.random(15)
    >>> seeds = [jp.prune(rng.random((6, 20)), target) for _ in range(2)]
    >>> figure = overlay({"V1": seeds[0], "IT": seeds}, style="column")
    >>> figure.axes[0].get_legend().get_texts()[1].get_text()[-7:]
    '(n = 2)'
    """
    return _drawn(
        lambda place: draw_overlay(place, results, share=share, band=band),
        axes,
        style,
        width,
        PARTS["curve"].aspect,
    )


def pruning_figure(
    result: PruningFields, style: str = "screen", width: float | None = None
) -> Figure:
    """Draw the curve, the importances, and the RDMs before and after pruning.

    Parameters
    ----------
    result : Pruning
        With several targets the curves are overlaid, and the rest shows the first
        target, or the mean of all where they were pooled.
    style, width
        As in :meth:`jaxprune.Pruning.plot`.

    Returns
    -------
    matplotlib.figure.Figure
        Tied to no window and to no pyplot state; ``savefig`` works anywhere.
    """
    view = View(result)
    if style == "screen" and width is None:
        width = 305.0
    with rc_context(settings_of(style)):
        figure = drawing(style, width, 0.67)
        edge = 0.007 * figure.get_figwidth()
        figure.get_layout_engine().set(w_pad=edge, h_pad=edge)  # type: ignore[union-attr]
        figure.suptitle(_title(result), fontsize="medium")
        grid = figure.add_gridspec(2, 2, width_ratios=(1.25, 1), height_ratios=(1, 1))
        draw_curve(figure.add_subplot(grid[0, 0]), view)
        draw_importance(figure.add_subplot(grid[0, 1]), view)
        bottom = figure.add_subplot(grid[1, :])
        draw_rdms(bottom, view)
        panels = [*figure.axes[:2], *bottom.child_axes[:3]]
        for letter, axes in zip("abcde", panels, strict=True):
            text = lettered(letter, axes.get_title(loc="left"))
            axes.set_title(text, loc="left", fontsize="medium")
    return figure


def _height_of_legend(categories: Any, style: str, width: float | None) -> float:
    """As a share of the width of the figure."""
    with rc_context(settings_of(style)):
        inches = drawing(style, width, 1).get_figwidth()
        rows, _ = rows_and_columns(categories, inches)
        return 1.5 * rows * rcParams["font.size"] / 72 / inches


def _drawn(
    draw: Callable[[Axes], None],
    axes: Axes | None,
    style: str,
    width: float | None,
    aspect: float,
) -> Figure:
    """Draw into axes that were given, or into a new figure."""
    with rc_context(settings_of(style)):
        if axes is None:
            axes = drawing(style, width, aspect).add_subplot()
        elif width is not None:
            raise ValueError(
                f"width={width!r} with axes: these have a width. Leave one of them out."
            )
        draw(axes)
    figure: Any = axes.figure
    return figure


def _title(result: PruningFields) -> str:
    sizes = np.atleast_1d(result.best_size)
    kept = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes.min():,} to {sizes.max():,}"
    return (
        f"{kept} of {result.n_ranked:,} {result.ranked}s kept, "
        f"{result.n_conditions} conditions"
        f"  ·  {result.settings.metric} RDMs compared by {score_name(result)}"
    )

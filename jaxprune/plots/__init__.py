"""What figures have in common: colours, sizes of text, headings, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.facts import count as count

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# Okabe and Ito's colours, told apart by colour-blind readers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
STYLE: dict[str, Any] = {"fontsize": 9}
HEADING: dict[str, Any] = {"loc": "left", "fontsize": 10.5}
# Of what has no value.
MISSING = "#BDBDBD"
# Above this share of the scale, text on a cell is white.
DARK = 0.6


def number(value: float) -> str:
    """A score, with a minus sign that is as wide as a plus."""
    return f"{value:.3f}".replace("-", "−") if np.isfinite(value) else "undefined"


def lettered(letter: str, text: str) -> str:
    """Text behind the letter of a panel."""
    return f"$\\bf{{{letter}}}$  {text}"


def heading(axes: Axes, letter: str, text: str) -> None:
    """Write the heading of a panel, and leave the frame open."""
    axes.set_title(lettered(letter, text), **HEADING)
    axes.spines[["top", "right"]].set_visible(False)


def linear_below(values: np.ndarray) -> float:
    """Return where a symmetric log axis turns linear, a power of ten."""
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    if not size.size:
        return 1.0
    # Five decades at most: beyond, the axis would mostly show round-off.
    smallest = max(np.quantile(size, 0.02), size.max() * 1e-5)
    return float(10 ** np.floor(np.log10(smallest)))


def matrix(
    axes: Axes,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    ends: tuple[float, float] | None = None,
    below: np.ndarray | None = None,
) -> None:
    """Numbers in cells whose colour follows them; below each, another in brackets."""
    if ends is None:
        ends = min(0.0, float(np.nanmin(values))), float(np.nanmax(values))
    axes.imshow(values, cmap="Blues", vmin=ends[0], vmax=ends[1] or 1)
    axes.set_xticks(range(len(columns)), columns, rotation=30, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    for (i, j), value in np.ndenumerate(values):
        share = (value - ends[0]) / ((ends[1] - ends[0]) or 1)
        text = f"{value:,}" if values.dtype.kind in "iu" else f"{value:.2f}"
        if below is not None and np.isfinite(below[i, j]):
            text += f"\n({below[i, j]:.2f})"
        colour = "white" if share > DARK else "0.15"
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=8.5)

"""What figures have in common: colours, sizes of text, headings, numbers."""

from __future__ import annotations

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

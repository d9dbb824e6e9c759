"""Styles of figures: as the user's matplotlib is set, or as journals print."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from ..base import checks

INCH = 25.4  # mm
# Text of 7 pt and hairlines of 0.5 pt are what Nature, Cell Press and PNAS ask for;
# fonts of type 42 stay text in PDF and EPS, and text in SVG can be edited.
PRINT: dict[Any, Any] = {
    "font.size": 7,
    "font.family": "sans-serif",
    "font.sans-serif": [
        "Arial",
        "Helvetica",
        "Liberation Sans",
        "Nimbus Sans",
        "DejaVu Sans",
    ],
    "mathtext.fontset": "custom",
    "mathtext.cal": "sans",
    "figure.titlesize": 7,
    "axes.titlepad": 4,
    "axes.labelpad": 2,
    "axes.linewidth": 0.5,
    "lines.linewidth": 1,
    "lines.markersize": 3,
    "patch.linewidth": 0.5,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "jaxprune",
    "savefig.dpi": 600,
    **{f"{axis}tick.major.width": 0.5 for axis in "xy"},
    **{f"{axis}tick.minor.width": 0.4 for axis in "xy"},
    **{f"{axis}tick.major.size": 2.5 for axis in "xy"},
    **{f"{axis}tick.minor.size": 1.5 for axis in "xy"},
    **{f"{axis}tick.major.pad": 2 for axis in "xy"},
}
SCREEN: dict[Any, Any] = {"savefig.dpi": 150, "svg.hashsalt": "jaxprune"}
# Settings by name, and the width of a figure in mm: on a screen that of a panel.
STYLES: dict[str, tuple[dict[Any, Any], float]] = {
    "screen": (SCREEN, 170.0),
    "column": (PRINT, 89.0),
    "page": (PRINT, 183.0),
}


class Drawing(Figure):
    """A figure that is drawn and saved with the settings it was made with.

    Matplotlib makes ticks when they are drawn, and decides on fonts when it saves: both
    after the settings of a block are gone.
    """

    settings: dict[Any, Any] = {}

    def draw(self, renderer: Any) -> None:
        """Draw, with the figure's own settings."""
        with rc_context(self.settings):
            super().draw(renderer)

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save, with the figure's own settings."""
        with rc_context(self.settings):
            super().savefig(fname, **options)

    def _repr_png_(self) -> bytes:
        """For notebooks in which nothing imported pyplot."""
        file = BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def settings_of(style: str) -> dict[Any, Any]:
    """Settings of matplotlib that a style stands for.

    Raises
    ------
    ValueError
        If there is no such style.
    """
    checks.choice("style", style, list(STYLES))
    return STYLES[style][0]


def drawing(style: str, width: float | None, aspect: float) -> Drawing:
    """Make an empty figure; what is drawn needs ``rc_context(settings_of(style))``.

    Parameters
    ----------
    style : {"screen", "column", "page"}
    width : float or None
        In mm; by default that of the style.
    aspect : float
        Height over width.

    Raises
    ------
    ValueError
        If there is no such style, or the width is not positive.
    """
    settings = settings_of(style)
    if width is not None and not 10 <= width <= 2000:
        raise ValueError(f"width={width!r}: expected a width in mm, 89 for example.")
    inches = (STYLES[style][1] if width is None else width) / INCH
    with rc_context(settings):
        made = Drawing((inches, inches * aspect), layout="constrained")
    made.settings = settings
    return made

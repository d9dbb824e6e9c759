"""Matplotlib figures as data URIs."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Beyond this many bytes, a drawing of lines is heavier than a picture of it.
LARGEST_SVG = 600_000
PNG_DPI = 200


def data_uri(figure: Figure) -> str:
    """Return a figure as an SVG, or as a PNG where the SVG would be large.

    The same figure gives the same bytes: no date, and names that are not random.
    """
    from matplotlib import rc_context

    file = BytesIO()
    with rc_context({"svg.hashsalt": "jaxprune"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    if file.tell() <= LARGEST_SVG:
        return _encoded("image/svg+xml", file)
    file = BytesIO()
    figure.savefig(file, format="png", dpi=PNG_DPI)
    return _encoded("image/png", file)


def _encoded(kind: str, file: BytesIO) -> str:
    return f"data:{kind};base64,{b64encode(file.getvalue()).decode('ascii')}"

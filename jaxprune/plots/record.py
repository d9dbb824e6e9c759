"""How a result shows itself: plain lines, and in notebooks a table and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING, Any

from ..base.facts import described, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours are those of the page around it, so that it is light or dark as that is.
CELL = "text-align:left;padding:1px 12px 1px 0;border:0;vertical-align:top"
HTML = """\
<div style="display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start">
<table style="border:0;background:transparent">
<caption style="text-align:left;font-weight:bold">{title}</caption>
{rows}
</table>
{picture}
</div>"""
ROW = f'<tr><th scope="row" style="{CELL}">{{}}</th><td style="{CELL}">{{}}</td></tr>'


class Record:
    """Printing for frozen dataclasses, declared with ``repr=False``.

    A result says what it is in `_headline` and what is worth knowing in `_facts`, by
    default the first line of its docstring and its fields. One that has a curve or a
    distribution draws it in `_draw`.
    """

    def _headline(self) -> str:
        """What was computed."""
        return (type(self).__doc__ or "").partition("\n")[0].rstrip(".")

    def _facts(self) -> Sequence[tuple[str, str]]:
        """Names, and what there is to say: what is asked for most, first."""
        every: Any = fields(self)  # type: ignore[arg-type]
        return [
            (one.name.replace("_", " "), described(getattr(self, one.name)))
            for one in every
        ]

    def _draw(self, axes: Axes) -> None:
        """Draw what a reader looks for first."""
        raise NotImplementedError

    def __repr__(self) -> str:
        title = f"{type(self).__name__}: {self._headline()}"
        return "\n".join([title, *(wrapped(*fact) for fact in self._facts())])

    def _repr_html_(self) -> str:
        """HTML for a notebook; matplotlib is imported here, and not before."""
        title = f"{type(self).__name__}: {self._headline()}"
        picture = ""
        if type(self)._draw is not Record._draw:
            from .inline import inline_svg

            picture = inline_svg(self._draw, title)
        rows = (ROW.format(*map(escape, fact)) for fact in self._facts())
        return HTML.format(title=escape(title), rows="\n".join(rows), picture=picture)

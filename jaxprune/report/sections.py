"""The parts that a report is made of; each knows how to write itself as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

from .numbers import cell, is_number

# A figure narrower than this share of its size has letters too small to read: from
# there on it scrolls inside its box, as tables do.
NARROWEST = 0.6


class Section(Protocol):
    """Anything that can be written into a report."""

    def html(self) -> str:
        """Return the section as HTML, with everything in it escaped."""
        ...


@dataclass(frozen=True)
class Heading:
    """A heading; the contents of the report link to those of level 2."""

    text: str
    level: int
    anchor: str

    def html(self) -> str:
        """Return ``<h2>`` or ``<h3>``."""
        tag = f"h{self.level}"
        return f'<{tag} id="{self.anchor}">{escape(self.text)}</{tag}>'


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str

    def html(self) -> str:
        """Return ``<p>``."""
        return f"<p>{escape(self.text)}</p>"


@dataclass(frozen=True)
class Facts:
    """Names and values: what was computed, from what, with which versions."""

    pairs: tuple[tuple[str, Any], ...]

    def html(self) -> str:
        """Return a description list."""
        lines = (
            f"<div><dt>{escape(name)}</dt><dd>{escape(cell(value))}</dd></div>"
            for name, value in self.pairs
        )
        return "\n".join(['<dl class="facts">', *lines, "</dl>"])


@dataclass(frozen=True)
class Verdict:
    """Whether a number is as close to the published one as it was expected to be."""

    close: bool
    tolerance: str

    def html(self) -> str:
        """Return a sign and words; the colour only repeats them."""
        kind, sign, word = (
            ("close", "✓", "within") if self.close else ("far", "✗", "beyond")
        )
        return (
            f'<span class="{kind}"><span aria-hidden="true">{sign}</span> '
            f"{word} ±{escape(self.tolerance)}</span>"
        )


@dataclass(frozen=True)
class Table:
    """A table whose first column names the rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str
    note: str = ""
    numeric: tuple[bool, ...] = ()

    def html(self) -> str:
        """Return a table in a box of its own, in which it scrolls when too wide."""
        numeric = self.numeric or tuple(
            _all_numbers([row[i] for row in self.rows])
            for i in range(len(self.columns))
        )
        head = "".join(
            f'<th scope="col"{_side(right)}>{escape(name)}</th>'
            for name, right in zip(self.columns, numeric, strict=True)
        )
        body = "\n".join(f"<tr>{_row(row, numeric)}</tr>" for row in self.rows)
        caption = escape(self.caption)
        note = f'<p class="note">{escape(self.note)}</p>\n' if self.note else ""
        # Focusable, so that the keyboard can scroll it too.
        return (
            f'<div class="table">\n<div class="scroll" role="region" tabindex="0" '
            f'aria-label="{caption}">\n<table>\n<caption>{caption}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
            f"</div>\n{note}</div>"
        )


def _all_numbers(column: Sequence[Any]) -> bool:
    given = [value for value in column if value is not None]
    return bool(given) and all(map(is_number, given))


def _side(right: bool) -> str:
    return ' class="number"' if right else ""


def _row(row: Sequence[Any], numeric: Sequence[bool]) -> str:
    name, *values = (
        value.html() if isinstance(value, Verdict) else escape(cell(value))
        for value in row
    )
    cells = (
        f"<td{_side(right)}>{value}</td>"
        for value, right in zip(values, numeric[1:], strict=True)
    )
    return f'<th scope="row"{_side(numeric[0])}>{name}</th>' + "".join(cells)


@dataclass(frozen=True)
class Shown:
    """One of a gallery: a name, and a picture of its own or that of a condition."""

    name: str
    condition: int | None = None
    uri: str = ""

    def html(self) -> str:
        """Return ``<li>``; the script of the page adds pictures of conditions."""
        condition = (
            "" if self.condition is None else f' data-condition="{self.condition}"'
        )
        image = f'<img src="{self.uri}" alt="">' if self.uri else ""
        return f"<li{condition}>{image}<span>{escape(self.name)}</span></li>"


@dataclass(frozen=True)
class Gallery:
    """Pictures side by side, each with its name; rows of them, each with a title."""

    rows: tuple[tuple[str, tuple[Shown, ...]], ...]
    caption: str
    kind: str = ""  # "cards" stand beside each other, "large" ones are to be looked at

    def html(self) -> str:
        """Return a figure with a list for each row."""
        rows = (
            f"<div><h4>{escape(title)}</h4>\n"
            f"<ul>{''.join(one.html() for one in row)}</ul></div>"
            for title, row in self.rows
        )
        kind = f"gallery {self.kind}".strip()
        caption = f"<figcaption>{escape(self.caption)}</figcaption>"
        return "\n".join([f'<figure class="{kind}">', *rows, caption, "</figure>"])


@dataclass(frozen=True)
class Picture:
    """A figure that carries its own image."""

    uri: str
    width: float  # in CSS pixels, of which an inch has 96
    caption: str
    alt: str
    number: int

    def html(self) -> str:
        """Return ``<figure>``."""
        style = (
            f"width:{self.width:.0f}px;min-width:"
            f"min({self.width:.0f}px,{NARROWEST * self.width:.0f}px)"
        )
        alt, caption = escape(self.alt), escape(self.caption)
        return (
            f'<figure>\n<div class="scroll sheet" role="region" tabindex="0" '
            f'aria-label="Figure {self.number}">\n'
            f'<img src="{self.uri}" alt="{alt}" style="{style}">\n</div>\n'
            f"<figcaption><b>Figure {self.number}.</b> {caption}</figcaption>\n"
            "</figure>"
        )

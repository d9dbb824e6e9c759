"""A report as one HTML file that needs nothing else: no network, no folder.

Readable on a phone, on paper, in light and in dark, and by a screen reader. A report is
a title and a tuple of sections; every method returns a longer report.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.paths import expanded
from .comparing import Compared, comparison_table
from .explorer import Explorer
from .page import page
from .pictures import data_uri
from .sections import (
    Facts,
    Gallery,
    Heading,
    Paragraph,
    Picture,
    Section,
    Shown,
    Table,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Compared", "Report", "Shown"]


@dataclass(frozen=True)
class Report:
    """A report in the making.

    Parameters
    ----------
    title : str
    lead : str
        What was found, in a sentence or two below the title.
    sections : tuple of Section
        Grown by the methods, each of which returns a new report.

    Notes
    -----
    All text is escaped. Numbers have three decimals, integers thin spaces between
    thousands; NaN is "n.d." (not defined), None an en dash (no such value).

    Examples
    --------
    >>> from jaxprune.report import Compared, Report
    >>> report = (
    ...     Report("Number detectors", "Four areas of an untrained network.")
    ...     .heading("Scores")
    ...     .comparison([Compared("V1, all units", 0.293, ".28", tolerance=0.08)])
    ... )
    >>> "within ±0.08" in report.html()
    True
    """

    title: str
    lead: str = ""
    sections: tuple[Section, ...] = ()

    def heading(self, text: str, level: int = 2) -> Report:
        """Begin a section, level 2, or one below it, level 3."""
        if level not in (2, 3):
            raise ValueError(
                f"level={level!r}: expected 2, a section, or 3, one below it; level 1 "
                "is the title of the report."
            )
        return self._with(Heading(text, level, f"section-{len(self.sections) + 1}"))

    def paragraph(self, text: str) -> Report:
        """Add running text; a line break in it is kept."""
        return self._with(Paragraph(text))

    def facts(self, pairs: Mapping[str, Any]) -> Report:
        """Add names and values, such as settings and versions."""
        return self._with(Facts(tuple(pairs.items())))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        caption: str,
        note: str = "",
    ) -> Report:
        """Add a table.

        Parameters
        ----------
        columns : sequence of str (c,)
        rows : iterable of sequence (c,)
            Text, numbers, booleans or None; the first value names the row. Columns of
            numbers are aligned to the right.
        caption, note : str
            Above and below the table.

        Raises
        ------
        ValueError
            If a row has not one value for each column.
        """
        kept = tuple(map(tuple, rows))
        for i, row in enumerate(kept):
            if len(row) != len(columns):
                raise ValueError(
                    f"rows[{i}] has {len(row)} values, columns {len(columns)} names: "
                    "expected one value for each; None where there is none."
                )
        return self._with(Table(tuple(columns), kept, caption, note))

    def comparison(
        self,
        rows: Iterable[Compared],
        caption: str = "Ours beside the published values",
        note: str = "",
    ) -> Report:
        """Add a table of our numbers, those published, and the difference.

        Parameters
        ----------
        rows : iterable of Compared
            With a tolerance in any of them, a column says in words whether the
            difference is within it.
        caption, note : str
            Above and below the table.
        """
        return self._with(comparison_table(tuple(rows), caption, note))

    def figure(self, figure: Figure, caption: str, alt: str) -> Report:
        """Add a matplotlib figure, drawn into the report.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
        caption : str
            Below the figure, after its number.
        alt : str
            What the figure shows, for who does not see it.

        Raises
        ------
        ValueError
            If `alt` is empty.
        """
        if not alt.strip():
            raise ValueError(
                f"alt={alt!r}: expected a sentence on what the figure shows, for "
                "readers who do not see it."
            )
        earlier = sum(isinstance(section, Picture) for section in self.sections)
        width = 96 * figure.get_figwidth()
        return self._with(Picture(data_uri(figure), width, caption, alt, earlier + 1))

    def gallery(
        self,
        rows: Mapping[str, Sequence[Shown]],
        caption: str,
        kind: str = "",
    ) -> Report:
        """Add rows of pictures with their names.

        Parameters
        ----------
        rows : mapping of str to sequence of Shown
            By the title of the row.
        caption : str
        kind : {"", "cards", "large"}
            Rows beside each other, or pictures to look at rather than thumbnails.
        """
        kept = tuple((title, tuple(row)) for title, row in rows.items())
        return self._with(Gallery(kept, caption, kind))

    def explorer(self, data: Mapping[str, Any]) -> Report:
        """Add curve, RDMs and bars that answer the pointer; one a page.

        Parameters
        ----------
        data : mapping
            See :func:`jaxprune.explain.exploring.explored`.
        """
        return self._with(Explorer(data))

    def html(self) -> str:
        """Return the whole page."""
        return page(self.title, self.lead, self.sections)

    def write(self, path: str | Path) -> Path:
        """Write the page to a file, at once or not at all.

        Parameters
        ----------
        path : str or Path
            An existing file is replaced; its folder has to exist.

        Returns
        -------
        Path
        """
        target = expanded(path)
        draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
        try:
            draft.write_text(self.html(), encoding="utf-8")
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        return target

    def _with(self, section: Section) -> Report:
        return replace(self, sections=(*self.sections, section))

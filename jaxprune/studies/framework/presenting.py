"""What is made of what was found: files, report, and the table on the screen."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.csv_text import as_csv
from ...io.summary import package_versions
from ...report import Report, screen
from ...report.folder import write
from .prose import Prose, Words, prose_of
from .published import Published
from .running import PARTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Presentation:
    """How a study shows what it found.

    Attributes
    ----------
    module : str
        The ``__name__`` of its module; the prose of its report and the published
        numbers lie beside it, ``report.md`` and ``published.csv``.
    rows : mapping of str to callable
        From what was found to the rows of a CSV file, which its docstring describes. A
        file without rows is not written.
    figures : mapping of str to callable
        From what was found to a figure, or None where there is nothing to draw.
    shown : mapping of str to callable
        Tables, comparisons and facts of the report; see :mod:`~.prose`.
    words : mapping of str to callable
        What its prose has in braces.
    summary : callable
        What ``summary.json`` holds beside seconds and versions.
    screen : callable
        The table on the screen.
    settings : callable
        Facts that the report ends with, beside versions.
    """

    module: str
    rows: Mapping[str, Callable[[Any], Iterable[Row]]]
    figures: Mapping[str, Callable[[Any], Figure | None]]
    shown: Words
    words: Words
    summary: Callable[[Any], Mapping[str, Any]]
    screen: Callable[[Any], str]
    settings: Callable[[Any], Mapping[str, Any]] = field(default=lambda found: {})

    @property
    def published(self) -> Published:
        """The published numbers."""
        return Published.of(self.module)

    @property
    def files(self) -> tuple[str, ...]:
        """Files that saving may write."""
        return (
            "report.html",
            "summary.json",
            *(f"{name}.csv" for name in self.rows),
            *(f"{name}.png" for name in self.figures),
        )

    def save(self, found: Any, folder: str | Path) -> Path:
        """Write tables, figures, report and summary.

        Parameters
        ----------
        found : Found
            Or what else has ``options`` and ``seconds``.
        folder : str or Path
            Made if it does not exist; files of an earlier run are replaced, or removed
            where this one has none.

        Returns
        -------
        Path
            The folder, with those of `files` that there is something for.
        """
        listed = {name: list(rows(found)) for name, rows in self.rows.items()}
        tables = {name: as_csv(rows) for name, rows in listed.items() if rows}
        drawn = self.draw(found)
        page = self.report(found, drawn)
        path = write(folder, tables, drawn, page, self.as_summary(found))
        written = {
            *(f"{name}.csv" for name in tables),
            *(f"{name}.png" for name in drawn),
        }
        for name in {*self.files[2:]} - written:
            (path / name).unlink(missing_ok=True)
        return path

    def draw(self, found: Any) -> dict[str, Figure]:
        """Draw all figures that there is something for."""
        drawn = {name: draw(found) for name, draw in self.figures.items()}
        return {name: figure for name, figure in drawn.items() if figure is not None}

    def report(self, found: Any, figures: Mapping[str, Figure]) -> Report:
        """Make the report, from the prose of the study."""
        facts = {"settings": lambda of: {**self.settings(of), **package_versions()}}
        prose = Prose(self.words, {**facts, **self.shown}, figures)
        return prose.report(prose_of(self.module), found)

    def as_summary(self, found: Any) -> dict[str, Any]:
        """What ``summary.json`` holds."""
        return {
            **self.summary(found),
            "seconds": found.seconds,
            "versions": package_versions(),
        }

    def described_files(self) -> str:
        """Its files, and what they hold, for the command line."""
        described = {
            "report.html": "Everything, in one file that needs no network.",
            **{f"{name}.csv": _said(rows) for name, rows in self.rows.items()},
            **{f"{name}.png": _said(draw) for name, draw in self.figures.items()},
            "summary.json": "Settings, results and versions.",
            f"{PARTS}/": "What is done: an interrupted run goes on.",
        }
        indent = max(map(len, described)) + 4
        return "\n".join(
            textwrap.fill(
                text,
                screen.WIDTH,
                initial_indent=f"  {name}".ljust(indent),
                subsequent_indent=" " * indent,
            )
            for name, text in described.items()
        )


def rows_of(about: Row, **columns: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Rows of a table from its columns, each after what all are about.

    >>> for row in rows_of({"seed": 0}, unit=range(2), r=np.array([0.5, 0.25])):
    ...     print(row)
    {'seed': 0, 'unit': 0, 'r': 0.5}
    {'seed': 0, 'unit': 1, 'r': 0.25}
    """
    listed = (v.tolist() if isinstance(v, np.ndarray) else v for v in columns.values())
    for values in zip(*listed, strict=True):
        yield {**about, **dict(zip(columns, values, strict=True))}


def _said(function: Callable[..., Any]) -> str:
    """First line of its docstring."""
    return (inspect.getdoc(function) or "").partition("\n")[0]

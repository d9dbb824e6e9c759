"""A report and what goes with it: the summary last, as the sign of a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.paths import expanded
from ..io.summary import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from . import Report


def write(
    folder: str | Path,
    tables: Mapping[str, str],
    figures: Mapping[str, Figure],
    report: Report,
    summary: Mapping[str, Any],
) -> Path:
    """Write a report beside its tables, figures and summary.

    Parameters
    ----------
    folder : str or Path
        Made if it does not exist; files of an earlier run are replaced.
    tables : mapping of str to str
        Text of each CSV file, by its name without suffix.
    figures : mapping of str to Figure
        By the name of the PNG file without suffix.
    report : Report
    summary : mapping
        What ``summary.json`` holds.

    Returns
    -------
    Path
        The folder.
    """
    path = expanded(folder)
    path.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    for name, figure in figures.items():
        figure.savefig(path / f"{name}.png")
    report.write(path / "report.html")
    text = json.dumps(plain(dict(summary)), indent=2) + "\n"
    (path / "summary.json").write_text(text, encoding="utf-8")
    return path

"""Files of the study, and its summary on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...base.csv_text import as_csv
from ...io.summary import package_versions
from ...report import screen
from ...report.folder import write
from .comparing import comparisons, emulated, mean
from .origin_figure import origin_figure
from .published import KIM, KIM_SELECTIVE, NASR, NASR_SELECTIVE
from .report import report
from .results import NumberSense, Version
from .tables import TABLES
from .tasks_figure import tasks_figure
from .tuning_figure import tuning_figure

FIGURES = {"tuning": tuning_figure, "tasks": tasks_figure, "origin": origin_figure}
FILES = (
    "report.html",
    "summary.json",
    *(f"{name}.csv" for name in TABLES),
    *(f"{name}.png" for name in FIGURES),
)


def save(study: NumberSense, folder: str | Path) -> Path:
    """Write tables, figures, summary and report.

    Parameters
    ----------
    study : NumberSense
    folder : str or Path
        Made if it does not exist; files of an earlier run are replaced.

    Returns
    -------
    Path
        The folder, with the files in `FILES`.
    """
    tables = {name: as_csv(rows(study)) for name, rows in TABLES.items()}
    drawn = {name: draw(study) for name, draw in FIGURES.items()}
    return write(folder, tables, drawn, report(study, drawn), as_summary(study))


def as_summary(study: NumberSense) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    return {
        "study": "number-sense",
        "settings": study.options.as_dict(),
        "networks": [
            {
                "network": found.case.network,
                "version": found.case.version,
                "seed": found.case.seed,
                "folder": found.case.folder and str(found.case.folder),
                "weights_sha256": found.case.weights or None,
                **found.record,
            }
            for found in study.found
        ],
        "references": [NASR, KIM],
        "published": [
            {"source": source, "network": network, "version": kind, **_pair(row)}
            for version in study.versions
            for source, rows in (
                ("published", comparisons(version, study.options)),
                ("emulated", emulated(version)),
            )
            for row in rows
            for network, kind in (version.key,)
        ],
        "seconds": study.seconds,
        "versions": package_versions(),
    }


def _pair(row: Any) -> dict[str, Any]:
    names = ("name", "ours", "published", "difference")
    return {name: getattr(row, name) for name in names}


def summary(study: NumberSense) -> str:
    """Return a table of the networks as text, with the published shares beside them."""
    options = study.options
    rows = [["network", "selective", "strict", "larger?", "pixels", "same?"]]
    for version in study.versions:
        shares = [
            f"{100 * float(version.share(rule).mean()):.1f}%"
            for rule in ("nasr", "kim_strict")
        ]
        rows.append([version.title, *shares, *_accuracies(version)])
    images = f"{options.kim_images} (Kim), {options.nasr_images} (Nasr) of a condition"
    return "\n".join(
        [
            screen.fact("images", images),
            screen.fact("seeds", ", ".join(map(str, options.seeds))),
            "",
            screen.table(rows),
            "",
            f"published, selective: AlexNet {KIM_SELECTIVE}% (untrained, 50 images of "
            f"a condition),\nNasr's network {NASR_SELECTIVE}% (trained on ImageNet)",
            "larger?  right answers on which of two numbers is larger, by 256 units",
            "same?    right answers on whether two numbers match; chance is 50%",
        ]
    )


def _accuracies(version: Version) -> list[str]:
    names = "compare_selective", "compare_pixels", "match"
    return [
        f"{100 * mean(version.arrays(name)):.1f}%" if version.has(name) else ""
        for name in names
    ]

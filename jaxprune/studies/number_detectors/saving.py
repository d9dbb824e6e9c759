"""Files of the study, and its summary on the screen."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...base.csv_text import as_csv
from ...io.summary import package_versions
from ...report import screen
from ...report.folder import write
from .cases import title
from .comparing import comparisons
from .figures import figures
from .published import FULL, PRUNED, REFERENCE, score
from .report import report
from .running import NumberDetectors
from .table import FACTORIAL, mean, values

FIGURES = ("scores", "curves", "overlap", "heldout")
FILES = (
    "report.html",
    "table.csv",
    "summary.json",
    *(f"{name}.png" for name in FIGURES),
)


def save(found: NumberDetectors, folder: str | Path) -> Path:
    """Write table, figures, summary and report.

    Parameters
    ----------
    found : NumberDetectors
    folder : str or Path
        Made if it does not exist; files of an earlier run are replaced.

    Returns
    -------
    Path
        The folder, with the files in `FILES`.
    """
    drawn = figures(found)
    tables = {"table": as_csv([asdict(row) for row in found.rows])}
    return write(folder, tables, drawn, report(found, drawn), as_summary(found))


def as_summary(found: NumberDetectors) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    compared = [
        {
            "network": row.network,
            "version": row.version,
            "layer": row.layer,
            "quantity": row.quantity,
            "ours": row.compared.ours,
            "published": row.compared.published,
            "difference": row.compared.difference,
        }
        for row in comparisons(found)
    ]
    return {
        "study": "number-detectors",
        "settings": asdict(found.options),
        "networks": [
            {
                "network": case.network,
                "version": case.version,
                "seed": case.seed,
                "folder": None if case.folder is None else str(case.folder),
                "weights_sha256": case.weights or None,
            }
            for case in found.cases
        ],
        "reference": REFERENCE,
        "published": compared,
        "seconds": found.seconds,
        "versions": package_versions(),
    }


def summary(found: NumberDetectors) -> str:
    """Return a table of the layers as text, with the published scores beside them."""
    options = found.options
    images = f"{32 * options.n_instances:,} dot arrays of 32 kinds, {options.size} px"
    lines = [
        screen.fact("stimuli", images),
        screen.fact("seeds", ", ".join(map(str, options.seeds))),
    ]
    for network, version in found.versions:
        lines += [
            "",
            title(network, version),
            screen.table(_rows(found, network, version)),
        ]
    return "\n".join(
        [
            *lines,
            "",
            "* published by Truong, Noei & Karami (2024)",
            "held-out: retained units, on conditions that took no part in the choice",
            "ANOVA: number detectors by the factorial rule",
        ]
    )


def _rows(found: NumberDetectors, network: str, version: str) -> list[list[str]]:
    rows = [
        ["layer", "full", "*", "pruned", "*", "kept", "random", "held-out", "ANOVA"]
    ]
    for layer in found.options.layers:
        place = {"network": network, "version": version, "layer": layer}

        def of(column: str, place: dict[str, str] = place, **wanted: str) -> float:
            return mean(values(found.rows, column, **place, **wanted))

        full, pruned = (score(**place, which=which) or "" for which in (FULL, PRUNED))
        kept = screen.percent(of("n_retained"), of("n_units"))
        scores = of("random"), of("heldout_pruned"), of("anova", rule=FACTORIAL)
        rows.append(
            [
                layer,
                *(screen.number(of("full")), full),
                *(screen.number(of("pruned")), pruned, kept),
                *map(screen.number, scores),
            ]
        )
    return rows

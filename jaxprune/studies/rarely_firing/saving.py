"""Files of the study, and its summary on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...io.csv_files import as_csv
from ...io.summary import package_versions
from ...report import screen
from ...report.folder import write
from .comparing import MAX_POZ, R2, levels, of_set
from .networks_figure import networks_figure
from .published import REFERENCE
from .report import report
from .results import RarelyFiring
from .sets_figures import sets_figure, zeros_figure
from .tables import TABLES

OF_NETWORKS = {"networks": networks_figure}
OF_SETS = {"sets": sets_figure, "zeros": zeros_figure}
# Not all are written: an experiment that was not done has no files.
FILES = (
    "report.html",
    "summary.json",
    *(f"{name}.csv" for name in TABLES),
    *(f"{name}.png" for name in (*OF_NETWORKS, *OF_SETS)),
)


def save(study: RarelyFiring, folder: str | Path) -> Path:
    """Write tables, figures, summary and report.

    Parameters
    ----------
    study : RarelyFiring
    folder : str or Path
        Made if it does not exist; files of an earlier run are replaced, or removed
        where this one has none.

    Returns
    -------
    Path
        The folder, with those of `FILES` that the experiments done have.
    """
    listed = {name: list(rows(study)) for name, rows in TABLES.items()}
    tables = {name: as_csv(rows) for name, rows in listed.items() if rows}
    wanted = (OF_NETWORKS if study.networks else {}) | (OF_SETS if study.sets else {})
    drawn = {name: draw(study) for name, draw in wanted.items()}
    path = write(folder, tables, drawn, report(study, drawn), as_summary(study))
    written = {*(f"{name}.csv" for name in tables), *(f"{name}.png" for name in drawn)}
    for name in set(FILES[2:]) - written:
        (path / name).unlink(missing_ok=True)
    return path


def as_summary(study: RarelyFiring) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    return {
        "study": "rarely-firing",
        "settings": study.options.as_dict(),
        "images": study.images,
        "networks": [
            {"name": one.name, "trained": one.trained, **one.record}
            for one in study.networks
        ],
        "sets": [{"name": one.name, **one.record} for one in study.sets],
        "reference": REFERENCE,
        "published": _published(study),
        "seconds": study.seconds,
        "versions": package_versions(),
    }


def _published(study: RarelyFiring) -> list[dict[str, Any]]:
    names = "name", "ours", "published", "difference"
    rows = []
    for which in (R2, MAX_POZ) if study.networks else ():
        for one in levels(study, which):
            values = {name: getattr(one.compared, name) for name in names}
            rows.append({"experiment": 1, "quantity": which, **values, "sd": one.sd})
    for one in study.sets:
        for compared in of_set(one):
            values = {name: getattr(compared, name) for name in names}
            rows.append({"experiment": 2, "set": one.name, **values})
    return rows


def summary(study: RarelyFiring) -> str:
    """Return both experiments as text, with the published values beside them."""
    lines = []
    if study.networks:
        right = 100 * np.mean([one.accuracy for one in study.trained])
        lines += [
            screen.fact("images", study.images),
            screen.fact("networks", f"{len(study.trained)}, {right:.1f}% right"),
            "",
            screen.table(_levels(study)),
            "",
            "* published by Truong & Hasson (2022), of CIFAR-10\n"
            "R2: fit of the units kept to all units; random: of units drawn at random\n"
            "PoZ: highest percentage of zeros among the units kept",
        ]
    if study.sets:
        lines += [
            "",
            screen.table(_sets(study)),
            "",
            "p: of the best, by random orders",
        ]
    return "\n".join(lines).strip("\n")


def _levels(study: RarelyFiring) -> list[list[str]]:
    rows = [["kept", "R2", "SD", "*", "random", "PoZ", "SD", "*"]]
    both = zip(levels(study, R2), levels(study, MAX_POZ), strict=True)
    for fit, poz in both:
        rows.append(
            [
                f"{fit.kept}%",
                *(f"{fit.compared.ours:.3f}", _sd(fit.sd, 3)),
                *(str(fit.compared.published), f"{fit.random:.3f}"),
                *(f"{poz.compared.ours:.1f}%", _sd(poz.sd, 1)),
                f"{poz.compared.published}%",
            ]
        )
    return rows


def _sd(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _sets(study: RarelyFiring) -> list[list[str]]:
    rows = [["set", "images", "units", "all", "best", "kept", "", "p"]]
    for one in study.sets:
        record = one.record
        size, n = record["best_size"], record["n_units"]
        rows.append(
            [
                one.name,
                *(f"{record['n_images']:,}", f"{n:,}"),
                *(screen.number(record[name]) for name in ("full", "best")),
                *(f"{size:,}", screen.percent(size, n)),
                f"{record['p_value']:.3f}",
            ]
        )
    return rows

"""Files of the study, and its summary on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...io.csv_files import as_csv
from ...io.summary import package_versions
from ...report import screen
from ...report.folder import write
from .figure import TITLES, draw
from .published import SELECTIVE, comparisons, prefer, test_accuracy
from .report import report
from .running import SmallCNN
from .tables import TABLES

FILES = (
    "report.html",
    "summary.json",
    "figure.png",
    *(f"{name}.csv" for name in TABLES),
)


def save(study: SmallCNN, folder: str | Path) -> Path:
    """Write tables, figure, summary and report.

    Parameters
    ----------
    study : SmallCNN
    folder : str or Path
        Made if it does not exist; files of an earlier run are replaced.

    Returns
    -------
    Path
        The folder, with the files in `FILES`.
    """
    tables = {name: as_csv(rows(study)) for name, rows in TABLES.items()}
    drawn = draw(study)
    figures = {"figure": drawn}
    return write(folder, tables, figures, report(study, drawn), as_summary(study))


def as_summary(study: SmallCNN) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    names = ("name", "ours", "published", "difference")
    return {
        "study": "small-cnn",
        "settings": study.options.as_dict(),
        "networks": [
            {
                "version": found.version,
                "variant": found.variant,
                "seed": found.seed,
                **found.record,
            }
            for found in study.found
        ],
        "published": [
            {
                "version": version,
                "variant": variant,
                **{name: getattr(row, name) for name in names},
            }
            for version, variant in study.groups
            for row in comparisons(study, version, variant)
        ],
        "seconds": study.seconds,
        "versions": package_versions(),
    }


def summary(study: SmallCNN) -> str:
    """Return a table of the networks as text, with the published share beside them."""
    rows = [["network, images", "selective", "1 or 2", "5 or 6", "RSA", "CIFAR-10"]]
    for (version, variant), found in study.groups.items():
        accuracy = test_accuracy(found)
        rows.append(
            [
                f"{version}, {TITLES[variant]}",
                f"{100 * np.mean([f.share for f in found]):.1f}%",
                f"{prefer(found, 0, 2):.0f}%",
                f"{prefer(found, 4, 6):.0f}%",
                f"{np.mean([f.record['rsa_log'] for f in found]):.2f}",
                "" if accuracy is None else f"{accuracy:.1f}%",
            ]
        )
    options = study.options
    return "\n".join(
        [
            screen.fact("images", f"{options.n_instances} of each number, 1 to 10"),
            screen.fact("seeds", ", ".join(map(str, options.seeds))),
            "",
            screen.table(rows),
            "",
            f"published: {SELECTIVE}% selective, more than 67% prefer 1 or 2, none 5 "
            "or 6;\ntrained, with 47% of CIFAR-10 right",
            "RSA: Spearman correlation of the RDM of all units with log number",
        ]
    )

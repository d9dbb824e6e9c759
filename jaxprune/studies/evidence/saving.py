"""Files of a run, and its summary on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...io.csv_files import as_csv
from ...io.summary import package_versions
from ...report import screen
from ...report.folder import write
from ...report.numbers import UNDEFINED
from . import words
from .figures import draw, p_text
from .report import report
from .running import Evidence
from .table import TITLES, fold_rows, method_rows, permutation_rows, subject_rows

FILES = (
    "report.html",
    "summary.json",
    "figure.png",
    "methods.csv",
    "folds.csv",
    "permutations.csv",
)


def save(
    evidence: Evidence, folder: str | Path, about: Mapping[str, Any] | None = None
) -> Path:
    """Write tables, figure, summary and report.

    Parameters
    ----------
    evidence : Evidence
    folder : str or Path
        Made if it does not exist; files of an earlier run are replaced.
    about : mapping, optional
        Where the data came from.

    Returns
    -------
    Path
        The folder, with the files in `FILES`.
    """
    tables = {
        "methods": as_csv(method_rows(evidence)),
        "folds": as_csv(fold_rows(evidence)),
        "permutations": as_csv(permutation_rows(evidence)),
    }
    drawn = draw(evidence)
    page = report(evidence, drawn, about)
    return write(folder, tables, {"figure": drawn}, page, as_summary(evidence, about))


def as_summary(
    evidence: Evidence, about: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    found = evidence.permutation
    summary = {
        "methods": method_rows(evidence),
        "left_out": evidence.methods.left_out,
        "permutation": {
            name: getattr(found, name)
            for name in ("full_score", "best_score", "best_size", "p_full", "p_value")
        }
        | {"p_gain": found.p_gain, "n_permutations": found.n_permutations},
    }
    if evidence.subjects is not None:
        ceiling = evidence.subjects.ceiling
        summary["subjects"] = {
            "methods": subject_rows(evidence),
            "ceiling_lower": ceiling.lower,
            "ceiling_upper": ceiling.upper,
        }
    return {
        **summary,
        "settings": evidence.options.as_dict(),
        "inputs": dict(about or {}),
        "seconds": evidence.seconds,
        "versions": package_versions(),
    }


def summary(evidence: Evidence) -> str:
    """Return the table of methods as text."""
    head = ["", "units", "in-sample", "p", "held-out", "95%", "gain", "p"]
    rows = [head]
    for row in method_rows(evidence):
        low, high = (_number(row[f"held_out_{end}"], ".2f") for end in ("low", "high"))
        gain = row["gain"] is not None
        rows.append(
            [
                TITLES[row["method"]],
                f"{row['units']:,}",
                _number(row["in_sample"]),
                "" if row["p"] is None else _p(row["p"]),
                _number(row["held_out"]),
                f"{low}..{high}",
                _number(row["gain"], "+.3f") if gain else "",
                _p(row["gain_p"]) if gain else "",
            ]
        )
    lines = [screen.table(rows), ""]
    if evidence.subjects is not None:
        found, ceiling = evidence.subjects, evidence.subjects.ceiling
        full, pruned = (found.folds.estimate(name) for name in ("full", "pruned"))
        text = (
            f"{found.bootstrap.n_subjects}, each left out once: all units "
            f"{_number(full.mean)}, pruned {_number(pruned.mean)}; noise ceiling "
            f"{_number(ceiling.lower)} to {_number(ceiling.upper)}"
        )
        lines.append(screen.wrapped("subjects", text))
    lines += [
        "p: permutations with the whole pruning redone; of gains, over held-out folds",
    ]
    for row in method_rows(evidence):
        if count := row["undefined_folds"]:
            text = f"{TITLES[row['method']]}: {words.without_score(evidence, count)}"
            lines.append(screen.wrapped("undefined", text))
    lines += [
        screen.wrapped("not compared", f"{TITLES[name]} ({why})")
        for name, why in evidence.methods.left_out.items()
    ]
    return "\n".join(lines)


def _number(value: float, form: str = ".3f") -> str:
    return UNDEFINED if np.isnan(value) else format(value, form)


def _p(p: float) -> str:
    return p_text(p).removeprefix("= ").replace(" ", "")

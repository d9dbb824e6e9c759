"""What is made of a test: files, report, and the table on the screen."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base.facts import p_text
from ...inference.methods import FULL, PRUNED
from ...io.summary import package_versions
from ...report import screen
from ...report.numbers import UNDEFINED, number
from ..framework import Presentation
from . import tables
from .figures import figure
from .measure import Tested
from .tables import TITLES, method_rows


def summary(tested: Tested) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    found = tested.permutation
    names = "full_score", "best_score", "best_size", "p_full", "p_value", "p_gain"
    summary = {
        "methods": method_rows(tested),
        "left_out": tested.methods.left_out,
        "permutation": {
            name: getattr(found, name) for name in (*names, "n_permutations")
        },
    }
    if tested.subjects is not None:
        ceiling = tested.subjects.ceiling
        summary["subjects"] = {
            "methods": tables.subject_rows(tested),
            "ceiling_lower": ceiling.lower,
            "ceiling_upper": ceiling.upper,
        }
    settings = tested.options.as_dict()
    return {**summary, "settings": settings, "inputs": dict(tested.inputs)}


def settings(tested: Tested) -> dict[str, Any]:
    """Facts at the end of the report; where the data came from is the last of them."""
    options, folds = tested.options, tested.methods.folds
    pruning = tested.permutation.settings
    squared = ", squared" if pruning.objective == "r2" else ""
    repeats = "" if options.repeats == 1 else f", drawn {options.repeats} times"
    return {
        "conditions": folds.n_conditions,
        "units": folds.n_units,
        **({"groups of units": tested.n_ranked} if tested.grouped else {}),
        "score": f"{pruning.metric} RDMs, {pruning.compare}{squared}",
        "permutations": options.n_permutations,
        "bootstrap samples": options.n_samples,
        "folds": f"{options.n_folds} of held-out conditions{repeats}",
        "random sets": f"{options.n_random} a fold",
        "seed": options.seed,
        **package_versions(),
        **tested.inputs,
    }


def table(tested: Tested) -> str:
    """Return the table of methods as text."""
    rows = [["", "units", "in-sample", "p", "held-out", "95%", "gain", "p"]]
    for row in method_rows(tested):
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
    if (found := tested.subjects) is not None:
        full, pruned = (found.folds.estimate(name) for name in (FULL, PRUNED))
        text = (
            f"{found.bootstrap.n_subjects}, each left out once: all units "
            f"{_number(full.mean)}, pruned {_number(pruned.mean)}; noise ceiling "
            f"{_number(found.ceiling.lower)} to {_number(found.ceiling.upper)}"
        )
        lines.append(screen.wrapped("subjects", text))
    return "\n".join(
        [
            *lines,
            "p: permutations with the whole pruning redone; of gains, over held-out "
            "folds",
            *(
                screen.wrapped("undefined", f"{name}: {why}")
                for name, why in tables.undefined(tested).items()
            ),
            *(
                screen.wrapped("not compared", f"{TITLES[name]} ({why})")
                for name, why in tested.methods.left_out.items()
            ),
        ]
    )


def _number(value: float, form: str = ".3f") -> str:
    return UNDEFINED if np.isnan(value) else format(value, form)


def _p(p: float) -> str:
    return p_text(p).removeprefix("= ").replace(" ", "")


def _rivals(tested: Tested) -> str:
    named = (tables.RIVALS.get(name) for name in tested.methods.names)
    return " ".join(filter(None, named))


def _last_panel(tested: Tested) -> str:
    if tested.subjects is None:
        return f"number of {'groups' if tested.grouped else 'units'} retained"
    return "mean score with single subjects, in-sample, and with the subject left out"


TEST = Presentation(
    module=__name__,
    rows={
        "methods": method_rows,
        "folds": tables.fold_rows,
        "permutations": tables.permutation_rows,
    },
    figures={"figure": figure},
    shown={
        "in_sample": tables.in_sample,
        "held_out": tables.held_out,
        "permutations": tables.permutations,
        "stability": tables.stability,
        "subjects": tables.subjects,
        "settings": settings,
    },
    words={
        "lead": tables.lead,
        "rivals": _rivals,
        "without_score": tables.without_score,
        "last_panel": _last_panel,
        "n_permutations": lambda tested: f"{tested.permutation.n_permutations:,}",
        "smallest_p": lambda tested: number(
            1 / (tested.permutation.n_permutations + 1)
        ),
        "subjects": lambda tested: (
            tested.subjects and tested.subjects.bootstrap.n_subjects
        ),
        "subject_gain": tables.subject_gain,
    },
    summary=summary,
    screen=table,
)

"""The report: what was found, in tables, a figure and plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ...inference.corrected_t import mean_of_defined
from ...inference.methods import FULL, PRUNED
from ...io.summary import package_versions
from ...report import Report
from ...report.numbers import number
from . import words
from .figures import p_text
from .running import Evidence, Subjects
from .table import TITLES, method_rows, subject_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def report(
    evidence: Evidence, figure: Figure, about: Mapping[str, Any] | None = None
) -> Report:
    """Make the report.

    Parameters
    ----------
    evidence : Evidence
    figure : Figure
        Of :func:`~.figures.draw`.
    about : mapping, optional
        Where the data came from, shown among the settings.
    """
    page = Report("Is it real?", lead(evidence)).heading("Methods")
    rivals = [words.RIVALS.get(name, "") for name in evidence.methods.names]
    text = " ".join(filter(None, [words.METHODS, *rivals]))
    page = page.paragraph(words.SELECTION).paragraph(text)
    page = _methods(page, evidence)
    caption = words.CAPTION[0] + words.CAPTION[1 if evidence.subjects else 2]
    page = page.figure(figure, caption, words.ALT)
    page = _permutations(page.heading("Shuffled conditions"), evidence)
    page = _stability(page.heading("Stability of the retained units"), evidence)
    if evidence.subjects is not None:
        page = _subjects(page.heading("Subjects"), evidence, evidence.subjects)
    return page.heading("Settings").facts(_settings(evidence) | dict(about or {}))


def lead(evidence: Evidence) -> str:
    """What was found, in two or three sentences."""
    found, methods = evidence.permutation, evidence.methods
    text = (
        f"Pruning keeps {number(found.best_size)} of "
        f"{number(methods.folds.n_units)} units and raises the score from "
        f"{number(found.full_score)} to {number(found.best_score)}; the same pruning "
        f"for shuffled conditions scores as high with p {p_text(found.p_value)}."
    )
    gain = methods.folds.estimate("gain")
    return (
        f"{text} On held-out conditions it changes the score by "
        f"{number(gain.mean, sign=True)} (95 % interval {number(gain.low, sign=True)} "
        f"to {number(gain.high, sign=True)}, one-tailed p {p_text(gain.p_value)})."
    )


def _methods(page: Report, evidence: Evidence) -> Report:
    in_sample, held_out = [], []
    for row in method_rows(evidence):
        name, spread = TITLES[row["method"]], _interval(row, "in_sample")
        in_sample.append((name, row["units"], row["in_sample"], spread, row["p"]))
        spread = _interval(row, "held_out")
        gain = row["gain"], None if row["gain"] is None else _interval(row, "gain")
        held_out.append((name, row["held_out"], spread, *gain, row["gain_p"]))
    page = page.table(
        ("method", "units", "score", "95 %", "p"),
        in_sample,
        "Scores on the conditions that a method was fitted on",
        "p: permutation test, corrected for selection. –: not tested.",
    ).table(
        ("method", "score", "95 %", "gain", "95 %", "p"),
        held_out,
        "Scores on held-out conditions, means over folds",
        "gain: score less that of all units in the same folds. p: of no gain, "
        "one-tailed. n.d.: not defined.",
    )
    for row in method_rows(evidence):
        if count := row["undefined_folds"]:
            without = words.without_score(evidence, count)
            page = page.paragraph(f"{TITLES[row['method']].capitalize()}: {without}")
    for name, why in evidence.methods.left_out.items():
        page = page.paragraph(f"Not compared: {TITLES[name]} ({why}).")
    return page.paragraph(words.INTERVALS)


def _interval(row: Mapping[str, Any], column: str = "") -> str | None:
    """Ends of an interval, from columns ``low`` and ``high`` of a row."""
    low, high = (row["_".join(filter(None, (column, end)))] for end in ("low", "high"))
    return None if low is None else f"{number(low)} to {number(high)}"


def _permutations(page: Report, evidence: Evidence) -> Report:
    found = evidence.permutation
    kinds = (
        (TITLES[FULL], found.full_score, found.null_full, found.p_full),
        (TITLES[PRUNED], found.best_score, found.null, found.p_value),
        ("gain", found.gain, found.null_gain, found.p_gain),
    )
    return page.table(
        ("score of", "observed", "shuffled, mean", "highest 5 % from", "p"),
        [
            (name, observed, mean_of_defined(null), _high(null), p)
            for name, observed, null, p in kinds
        ],
        f"{found.n_permutations:,} targets with shuffled conditions",
        "The smallest p that this number of permutations can give is "
        f"{number(1 / (found.n_permutations + 1))}.",
    ).paragraph(words.GAIN)


def _high(null: np.ndarray) -> float:
    """Where the highest 5 % of the defined scores begin."""
    defined = null[~np.isnan(null)]
    return float(np.quantile(defined, 0.95)) if len(defined) else np.nan


def _stability(page: Report, evidence: Evidence) -> Report:
    folds = evidence.methods.folds
    found = folds.stability
    sizes = f"{number(int(folds.sizes.min()))} to {number(int(folds.sizes.max()))}"
    return page.facts(
        {
            "units retained in a fold": sizes,
            "overlap of two folds, mean": f"{number(found.coefficient)}, by chance "
            f"{number(found.chance)}",
            "Jaccard index, mean": number(found.jaccard),
            "units retained in every fold": number(len(found.always)),
        }
    ).paragraph(words.STABILITY)


def _subjects(page: Report, evidence: Evidence, found: Subjects) -> Report:
    rows: list[tuple[Any, ...]] = [
        (TITLES[row["method"]], row["score"], _interval(row))
        for row in subject_rows(evidence)
    ]
    for column in ("full", "pruned"):
        estimate = found.folds.estimate(column)
        name = f"{TITLES[column]}, subject left out"
        rows.append((name, estimate.mean, _interval(asdict(estimate))))
    ceiling = found.ceiling
    rows.append(("noise ceiling, lower", ceiling.lower, None))
    rows.append(("noise ceiling, upper", ceiling.upper, None))
    gain = found.folds.estimate("gain")
    return (
        page.paragraph(words.SUBJECTS)
        .table(
            ("", "mean score", "95 %"),
            rows,
            f"Scores with single subjects, mean of {found.bootstrap.n_subjects}",
        )
        .paragraph(
            "On subjects left out, pruning changes the score by "
            f"{number(gain.mean, sign=True)} (one-tailed p {p_text(gain.p_value)})."
        )
    )


def _settings(evidence: Evidence) -> dict[str, Any]:
    options, folds = evidence.options, evidence.methods.folds
    settings = evidence.permutation.settings
    squared = ", squared" if settings.objective == "r2" else ""
    repeats = "" if options.repeats == 1 else f", drawn {options.repeats} times"
    return {
        "conditions": folds.n_conditions,
        "units": folds.n_units,
        "score": f"{settings.metric} RDMs, {settings.compare}{squared}",
        "permutations": options.n_permutations,
        "bootstrap samples": options.n_samples,
        "folds": f"{options.n_folds} of held-out conditions{repeats}",
        "random sets": f"{options.n_random} a fold",
        "seed": options.seed,
        **package_versions(),
    }

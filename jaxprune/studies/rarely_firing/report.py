"""The report: our numbers beside the published ones, and what moves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...io.summary import package_versions
from ...report import Report
from ...report.numbers import number
from . import words
from .comparing import MAX_POZ, R2, levels, of_set
from .networks import BATCH_SIZE, LR
from .published import REFERENCE, SD_AT_10
from .results import RarelyFiring
from .tracking import KEPT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = {R2: "R² to all units", MAX_POZ: "Highest percentage of zeros"}
# Levels of the table of what is varied, and the one that the lead names.
SHOWN, NAMED = (90, 60, 30, 10), 60


def report(study: RarelyFiring, figures: Mapping[str, Figure]) -> Report:
    """Make the report.

    Parameters
    ----------
    study : RarelyFiring
    figures : mapping of str to Figure
        By the names of their files; those of experiments that were not done lack.

    Returns
    -------
    jaxprune.report.Report
    """
    page = Report("Units that fire rarely", lead(study)).heading("What was done")
    for text in words.METHOD:
        page = page.paragraph(text)
    if study.networks:
        page = _networks(page, study, figures)
    page = page.heading("Experiment 2: human similarities")
    page = _sets(page, study, figures) if study.sets else page.paragraph(words.NO_SETS)
    page = page.heading("What else to know").paragraph(words.SIGN)
    return page.heading("Settings").facts(_settings(study))


def lead(study: RarelyFiring) -> str:
    """What was found, in a sentence for each experiment."""
    parts = []
    if study.networks:
        (level,) = (one for one in levels(study, R2) if one.kept == NAMED)
        compared = level.compared
        parts.append(
            f"With {NAMED} % of the units of LeNet-5 kept, R² to all units is "
            f"{_rounded(compared.ours)} (mean of {len(study.trained)}); published: "
            f"{compared.published}; units drawn at random: {_rounded(level.random)}."
        )
    for one in study.sets:
        record = one.record
        kept = 100 * record["best_size"] / record["n_units"]
        parts.append(
            f"{one.name}: R² to the human matrix {_rounded(record['full'])} with all "
            f"units, {_rounded(record['best'])} at best, with {kept:.0f} % of them "
            f"(p = {_rounded(record['p_value'])})."
        )
    return " ".join(parts)


def _networks(
    page: Report, study: RarelyFiring, figures: Mapping[str, Figure]
) -> Report:
    page = page.heading("Experiment 1: LeNet-5 and its own RDM")
    page = page.paragraph(words.DOTS if study.dots else words.COMPARING)
    for which in (R2, MAX_POZ):
        rows = [
            (
                one.compared.name,
                *(one.compared.ours, one.sd, _shown(one.compared.published)),
                one.compared.difference,
                *((one.random,) if which == R2 else ()),
            )
            for one in levels(study, which)
        ]
        columns = "units", "ours", "SD", "published", "difference"
        page = page.table(
            (*columns, *(("random order",) if which == R2 else ())),
            rows,
            f"{NAMES[which]}, {study.images}, {_of(study)}",
            f"Published: {REFERENCE}; 50 networks, SD of R² at 10 %: {SD_AT_10}.",
        )
    page = page.paragraph(words.RANDOM).figure(
        figures["networks"], *words.FIGURES["networks"]
    )
    return _varied(page.heading("What moves the curve", 3), study)


def _varied(page: Report, study: RarelyFiring) -> Report:
    at = [KEPT.index(level) for level in SHOWN]
    rows = []
    for varied in study.varied:
        r2 = study.curves(R2, varied).mean(0)
        poz = study.curves(MAX_POZ, varied).mean(0)
        most = float(poz[KEPT.index(NAMED)])
        rows.append((varied, *map(float, r2[at]), None if np.isnan(most) else most))
    columns = (*(f"R², {level} %" for level in SHOWN), f"zeros, {NAMED} %")
    page = page.paragraph(words.VARYING).table(
        ("varied", *columns),
        rows,
        f"Curves by what is varied, {_of(study)}",
        f"zeros: highest percentage of zeros among {NAMED} % of the units.",
    )
    rows = [
        (
            one.name,
            *(100 * one.accuracy, float(np.mean(one.record["poz"]))),
            *map(float, one.curve()[at]),
        )
        for one in study.networks
    ]
    if not study.dots:
        page = page.paragraph(words.TRIALS)
    columns = (*(f"R², {level} %" for level in SHOWN),)
    return page.table(
        ("network", "right, %", "zeros, %", *columns),
        rows,
        "Every network",
        "right: of the test images. zeros: mean percentage over the units of fc2.",
    )


def _sets(page: Report, study: RarelyFiring, figures: Mapping[str, Figure]) -> Report:
    rows = []
    for one in study.sets:
        record = one.record
        rows.append(
            (
                one.name,
                *(record[name] for name in ("n_images", "n_units", "n_dead", "full")),
                *(record["best"], record["best_size"]),
                *(record["p_value"], record["p_standardized"]),
            )
        )
    page = page.table(
        ("set", "images", "units", "silent", "all", "best", "kept", "p", "p, in SD"),
        rows,
        "R² to human matrices",
        "silent: units that never fire. all, best: R² of all units, and of the best "
        f"part of them; kept: its size. p: {study.options.n_orders:,} random orders.",
    )
    page = page.paragraph(words.SIGNIFICANCE)
    for one in study.sets:
        if compared := of_set(one):
            note = f"Published: {REFERENCE}."
            page = page.comparison(compared, f"{one.name}: R²", note)
    page = page.figure(figures["sets"], *words.FIGURES["sets"])
    page = page.figure(figures["zeros"], *words.FIGURES["zeros"])
    pairs = study.pairs()
    if not pairs:
        return page
    return page.paragraph(words.JACCARD).table(
        ("sets", "kept", "in both", "Jaccard, kept", "chance", "Jaccard, dropped"),
        [
            (
                f"{first}, {second}",
                *(kept.n_first, kept.n_common, kept.jaccard),
                kept.expected_common / (2 * kept.n_first - kept.expected_common),
                dropped.jaccard,
            )
            for first, second, kept, dropped in pairs
        ],
        "Units that two sets of images have in common",
    )


def _settings(study: RarelyFiring) -> dict[str, Any]:
    options = study.options
    facts: dict[str, Any] = {}
    if study.networks:
        facts |= {
            "images": study.images,
            "seeds": ", ".join(map(str, options.seeds)) or "none",
            "given networks": ", ".join(options.weights) or "none",
        }
    if options.seeds:
        facts |= {
            "training images": f"at most {options.n_instances:,} of a class",
            "recipe": f"SGD at {LR:g}, momentum 0.9, batches of {BATCH_SIZE}, "
            f"{options.epochs} epochs",
        }
    for one in options.sets:
        facts[one.name] = f"{one.features}, {one.target}"
    return facts | package_versions()


def _of(study: RarelyFiring) -> str:
    n = len(study.trained)
    return "one network" if n == 1 else f"mean of {n} networks"


def _rounded(value: float | None) -> str:
    return "–" if value is None else number(value)


def _shown(published: Any) -> float | None:
    return None if published is None else float(published)

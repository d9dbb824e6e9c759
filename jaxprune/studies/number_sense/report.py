"""The report: our numbers beside the published ones, and what to make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...io.summary import package_versions
from ...report import Report
from . import sections, words
from .comparing import NASR, comparisons, emulated
from .networks import TRAINED
from .origin_figure import has_origin
from .published import KIM
from .published import NASR as NASR_PAPER
from .results import NumberSense

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def report(study: NumberSense, figures: Mapping[str, Figure]) -> Report:
    """Make the report.

    Parameters
    ----------
    study : NumberSense
    figures : mapping of str to Figure
        By the names of `words.DESCRIPTIONS`.

    Returns
    -------
    jaxprune.report.Report
    """
    page = Report("Number sense in networks", lead(study))
    page = page.heading("What was done")
    for text in words.METHOD:
        page = page.paragraph(text)
    page = _compared(page.heading("Beside the published numbers"), study)
    page = sections.units(page.heading("Selective units"), study)
    page = _drawn(page.paragraph(words.DOUBLE), figures, "tuning")
    page = sections.fits(page.paragraph(words.WEBER), study)
    page = page.heading("Number comparison")
    for text in words.COMPARISON:
        page = page.paragraph(text)
    page = sections.comparison(_drawn(page, figures, "tasks"), study)
    page = page.heading("Match-to-sample").paragraph(words.MATCHING)
    page = sections.matching(page, study)
    if any(map(has_origin, study.versions)):
        page = page.heading("Origin of tuning")
        for text in words.ORIGIN:
            page = page.paragraph(text)
        page = sections.origin(_drawn(page, figures, "origin"), study)
    page = page.heading("Settings").paragraph(words.MISSING)
    return page.facts(_settings(study))


def lead(study: NumberSense) -> str:
    """Shares of selective units, and what can be read from them."""
    parts = []
    for version in study.versions:
        text = (
            f"{version.title}: {_percent(version.share('nasr'))} of units are selective"
        )
        if version.has("compare_selective"):
            right = _percent(version.arrays("compare_selective"))
            pixels = _percent(version.arrays("compare_pixels"))
            text += f", and tell the larger of two numbers in {right} of pairs"
            text += f" (raw pixels: {pixels})"
        parts.append(text + ".")
    return " ".join(parts)


def _percent(values: Any) -> str:
    return f"{100 * float(np.mean(values)):.1f} %"


def _drawn(page: Report, figures: Mapping[str, Figure], name: str) -> Report:
    caption, alt = words.DESCRIPTIONS[name]
    return page.figure(figures[name], caption, alt)


def _compared(page: Report, study: NumberSense) -> Report:
    page = page.paragraph(words.COMPARING)
    for version in study.versions:
        if rows := comparisons(version, study.options):
            paper = NASR_PAPER if version.key[0] == NASR else KIM
            page = page.comparison(rows, version.title, f"Published: {paper}.")
            if version.key[0] == NASR and version.key[1] != TRAINED:
                page = page.paragraph(words.NASR_TRAINED)
        if rows := emulated(version):
            page = page.paragraph(words.EMULATED)
            page = page.table(
                ("quantity", "ours", "emulated", "difference"),
                [(row.name, row.ours, row.published, row.difference) for row in rows],
                f"{version.title}: fits beside an emulation",
                "Emulated by us, not published.",
            )
    return page


def _settings(study: NumberSense) -> dict[str, Any]:
    options = study.options
    trained = [f"{f.case}: {f.case.folder}" for f in study.found if f.case.folder]
    return {
        "networks": "; ".join(version.title for version in study.versions),
        **({"trained weights": "; ".join(trained)} if trained else {}),
        "seeds": ", ".join(map(str, options.seeds)),
        "images of a condition": f"{options.kim_images} (Kim), {options.nasr_images} "
        "(Nasr), and as many held out",
        "area-varying images": f"{options.area_images} of each of 16 numbers x 8 areas",
        "comparison": f"{options.n_draws} draws of units, {options.n_pairs} pairs of "
        "each number to train and to test",
        "match-to-sample": f"{options.n_repeats} repetitions",
        "summation model": f"{options.n_runs} runs",
        **package_versions(),
    }

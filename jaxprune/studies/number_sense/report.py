"""The report: our numbers beside the published ones, and what to make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...io.summary import package_versions
from ...report import Report
from . import words
from .comparing import NASR, by_congruency, comparisons, emulated, fits, mean
from .networks import TRAINED
from .origin_figure import has_origin
from .published import AXIS_NAMES, KIM
from .published import NASR as NASR_PAPER
from .running import NumberSense, Version
from .tables import READ_OUTS
from .tasks import GROUPS, QUANTITIES

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
    page = Report("Number sense in untrained networks", lead(study))
    page = page.heading("What was done")
    for text in words.METHOD:
        page = page.paragraph(text)
    page = _compared(page.heading("Beside the published numbers"), study)
    page = _units(page.heading("Selective units"), study)
    page = _drawn(page.paragraph(words.DOUBLE), figures, "tuning")
    page = _fits(page.paragraph(words.WEBER), study)
    page = page.heading("Number comparison")
    for text in words.COMPARISON:
        page = page.paragraph(text)
    page = _comparison(_drawn(page, figures, "tasks"), study)
    page = page.heading("Match-to-sample").paragraph(words.MATCHING)
    page = _matching(page, study)
    if any(map(has_origin, study.versions)):
        page = page.heading("Origin of tuning")
        for text in words.ORIGIN:
            page = page.paragraph(text)
        page = _origin(_drawn(page, figures, "origin"), study)
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
            caption = f"{version.title}: fits beside an emulation"
            page = page.comparison(rows, caption, "Emulated by us, not published.")
    return page


def _units(page: Report, study: NumberSense) -> Report:
    columns = ("network, seed", "units", "constant", "selective", "strict", "control")
    rows = []
    for version in study.versions:
        for found in version.found:
            record = found.record
            counts = (record[f"n_{rule}"] for rule in ("nasr", "kim_strict"))
            name = f"{version.title}, {found.case.seed}"
            others = record["n_units"], record["n_constant"]
            control = record["n_non_selective"], record.get("prefer_r")
            rows.append((name, *others, *counts, *control))
    return page.table(
        (*columns, "same preference"),
        rows,
        "Numbers of units",
        "constant: the same response to every image. control: units that respond to "
        "the set and not to number. same preference: correlation of the preferred "
        "numbers of selective units between both sets of images.",
    )


def _fits(page: Report, study: NumberSense) -> Report:
    kinds = {"tuning": "curves", "held_out": "held-out", "performance": "performance"}
    for version in study.versions:
        rows: list[list[Any]] = [[name] for name in AXIS_NAMES.values()]
        columns = ["axis"]
        for kind, name in kinds.items():
            if not version.has(f"{kind}_r2"):
                continue
            columns += [f"{name}, r²", f"{name}, growth"]
            r2, slopes = fits(version, kind)
            for row, axis in zip(rows, AXIS_NAMES, strict=True):
                row += [r2[axis], slopes[axis]]
        page = page.table(
            columns,
            rows,
            f"{version.title}: Gaussians fitted on four axes",
            "r²: mean over curves. growth: of sigma per item. performance: curves of "
            "match-to-sample.",
        )
    return page


def _comparison(page: Report, study: NumberSense) -> Report:
    signs = [f"{sign} {name}" for name in QUANTITIES for sign in ("with", "against")]
    for version in study.versions:
        columns = ["read from", "all pairs", "equal area"]
        note = "equal area: both images of control 1."
        if varied := version.has("area_pixels"):
            columns += ["area varied", *signs]
            note += (
                " area varied: images in which number and total area are crossed; with "
                "and against: pairs of these."
            )
        rows = []
        for group, name in GROUPS.items():
            if not version.has(f"compare_{group}"):
                continue
            shares = [
                mean(version.arrays(f"compare_{group}")),
                float(version.mean(f"compare_{group}_within")[1]),
            ]
            if varied:
                shares.append(mean(version.arrays(f"area_{group}")))
                shares += by_congruency(version, group).ravel().tolist()
            rows.append((name, *shares))
        caption = f"{version.title}: share of right answers, number comparison"
        page = page.table(columns, rows, caption, note)
    return page


def _matching(page: Report, study: NumberSense) -> Report:
    rows = [
        (
            version.title,
            *(
                mean(version.arrays(name)) if version.has(name) else None
                for name in READ_OUTS
            ),
        )
        for version in study.versions
    ]
    columns = ("network", *READ_OUTS.values())
    return page.table(columns, rows, "Share of right answers, match-to-sample")


def _origin(page: Report, study: NumberSense) -> Report:
    model = study.model
    few, many = slice(0, 3), slice(-3, None)
    bias = model["decreasing"] - model["increasing"]
    rows: list[tuple[Any, ...]] = [
        (version.title, *_shares(version), *_bias(version, few, many))
        for version in study.versions
        if has_origin(version)
    ]
    rows.append(
        ("summation model", None, None, mean(bias[:, few]), mean(bias[:, many]))
    )
    return page.table(
        ("network", "decreasing", "increasing", "bias, few", "bias, many"),
        rows,
        "Monotonic units, and their weights into tuned units",
        "decreasing, increasing: share of the units of the layer below. bias: weight "
        "from decreasing less that from increasing units, in SD, into units that "
        "prefer 1 to 4 and 26 to 30.",
    )


def _shares(version: Version) -> tuple[float, ...]:
    return tuple(
        mean([f.record[f"n_{kind}"] / f.record["n_below"] for f in version.found])
        for kind in ("decreasing", "increasing")
    )


def _bias(version: Version, *parts: slice) -> tuple[float, ...]:
    bias = version.mean("decreasing_weight") - version.mean("increasing_weight")
    return tuple(mean(bias[part]) for part in parts)


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

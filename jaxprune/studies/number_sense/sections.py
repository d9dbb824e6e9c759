"""Sections of the report: a table for each analysis."""

from __future__ import annotations

from typing import Any

from ...report import Report
from . import comparing
from .comparing import by_congruency, mean
from .origin_figure import has_origin
from .published import AXIS_NAMES
from .results import NumberSense, Version
from .tables import READ_OUTS
from .tasks import GROUPS, QUANTITIES


def units(page: Report, study: NumberSense) -> Report:
    """How many units every rule selects."""
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


def fits(page: Report, study: NumberSense) -> Report:
    """Gaussian fits of all kinds of curves."""
    kinds = {"tuning": "", "held_out": "held-out ", "performance": "match "}
    for version in study.versions:
        rows: list[list[Any]] = [[name] for name in AXIS_NAMES.values()]
        columns = ["axis"]
        for kind, name in kinds.items():
            if not version.has(f"{kind}_r2"):
                continue
            columns += [f"{name}r²", f"{name}growth"]
            r2, slopes = comparing.fits(version, kind)
            for row, axis in zip(rows, AXIS_NAMES, strict=True):
                row += [r2[axis], slopes[axis]]
        page = page.table(
            columns,
            rows,
            f"{version.title}: Gaussians fitted on four axes",
            "r²: mean over curves. growth: of sigma per item. held-out: curves of "
            "other images. match: performance curves of match-to-sample.",
        )
    return page


def comparison(page: Report, study: NumberSense) -> Report:
    """Accuracy of number comparison."""
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


def matching(page: Report, study: NumberSense) -> Report:
    """Accuracy of match-to-sample."""
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
    return page.table(
        ("network", "selective alone", "both", "selective silent", "others silent"),
        rows,
        "Share of right answers, match-to-sample",
        "both: as many selective as other units, of which one half is then silenced.",
    )


def origin(page: Report, study: NumberSense) -> Report:
    """Monotonic units and their weights."""
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

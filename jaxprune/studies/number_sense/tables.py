"""Tables: those that are files, one row a number, and those of the report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...numerosity import AXES
from ..framework import Found, Measured, rows_of
from ..framework.prose import Shown
from . import results
from .origin import KINDS
from .results import AXIS_NAMES, has, overall, title, versions
from .tasks import GROUPS, QUANTITIES, SETS
from .units import COUNTED, slope

Row = dict[str, Any]
# Curves to which Gaussians are fitted, and what their columns begin with.
FITTED = {"tuning": "", "held_out": "held-out ", "performance": "match "}
# Preferred numbers: the first three, 1 to 4, and the last three, 26 to 30.
FEW, MANY = slice(0, 3), slice(-3, None)
# Read-outs of match-to-sample, in words.
READ_OUTS = {
    "match": "selective units",
    "intact": "selective and other units",
    "silenced": "selective units silenced",
    "control": "other units silenced",
}


def unit_rows(found: Found) -> Iterator[Row]:
    """How many units every rule selects."""
    for one in found.having("network"):
        row = {name: one[name] for name in ("n_units", "n_constant")}
        for rule in COUNTED:
            row[f"n_{rule}"] = one[f"n_{rule}"]
            row[f"share_{rule}"] = one[f"n_{rule}"] / one["n_units"]
        yield {**_about(one), **row, "prefer_r": one.content.get("prefer_r")}


def tuning_rows(found: Found) -> Iterator[Row]:
    """Tuning curves by preferred number, for the same images and for others."""
    for one in found.having("network"):
        levels = one["levels"]
        absent = [[None] * len(levels)] * len(levels)
        for i, (prefers, count) in enumerate(
            zip(levels.tolist(), one["preferring"].tolist(), strict=True)
        ):
            yield from rows_of(
                {**_about(one), "prefers": prefers, "n_units": count},
                number=levels,
                response=one["curves"][i],
                se=one["curves_se"][i],
                held_out=one.content.get("held_out", absent)[i],
                held_out_se=one.content.get("held_out_se", absent)[i],
            )


def fit_rows(found: Found) -> Iterator[Row]:
    """Gaussian fits on four axes."""
    for one in found.having("network"):
        for kind in FITTED:
            if f"{kind}_r2" not in one.content:
                continue
            r2, sigmas = one[f"{kind}_r2"], one[f"{kind}_sigma"]
            yield from rows_of(
                {**_about(one), "curves": kind},
                axis=AXES,
                n_curves=np.isfinite(r2).sum(1),
                mean_r2=mean_of_defined(r2, 1),
                sigma_slope=[slope(one["levels"], sigma) for sigma in sigmas],
            )


def comparison_rows(found: Found) -> Iterator[Row]:
    """Accuracy of number comparison, over all pairs and over some."""
    for one in found.having("network"):
        for group, units in GROUPS.items():
            for images, pairs, values in _compared(one, group):
                place = {"images": images, "units": units, "pairs": pairs}
                yield {**_about(one), **place, **_spread(values)}


def _compared(one: Measured, group: str) -> Iterator[tuple[str, str, Any]]:
    """Images, pairs, and the accuracy of a group, as far as it was measured."""
    if f"compare_{group}" in one.content:
        images, of = "three sets", f"compare_{group}"
        yield images, "all", one[of]
        for name, value in zip(SETS, one[f"{of}_within"], strict=True):
            yield images, f"within {name}", value
        for d, value in zip(one["distance"], one[f"{of}_distance"], strict=True):
            yield images, f"distance {d:g}", value
    if f"area_{group}" in one.content:
        images, of = "area-varying", f"area_{group}"
        yield images, "all", one[of]
        for kind in ("congruent", "incongruent"):
            for name, values in zip(QUANTITIES, one[f"{of}_{kind}"], strict=True):
                yield images, f"{kind} with {name}", values


def matching_rows(found: Found) -> Iterator[Row]:
    """Accuracy of match-to-sample."""
    for one in found.having("network"):
        for name, units in READ_OUTS.items():
            if name in one.content:
                yield {**_about(one), "units": units, **_spread(one[name])}


def performance_rows(found: Found) -> Iterator[Row]:
    """Share of "same" by sample and test number."""
    for one in found.having("network"):
        levels = one["levels"]
        if "performance" in one.content:
            for sample, same in zip(levels.tolist(), one["performance"], strict=True):
                yield from rows_of(
                    {**_about(one), "sample": sample}, test=levels, same=same
                )


def origin_rows(found: Found) -> Iterator[Row]:
    """Monotonic units below, their weights, and the summation model."""
    model = results.model(found)
    for one in chain(*results.with_origin(found)):
        columns: Row = {"number": one["levels"]}
        for kind in KINDS:
            columns[f"{kind}_response"] = one[f"{kind}_curve"]
            columns[f"{kind}_weight"] = one[f"{kind}_weight"]
            columns[f"{kind}_weight_model"] = list(map(mean_of_defined, model[kind].T))
        columns["share_model"] = [share.mean() for share in model["share"].T]
        yield from rows_of(_about(one), **columns)


def _about(one: Measured) -> Row:
    return {name: one.about[name] for name in ("network", "version", "seed")}


def _spread(values: Any) -> Row:
    """Mean over draws and their SD; empty where there is only the mean."""
    array = np.atleast_1d(values)
    sd = float(array.std(ddof=1)) if len(array) > 1 else None
    return {"accuracy": float(array.mean()), "sd": sd}


def unit_table(found: Found) -> Shown:
    """How many units every rule selects."""
    columns = ("network, seed", "units", "constant", "selective", "strict", "control")
    names = "n_units", "n_constant", *(f"n_{rule}" for rule in COUNTED), "prefer_r"
    rows = [
        (f"{title(version)}, {one.about['seed']}", *map(one.content.get, names))
        for version in versions(found)
        for one in version
    ]
    return Shown((*columns, "same preference"), rows)


def emulated_table(version: Found) -> Shown:
    """Share and fits beside those of an emulation."""
    rows = results.emulated(version)
    return Shown(
        ("quantity", "ours", "emulated", "difference"),
        [(row.name, row.ours, row.published, row.difference) for row in rows],
    )


def fit_table(version: Found) -> Shown:
    """Gaussian fits of all kinds of curves."""
    kinds = [kind for kind in FITTED if has(version, f"{kind}_r2")]
    heads = [f"{FITTED[kind]}{name}" for kind in kinds for name in ("r²", "growth")]
    fits = [values for kind in kinds for values in results.fits(version, kind)]
    rows = [
        (name, *(values[axis] for values in fits)) for axis, name in AXIS_NAMES.items()
    ]
    return Shown(("axis", *heads), rows)


def comparison_table(version: Found) -> Shown:
    """Accuracy of number comparison."""
    columns, varied = ["read from", "all pairs", "equal area"], has_varied(version)
    if varied:
        signs = [(f"with {name}", f"against {name}") for name in QUANTITIES]
        columns += ["area varied", *chain(*signs)]
    rows = []
    for group, name in GROUPS.items():
        if not has(version, f"compare_{group}"):
            continue
        within = results.mean(version, f"compare_{group}_within")
        row = [name, overall(version, f"compare_{group}"), float(within[1])]
        if varied:
            pairs = results.by_congruency(version, group).ravel().tolist()
            row += [overall(version, f"area_{group}"), *pairs]
        rows.append(tuple(row))
    return Shown(tuple(columns), rows)


def has_varied(version: Found) -> bool:
    """Whether numbers were compared in images of several total areas."""
    return has(version, "area_pixels")


def matching_table(found: Found) -> Shown:
    """Accuracy of match-to-sample."""
    columns = "network", "selective alone", "both", "selective silent", "others silent"
    rows = [
        (title(version), *(overall(version, name) for name in READ_OUTS))
        for version in versions(found)
    ]
    return Shown(columns, rows)


def origin_table(found: Found) -> Shown:
    """Monotonic units, and the weights from them: into units that prefer few, many."""

    def biases(weights: list[np.ndarray]) -> list[float]:
        decreasing, increasing = weights
        bias = decreasing - increasing
        return [float(mean_of_defined(bias[..., of])) for of in (FEW, MANY)]

    rows: list[tuple[Any, ...]] = [
        (
            title(version),
            *(results.share(version, f"n_{kind}", "n_below") for kind in KINDS),
            *biases([results.mean(version, f"{kind}_weight") for kind in KINDS]),
        )
        for version in results.with_origin(found)
    ]
    of_model = biases([results.model(found)[kind] for kind in KINDS])
    rows.append(("summation model", None, None, *of_model))
    return Shown(("network", *KINDS, "bias, few", "bias, many"), rows)

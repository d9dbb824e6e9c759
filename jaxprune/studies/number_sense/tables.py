"""Tables of the study, one row a number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...numerosity import AXES
from .measuring import Found
from .origin import KINDS
from .results import NumberSense
from .tasks import GROUPS, QUANTITIES
from .widths import slope

Row = dict[str, Any]
SETS = ("standard", "control1", "control2")
# Read-outs of match-to-sample, in words.
READ_OUTS = {
    "match": "selective units",
    "intact": "selective and other units",
    "silenced": "selective units silenced",
    "control": "other units silenced",
}


def units(study: NumberSense) -> Iterator[Row]:
    """How many units every rule selects."""
    for found in study.found:
        record = found.record
        row: Row = {**_case(found), "n_units": record["n_units"]}
        row["n_constant"] = record["n_constant"]
        for rule in ("nasr", "kim_strict", "non_selective"):
            row[f"n_{rule}"] = record[f"n_{rule}"]
            row[f"share_{rule}"] = record[f"n_{rule}"] / record["n_units"]
        yield row | {"prefer_r": record.get("prefer_r")}


def tuning(study: NumberSense) -> Iterator[Row]:
    """Tuning curves by preferred number, for the same images and for others."""
    columns = {
        "response": "curves",
        "se": "curves_se",
        "held_out": "held_out",
        "held_out_se": "held_out_se",
    }
    for found in study.found:
        levels = found.arrays["levels"].tolist()
        for i, prefers in enumerate(levels):
            count = int(found.arrays["preferring"][i])
            for j, number in enumerate(levels):
                values = {
                    column: float(found.arrays[name][i, j])
                    for column, name in columns.items()
                    if name in found.arrays
                }
                yield {
                    **_case(found),
                    "prefers": prefers,
                    "n_units": count,
                    "number": number,
                    **{column: values.get(column, "") for column in columns},
                }


def fits(study: NumberSense) -> Iterator[Row]:
    """Gaussian fits on four axes."""
    for found in study.found:
        levels = found.arrays["levels"]
        for kind in ("tuning", "held_out", "performance"):
            if f"{kind}_r2" not in found.arrays:
                continue
            for row, axis in enumerate(AXES):
                r2 = found.arrays[f"{kind}_r2"][row]
                defined = r2[np.isfinite(r2)]
                yield {
                    **_case(found),
                    "curves": kind,
                    "axis": axis,
                    "n_curves": len(defined),
                    "mean_r2": float(defined.mean()) if len(defined) else "",
                    "sigma_slope": slope(levels, found.arrays[f"{kind}_sigma"][row]),
                }


def comparison(study: NumberSense) -> Iterator[Row]:
    """Accuracy of number comparison, over all pairs and over some."""
    for found in study.found:
        arrays = found.arrays
        for group in GROUPS:
            if f"compare_{group}" not in arrays:
                continue
            everything = arrays[f"compare_{group}"]
            yield _accuracy(found, "three sets", group, "all", everything)
            within = arrays[f"compare_{group}_within"]
            for name, value in zip(SETS, within, strict=True):
                yield _accuracy(found, "three sets", group, f"within {name}", value)
            by_distance = arrays[f"compare_{group}_distance"]
            for d, value in zip(arrays["distance"], by_distance, strict=True):
                yield _accuracy(found, "three sets", group, f"distance {d:g}", value)
            if f"area_{group}" not in arrays:
                continue
            everything = arrays[f"area_{group}"]
            yield _accuracy(found, "area-varying", group, "all", everything)
            for kind in ("congruent", "incongruent"):
                both = arrays[f"area_{group}_{kind}"]
                for name, values in zip(QUANTITIES, both, strict=True):
                    pairs = f"{kind} with {name}"
                    yield _accuracy(found, "area-varying", group, pairs, values)


def matching(study: NumberSense) -> Iterator[Row]:
    """Accuracy of match-to-sample."""
    for found in study.found:
        for name, units in READ_OUTS.items():
            if name in found.arrays:
                values = found.arrays[name]
                yield {**_case(found), "units": units, **_spread(values)}


def performance(study: NumberSense) -> Iterator[Row]:
    """Share of "same" by sample and test number."""
    for found in study.found:
        levels = found.arrays["levels"].tolist()
        for sample, row in zip(
            levels, found.arrays.get("performance", ()), strict=False
        ):
            for test, same in zip(levels, row.tolist(), strict=True):
                yield {**_case(found), "sample": sample, "test": test, "same": same}


def origin(study: NumberSense) -> Iterator[Row]:
    """Monotonic units below, their weights, and the summation model."""
    model = study.model
    for found in study.found:
        if f"{KINDS[0]}_weight" not in found.arrays:
            continue
        for i, number in enumerate(found.arrays["levels"].tolist()):
            row: Row = {**_case(found), "number": number}
            for kind in KINDS:
                row[f"{kind}_response"] = float(found.arrays[f"{kind}_curve"][i])
                row[f"{kind}_weight"] = float(found.arrays[f"{kind}_weight"][i])
                row[f"{kind}_weight_model"] = float(np.nanmean(model[kind][:, i]))
            yield row | {"share_model": float(model["share"][:, i].mean())}


TABLES: dict[str, Callable[[NumberSense], Iterator[Row]]] = {
    "units": units,
    "tuning": tuning,
    "fits": fits,
    "comparison": comparison,
    "matching": matching,
    "performance": performance,
    "origin": origin,
}


def _case(found: Found) -> Row:
    case = found.case
    return {"network": case.network, "version": case.version, "seed": case.seed}


def _accuracy(found: Found, images: str, group: str, pairs: str, values: Any) -> Row:
    place = {"images": images, "units": GROUPS[group], "pairs": pairs}
    return {**_case(found), **place, **_spread(values)}


def _spread(values: Any) -> Row:
    """Mean over draws and their SD; empty where there is only the mean."""
    array = np.atleast_1d(values)
    sd = float(array.std(ddof=1)) if len(array) > 1 else ""
    return {"accuracy": float(array.mean()), "sd": sd}

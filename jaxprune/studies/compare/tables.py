"""Tables of targets, of their pairs, and of what each set is worth for the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...report.numbers import number
from ..framework import rows_of
from ..framework.prose import Shown
from .measure import Compared

ALL_UNITS = "all units"


def target_rows(compared: Compared) -> Iterator[dict[str, Any]]:
    """A row for each target: subjects, scores in-sample, units retained."""
    found = compared.targets
    return rows_of(
        {},
        target=found.names,
        subjects=found.n_subjects,
        full=found.full,
        pruned=found.pruned,
        retained=[len(units) for units in found.retained],
    )


def pair_rows(compared: Compared) -> Iterator[dict[str, Any]]:
    """A row for each pair of targets: overlap, chance, swapped subjects, specificity.

    ``p_swapped`` is the chance that groups drawn from all subjects retain sets that
    differ as much. ``specificity`` is how much better a set fits its own target than
    the other set does, on held-out conditions.
    """
    found = compared.targets
    for i, j in found.pairs:
        common, own = found.overlap(i, j), found.specificity(i, j)
        null = found.null.get((i, j), np.empty(0))
        yield {
            "first": found.names[i],
            "second": found.names[j],
            "n_first": common.n_first,
            "n_second": common.n_second,
            "n_common": common.n_common,
            "overlap": common.coefficient,
            "chance": common.chance,
            "p_chance": common.p,
            "jaccard": common.jaccard,
            "jaccard_swapped": float(np.median(null)) if len(null) else np.nan,
            "p_swapped": found.p_value(i, j),
            "n_swaps": len(null),
            "specificity": own.mean,
            "specificity_low": own.low,
            "specificity_high": own.high,
            "specificity_p": own.p_value,
        }


def transfer_rows(compared: Compared) -> Iterator[dict[str, Any]]:
    """A row for each set and target: mean score on held-out conditions, interval."""
    found = compared.targets
    for i, chosen_for in enumerate((*found.names, ALL_UNITS)):
        for j, scored_on in enumerate(found.names):
            mean = found.estimate(i, j)
            yield {
                "chosen_for": chosen_for,
                "scored_on": scored_on,
                "held_out": mean.mean,
                "low": mean.low,
                "high": mean.high,
                "undefined_folds": mean.n_undefined,
            }


def unit_rows(compared: Compared) -> Iterator[dict[str, Any]]:
    """A row for each unit: 1 for each target that retains it."""
    found = compared.targets
    columns = {}
    for name, units in zip(found.names, found.retained, strict=True):
        columns[f"retained {name}"] = np.isin(np.arange(found.n_units), units).astype(
            int
        )
    return rows_of({}, unit=range(found.n_units), **columns)


def swap_rows(compared: Compared) -> Iterator[dict[str, Any]]:
    """A row for each swap of subjects: Jaccard index of both sets."""
    found = compared.targets
    for (i, j), null in found.null.items():
        about = {"first": found.names[i], "second": found.names[j]}
        yield from rows_of(about, swap=range(len(null)), jaccard=null)


def targets(compared: Compared) -> Shown:
    """Targets, for the report."""
    rows = [tuple(row.values()) for row in target_rows(compared)]
    return Shown(("target", "subjects", ALL_UNITS, "retained", "units retained"), rows)


def pairs(compared: Compared) -> Shown:
    """Pairs of targets, for the report."""
    columns = {
        "first": "first",
        "second": "second",
        "n_common": "in common",
        "overlap": "overlap",
        "chance": "chance",
        "jaccard": "Jaccard",
        "jaccard_swapped": "swapped",
        "p_swapped": "p",
        "specificity": "specificity",
        "specificity_p": "p of it",
    }
    rows = [tuple(row[name] for name in columns) for row in pair_rows(compared)]
    return Shown(tuple(columns.values()), rows)


def transfer(compared: Compared) -> Shown:
    """Held-out scores: a row for each set, a column for each target."""
    found, wide = compared.targets, {}
    for row in transfer_rows(compared):
        wide.setdefault(row["chosen_for"], []).append(row["held_out"])
    rows = [(name, *means) for name, means in wide.items()]
    return Shown(("units chosen for", *found.names), rows)


def lead(compared: Compared) -> str:
    """Say what was found of each pair."""
    return " ".join(map(_said, pair_rows(compared)))


def _said(row: dict[str, Any]) -> str:
    common = (
        f"{row['first']} and {row['second']} share {row['n_common']:,} units: overlap "
        f"{number(row['overlap'])}, chance {number(row['chance'])}."
    )
    if not np.isnan(row["p_swapped"]):
        common += (
            f" When their subjects are swapped, sets differ as much with "
            f"p {number(row['p_swapped'])}."
        )
    return common + (
        " On held-out conditions, the right set is worth "
        f"{number(row['specificity'], sign=True)} more than the other one "
        f"(p {number(row['specificity_p'])})."
    )

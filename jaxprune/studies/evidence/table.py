"""The numbers of every method, in one row each."""

from __future__ import annotations

from typing import Any

from ...inference.methods import (
    FULL,
    METHODS,
    NONNEGATIVE,
    PRUNED,
    RANDOM,
    REWEIGHTED,
    ZEROS,
)
from .running import Evidence

TITLES = {
    FULL: "all units",
    PRUNED: "pruned",
    ZEROS: "rarely firing left out",
    RANDOM: "random units, as many",
    REWEIGHTED: "reweighted",
    NONNEGATIVE: "reweighted, weights >= 0",
}
assert set(TITLES) == set(METHODS)

Row = dict[str, Any]


def method_rows(evidence: Evidence) -> list[Row]:
    """A row for each method; None where there is no such number.

    ``low`` and ``high`` are ends of 95 % intervals: in-sample by the bootstrap over
    conditions, held out by Student's t over folds, corrected for their overlap.
    ``p`` is that of the permutation test, ``gain`` the held-out score less that of all
    units; folds without a score are counted, and left out.
    """
    methods, permutation = evidence.methods, evidence.permutation
    p = {FULL: permutation.p_full, PRUNED: permutation.p_value}
    spread = dict(
        zip(evidence.bootstrap.names, evidence.bootstrap.interval(), strict=True)
    )
    rows = []
    for name in methods.names:
        low, high = spread.get(name, (None, None))
        held_out = methods.estimate(name)
        gain = None
        if name != FULL and FULL in methods.names:
            gain = methods.estimate(name, over=FULL)
        rows.append(
            {
                "method": name,
                "units": methods.n_units[name],
                "in_sample": methods.in_sample[name],
                "in_sample_low": low,
                "in_sample_high": high,
                "p": p.get(name),
                "held_out": held_out.mean,
                "held_out_low": held_out.low,
                "held_out_high": held_out.high,
                "undefined_folds": held_out.n_undefined,
                "gain": gain and gain.mean,
                "gain_low": gain and gain.low,
                "gain_high": gain and gain.high,
                "gain_p": gain and gain.p_value,
            }
        )
    return rows


def fold_rows(evidence: Evidence) -> list[Row]:
    """A row for each fold and for each subject left out.

    Scores of pruning, and held-out ones of its rivals, which have no subjects left out.
    """
    methods = evidence.methods
    rivals = [name for name in methods.names if name not in (FULL, PRUNED)]
    rows = [
        row | {name: float(methods.held_out[name][number]) for name in rivals}
        for number, row in enumerate(methods.folds.rows())
    ]
    if evidence.subjects is not None:
        without = dict.fromkeys(rivals)
        rows += [row | without for row in evidence.subjects.folds.rows()]
    return rows


def subject_rows(evidence: Evidence) -> list[Row]:
    """A row for each method: mean score over subjects, in-sample, and its interval."""
    if evidence.subjects is None:
        return []
    found = evidence.subjects.bootstrap
    return [
        {"method": name, "score": score, "low": low, "high": high}
        for name, score, (low, high) in zip(
            found.names, found.scores, found.interval(), strict=True
        )
    ]


def permutation_rows(evidence: Evidence) -> list[Row]:
    """A row for each permutation."""
    found = evidence.permutation
    columns = {
        "full": found.null_full,
        "pruned": found.null,
        "gain": found.null_gain,
        "size": found.null_sizes,
    }
    cells = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in cells]

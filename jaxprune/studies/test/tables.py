"""Tables: those that are files, and those of the report, with the words in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ...base.facts import p_text
from ...base.means import mean_of_defined
from ...inference.methods import (
    FULL,
    METHODS,
    NONNEGATIVE,
    PRUNED,
    RANDOM,
    REWEIGHTED,
    ZEROS,
)
from ...report.numbers import number
from ..framework import rows_of
from ..framework.prose import Shown
from .measure import Tested

TITLES = {
    FULL: "all units",
    PRUNED: "pruned",
    ZEROS: "rarely firing left out",
    RANDOM: "random units, as many",
    REWEIGHTED: "reweighted",
    NONNEGATIVE: "reweighted, weights >= 0",
}
assert set(TITLES) == set(METHODS)
# What is said of a rival where it is compared.
RIVALS = {
    ZEROS: "Rarely firing units are left out by their percentage of zeros; how many "
    "is chosen by the target.",
    RANDOM: "Random sets are as large as the pruned one.",
    REWEIGHTED: "Reweighting gives every unit a weight by ridge regression on the "
    "products of pairs of conditions.",
    NONNEGATIVE: "With weights of at least 0, no unit counts against its own "
    "similarities.",
}

Row = dict[str, Any]


def method_rows(tested: Tested) -> list[Row]:
    """A row for each method: scores, intervals, p values.

    None where there is no such number. ``low`` and ``high`` are ends of 95 %
    intervals: in-sample by the bootstrap over conditions, held out by Student's t over
    folds, corrected for their overlap. ``p`` is that of the permutation test, ``gain``
    the held-out score less that of all units; folds without a score are counted, and
    left out.
    """
    methods, permutation = tested.methods, tested.permutation
    p = {FULL: permutation.p_full, PRUNED: permutation.p_value}
    spread = dict(zip(tested.bootstrap.names, tested.bootstrap.interval(), strict=True))
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


def fold_rows(tested: Tested) -> list[Row]:
    """A row for each fold and for each subject left out.

    Scores of pruning, and held-out ones of its rivals, which have no subjects left out.
    """
    methods = tested.methods
    rivals = [name for name in methods.names if name not in (FULL, PRUNED)]
    rows = [
        row | {name: float(methods.held_out[name][number]) for name in rivals}
        for number, row in enumerate(methods.folds.rows())
    ]
    if tested.subjects is not None:
        without = dict.fromkeys(rivals)
        rows += [row | without for row in tested.subjects.folds.rows()]
    return rows


def subject_rows(tested: Tested) -> list[Row]:
    """A row for each method: mean score over subjects, in-sample, and its interval."""
    if tested.subjects is None:
        return []
    found = tested.subjects.bootstrap
    return [
        {"method": name, "score": score, "low": low, "high": high}
        for name, score, (low, high) in zip(
            found.names, found.scores, found.interval(), strict=True
        )
    ]


def permutation_rows(tested: Tested) -> list[Row]:
    """A row for each permutation."""
    found = tested.permutation
    null = {"full": found.null_full, "pruned": found.null}
    return [*rows_of({}, **null, gain=found.null_gain, size=found.null_sizes)]


def lead(tested: Tested) -> str:
    """What was found, in two or three sentences."""
    found, methods = tested.permutation, tested.methods
    kept, n = (number(methods.n_units[name]) for name in (PRUNED, FULL))
    units = f"{kept} of {n} units"
    if tested.grouped:
        groups = f"{number(found.best_size)} of {number(tested.n_ranked)} groups"
        units = f"{groups} ({units})"
    text = (
        f"Pruning keeps {units} and raises the score from "
        f"{number(found.full_score)} to {number(found.best_score)}; the same pruning "
        f"for shuffled conditions scores as high with p {p_text(found.p_value)}."
    )
    gain = methods.folds.estimate("gain")
    return (
        f"{text} On held-out conditions it changes the score by "
        f"{number(gain.mean, sign=True)} (95 % interval {number(gain.low, sign=True)} "
        f"to {number(gain.high, sign=True)}, one-tailed p {p_text(gain.p_value)})."
    )


def in_sample(tested: Tested) -> Shown:
    """Scores on the conditions that a method was fitted on."""
    rows = [
        (
            *(TITLES[row["method"]], row["units"], row["in_sample"]),
            *(_interval(row, "in_sample"), row["p"]),
        )
        for row in method_rows(tested)
    ]
    return Shown(("method", "units", "score", "95 %", "p"), rows)


def held_out(tested: Tested) -> Shown:
    """Scores on held-out conditions."""
    rows = [
        (
            *(TITLES[row["method"]], row["held_out"], _interval(row, "held_out")),
            *(row["gain"], _interval(row, "gain"), row["gain_p"]),
        )
        for row in method_rows(tested)
    ]
    return Shown(("method", "score", "95 %", "gain", "95 %", "p"), rows)


def _interval(row: Mapping[str, Any], column: str = "") -> str | None:
    """Ends of an interval, from columns ``low`` and ``high`` of a row."""
    low, high = (row["_".join(filter(None, (column, end)))] for end in ("low", "high"))
    return None if low is None else f"{number(low)} to {number(high)}"


def undefined(tested: Tested) -> dict[str, str]:
    """Methods without a score in some folds, and what that means."""
    k = len(tested.methods.folds.full)
    return {
        TITLES[row["method"]]: f"{row['undefined_folds']} of {k} folds have no score, "
        "since a held-out condition has no pattern over the units in use. They are "
        "left out, which may flatter the method; --undefined zero gives every fold a "
        "score."
        for row in method_rows(tested)
        if row["undefined_folds"]
    }


def without_score(tested: Tested) -> list[str]:
    """Methods without a score in some folds, and those that were not compared."""
    return [
        *(f"{name.capitalize()}: {why}" for name, why in undefined(tested).items()),
        *(
            f"Not compared: {TITLES[name]} ({why})."
            for name, why in tested.methods.left_out.items()
        ),
    ]


def permutations(tested: Tested) -> Shown:
    """Scores for shuffled conditions."""
    found = tested.permutation
    kinds = (
        (TITLES[FULL], found.full_score, found.null_full, found.p_full),
        (TITLES[PRUNED], found.best_score, found.null, found.p_value),
        ("gain", found.gain, found.null_gain, found.p_gain),
    )
    rows = [
        (name, observed, mean_of_defined(null), _high(null), p)
        for name, observed, null, p in kinds
    ]
    columns = "score of", "observed", "shuffled, mean", "highest 5 % from", "p"
    return Shown(columns, rows)


def _high(null: np.ndarray) -> float:
    """Where the highest 5 % of the defined scores begin."""
    defined = null[~np.isnan(null)]
    return float(np.quantile(defined, 0.95)) if len(defined) else np.nan


def stability(tested: Tested) -> dict[str, str]:
    """How far the units retained in different folds agree."""
    folds = tested.methods.folds
    found = folds.stability
    sizes = f"{number(int(folds.sizes.min()))} to {number(int(folds.sizes.max()))}"
    return {
        "units retained in a fold": sizes,
        "overlap of two folds, mean": f"{number(found.coefficient)}, by chance "
        f"{number(found.chance)}",
        "Jaccard index, mean": number(found.jaccard),
        "units retained in every fold": number(len(found.always)),
    }


def subjects(tested: Tested) -> Shown:
    """Scores with single subjects, and what these agree on."""
    found = tested.subjects
    assert found is not None
    rows: list[tuple[Any, ...]] = [
        (TITLES[row["method"]], row["score"], _interval(row))
        for row in subject_rows(tested)
    ]
    for column in (FULL, PRUNED):
        estimate = found.folds.estimate(column)
        name = f"{TITLES[column]}, subject left out"
        rows.append((name, estimate.mean, _interval(asdict(estimate))))
    rows.append(("noise ceiling, lower", found.ceiling.lower, None))
    rows.append(("noise ceiling, upper", found.ceiling.upper, None))
    return Shown(("", "mean score", "95 %"), rows)


def subject_gain(tested: Tested) -> str:
    """How much pruning changes the score on subjects left out."""
    assert tested.subjects is not None
    gain = tested.subjects.folds.estimate("gain")
    return f"{number(gain.mean, sign=True)} (one-tailed p {p_text(gain.p_value)})"

"""Tables: those that are files, and those of the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...report.numbers import number
from ..framework import Found, rows_of
from ..framework.prose import Shown
from . import results
from .results import MAX_POZ, R2, levels
from .tracking import KEPT

# Levels of the tables of curves, and the one that the lead names.
SHOWN, NAMED = (90, 60, 30, 10), 60
AT = [KEPT.index(level) for level in SHOWN]
Row = dict[str, Any]


def network_rows(found: Found) -> Iterator[Row]:
    """Experiment 1: one row for each network, curve and level."""
    for one in found.having("network"):
        about = {"network": one.about["network"], "accuracy": results.accuracy(one)}
        for name, curve in one["curves"].items():
            of = {**about, "curve": name}
            yield from rows_of(of, percent_kept=KEPT, **curve)


def set_rows(found: Found) -> Iterator[Row]:
    """Experiment 2: one row for each set and size."""
    for one in found.having("set"):
        yield from rows_of(
            one.about,
            n_kept=one["sizes"],
            percent_kept=results.percent_kept(one),
            r2=one["curve"],
            random_mean=one["null_mean"],
            random_low=one["null_low"],
            random_high=one["null_high"],
            **{f"r2_{name}": one[f"curve_{name}"] for name in one["criteria"]},
        )


def unit_rows(found: Found) -> Iterator[Row]:
    """Experiment 2: one row for each set and unit."""
    for one in found.having("set"):
        kept, units = results.kept(one).astype(int), range(one["n_units"])
        yield from rows_of(one.about, unit=units, poz=one["poz"], kept=kept)


def overlap_rows(found: Found) -> Iterator[Row]:
    """Experiment 2: one row for any two sets."""
    for first, second, kept, dropped in results.pairs(found):
        yield {
            "first": first,
            "second": second,
            "n_kept": kept.n_first,
            "n_common": kept.n_common,
            "expected_common": kept.expected_common,
            "jaccard_kept": kept.jaccard,
            "jaccard_dropped": dropped.jaccard,
        }


def lead(found: Found) -> str:
    """What was found, in a sentence for each experiment."""
    texts = []
    if found.having("network"):
        (level,) = (one for one in levels(found, R2) if one.kept == NAMED)
        compared = level.compared
        texts.append(
            f"With {NAMED} % of the units of LeNet-5 kept, R² to all units is "
            f"{_rounded(compared.ours)} (mean of {len(results.networks(found))}); "
            f"published: {compared.published}; units drawn at random: "
            f"{_rounded(level.random)}."
        )
    for one in found.having("set"):
        kept = 100 * one["best_size"] / one["n_units"]
        texts.append(
            f"{one.about['set']}: R² to the human matrix {_rounded(one['full'])} with "
            f"all units, {_rounded(one['best'])} at best, with {kept:.0f} % of them "
            f"(p = {_rounded(one['p_value'])})."
        )
    return " ".join(texts)


def level_table(which: str, found: Found) -> Shown:
    """Every level of pruning, ours and published."""
    columns = ("units", "ours", "SD", "published", "difference")
    rows = []
    for one in levels(found, which):
        name, ours, published = (
            getattr(one.compared, part) for part in ("name", "ours", "published")
        )
        shown = None if published is None else float(published)
        row = (name, ours, one.sd, shown, one.compared.difference)
        rows.append((*row, one.random) if which == R2 else row)
    return Shown((*columns, "random order") if which == R2 else columns, rows)


def varied_table(found: Found) -> Shown:
    """Mean curves by what is varied."""
    rows = []
    for varied in results.varied(found):
        r2, poz = (
            results.curves(found, which, varied).mean(0) for which in (R2, MAX_POZ)
        )
        most = float(poz[KEPT.index(NAMED)])
        rows.append((varied, *map(float, r2[AT]), None if np.isnan(most) else most))
    return Shown(("varied", *_heads(), f"zeros, {NAMED} %"), rows)


def network_table(found: Found) -> Shown:
    """Every network."""
    rows = []
    for one in found.having("network"):
        right, zeros = 100 * results.accuracy(one), float(np.mean(one["poz"]))
        row = (one.about["network"], right, zeros)
        rows.append((*row, *map(float, results.curve(one)[AT])))
    return Shown(("network", "right, %", "zeros, %", *_heads()), rows)


def _heads() -> tuple[str, ...]:
    return tuple(f"R², {level} %" for level in SHOWN)


def set_table(found: Found) -> Shown:
    """Every set of images."""
    names = "n_images", "n_units", "n_dead", "full", "best", "best_size", "p_value"
    rows = [
        (one.about["set"], *(one[name] for name in (*names, "p_standardized")))
        for one in found.having("set")
    ]
    heads = "images", "units", "silent", "all", "best", "kept", "p", "p, in SD"
    return Shown(("set", *heads), rows)


def criteria_table(found: Found) -> Shown:
    """Every set of images, and every way of choosing units without the target."""
    rows = []
    for one in found.having("set"):
        for name, of in {"percentage of zeros": one, **one["criteria"]}.items():
            kept = 100 * of["best_size"] / one["n_units"]
            row = f"{one.about['set']}, {name}"
            rows.append((row, of["best"], kept, of["p_value"]))
    return Shown(("set, units by", "best", "kept, %", "p"), rows)


def overlap_table(found: Found) -> Shown:
    """Units that any two sets have in common."""
    rows = [
        (
            f"{first}, {second}",
            *(kept.n_first, kept.n_common, kept.jaccard),
            kept.expected_common / (2 * kept.n_first - kept.expected_common),
            dropped.jaccard,
        )
        for first, second, kept, dropped in results.pairs(found)
    ]
    heads = "kept", "in both", "Jaccard, kept", "chance", "Jaccard, dropped"
    return Shown(("sets", *heads), rows)


def _rounded(value: float | None) -> str:
    return "–" if value is None else number(value)

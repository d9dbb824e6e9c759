"""Figures: scores of every kind of vectors; units retained; transfer between sets."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ...plots import COLOURS, HEADING, heading, matrix
from ..framework import Found
from . import tables

BLUE, ORANGE, *_ = COLOURS
GREY = "0.55"
# Panels in a row.
ACROSS = 4


def scores_figure(found: Found) -> Figure:
    """Scores of all units and of those retained, in-sample and on held-out words."""
    rows = [*tables.score_rows(found)]
    sets, vectors = _names(rows, "set"), _names(rows, "vectors")
    width = 1.6 + max(2.2, 0.42 * len(vectors) + 1) * len(sets)
    drawn = Figure(figsize=(width, 4.2), dpi=150, layout="constrained")
    panels: Any = drawn.subplots(1, len(sets), squeeze=False, sharey=True)[0]
    for letter, axes, name in zip("abcdefgh", panels, sets, strict=False):
        own = [row for row in rows if row["set"] == name]
        place = np.arange(len(own))
        kinds = (
            ("full", "all units, in-sample", GREY, "o", -0.15, "none"),
            ("pruned", "pruned, in-sample", ORANGE, "o", -0.15, "none"),
            ("all_units", "all units, held out", GREY, "s", 0.15, GREY),
            ("held_out", "pruned, held out", BLUE, "s", 0.15, BLUE),
        )
        for column, label, colour, marker, shift, face in kinds:
            values = [row[column] for row in own]
            style: dict[str, Any] = {"color": colour, "mfc": face, "ms": 6, "ls": ""}
            axes.plot(place + shift, values, marker, label=label, **style)
        low, high = ([row[end] for row in own] for end in ("low", "high"))
        axes.vlines(place + 0.15, low, high, color=BLUE, lw=1.3)
        axes.set_xticks(place, vectors, rotation=35, ha="right", fontsize=8.5)
        axes.axhline(0, color="0.7", lw=0.8, zorder=0)
        heading(axes, letter, f"{name}, {own[0]['pairs']:,} pairs")
    panels[0].set_ylabel("score")
    handles, labels = panels[0].get_legend_handles_labels()
    drawn.legend(
        handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=9
    )
    return drawn


def retained_figure(found: Found) -> Figure:
    """Share of units retained beside the published one, and overlap beside chance."""
    rows, common = [*tables.score_rows(found)], [*tables.overlap_rows(found)]
    vectors = _names(rows, "vectors")
    place = {name: k for k, name in enumerate(vectors)}
    width = 2 * max(3.4, 0.5 * len(vectors) + 1.6) + 1
    drawn = Figure(figsize=(width, 4), dpi=150, layout="constrained")
    panels: Any = drawn.subplots(1, 2)
    low, high = map(float, str(tables.KNOWN.value(tables.SHARE)).split(" to "))
    panels[0].axhspan(low, high, color="0.9", lw=0, label="published, GloVe")
    for name, colour in zip(_names(rows, "set"), COLOURS, strict=False):
        own = [row for row in rows if row["set"] == name]
        at = [place[row["vectors"]] for row in own]
        share = [row["retained_percent"] for row in own]
        panels[0].plot(at, share, "o-", color=colour, lw=1, ms=5, label=name)
    panels[0].set_ylim(0, 100)
    panels[0].set_ylabel("units retained, %")
    heading(panels[0], "a", "share of units")
    pairs = dict.fromkeys((row["first"], row["second"]) for row in common)
    for pair, colour in zip(pairs, COLOURS, strict=False):
        own = [row for row in common if (row["first"], row["second"]) == pair]
        at = [place[row["vectors"]] for row in own]
        values = [row["coefficient"] for row in own]
        panels[1].plot(
            at, values, "o-", color=colour, lw=1, ms=5, label=", ".join(pair)
        )
        chance = [row["chance"] for row in own]
        panels[1].plot(at, chance, "_", color=colour, ms=11, mew=1.6)
    panels[1].set_ylim(0, 1.03)
    panels[1].set_ylabel("overlap (– by chance)")
    heading(panels[1], "b", "units of two sets")
    for axes in panels:
        axes.set_xticks(range(len(vectors)), vectors, rotation=35, ha="right")
        axes.tick_params(axis="x", labelsize=8.5)
        axes.margins(x=0.08)
        axes.legend(frameon=False, fontsize=8.5)
    return drawn


def transfer_figure(found: Found) -> Figure | None:
    """Held-out scores of units chosen for one set, with each."""
    shown = {
        name: tables.transfer(group)
        for (name,), group in found.groups("vectors").items()
    }
    values = {
        name: np.array([row[1:] for row in table.rows], float)
        for name, table in shown.items()
    }
    k = len(next(iter(shown.values())).rows)
    if k < 3:
        return None
    across = min(ACROSS, len(shown))
    down = -(-len(shown) // across)
    figsize = ((0.72 * k + 0.1) * across + 1.4, (0.75 * k + 0.6) * down + 0.4)
    drawn = Figure(figsize=figsize, dpi=150, layout="constrained")
    panels: Any = drawn.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    every = np.concatenate([table.ravel() for table in values.values()])
    limits = min(0.0, float(np.nanmin(every))), float(np.nanmax(every))
    for axes in panels.flat[len(shown) :]:
        axes.set_visible(False)
    for axes, (name, table) in zip(panels.flat, shown.items(), strict=False):
        rows = [str(row[0]) for row in table.rows]
        matrix(axes, values[name], rows, table.columns[1:], limits)
        axes.set_title(name, **HEADING)
    for axes in panels[:, 0]:
        axes.set_ylabel("units chosen for")
    return drawn


def _names(rows: list[dict[str, Any]], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in rows))

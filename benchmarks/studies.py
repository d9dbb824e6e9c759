"""Tables of studies in ``INFERENCE.md``: ``python -m benchmarks.studies NAME FOLDER``.

Reads what a study, or ``jaxprune compare``, wrote to a folder, and shows its main
tables in Markdown; ``--write`` puts them in their section of ``INFERENCE.md``.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from .machine import describe, line
from .report import put, table

Row = dict[str, str]


def rows_of(folder: Path, name: str) -> list[Row]:
    """Rows of one of the tables that a study wrote."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(folder: Path) -> list[str]:
    """Scores of every kind of vectors and set; transfer and overlap by pair of sets."""
    head = ["vectors, judgements", "units", "retained", "all", "pruned", "p"]
    head += ["all, held out", "pruned, held out", "gain", "p of it"]
    scores = []
    for row in rows_of(folder, "scores"):
        share = f"{int(row['retained'])} ({float(row['retained_percent']):.0f} %)"
        scores.append(
            [
                f"{row['vectors']}, {row['set']}",
                *(row["units"], share),
                *numbers(row, "full", "pruned", "p", "all_units", "held_out"),
                interval(row, "gain", "gain_low", "gain_high"),
                *numbers(row, "gain_p"),
            ]
        )
    pairs = {}
    for row in rows_of(folder, "transfer"):
        pairs.setdefault((row["chosen_for"], row["scored_on"]), []).append(row)
    gains = [
        [
            f"{chosen} on {scored}",
            signed(means(rows, "gain")),
            f"{sum(float(row['gain']) > 0 for row in rows)} of {len(rows)}",
            f"{sum(float(row['gain_p']) <= 0.05 for row in rows)}",
        ]
        for (chosen, scored), rows in pairs.items()
    ]
    common: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(folder, "overlaps"):
        common.setdefault((row["first"], row["second"]), []).append(row)
    overlap = [
        [
            f"{first}, {second}",
            f"{means(rows, 'coefficient'):.2f}",
            f"{means(rows, 'chance'):.2f}",
            f"{sum(float(row['p']) <= 0.05 for row in rows)} of {len(rows)}",
        ]
        for (first, second), rows in common.items()
    ]
    return [
        *table(head, scores),
        "",
        "Means over kinds of vectors, held out:",
        "",
        *table(["units chosen for, scored on", "gain", "above 0", "p <= .05"], gains),
        "",
        *table(["units of two sets", "overlap", "by chance", "p <= .05"], overlap),
    ]


def model_recovery(folder: Path) -> list[str]:
    """How often the right layer is found, over all layers and of each."""
    overall = [
        [
            f"{row['method']}, {row['scored']}",
            f"{float(row['reliability']):.3f}",
            f"{100 * float(row['found']):.1f} %",
            f"{100 * float(row['low']):.1f} to {100 * float(row['high']):.1f}",
            f"{int(row['simulations']):,}",
        ]
        for row in rows_of(folder, "rates")
    ]
    confusions = rows_of(folder, "confusions")
    least = min(float(row["reliability"]) for row in confusions)
    right: dict[str, dict[str, int]] = {}
    totals: dict[tuple[str, str], int] = {}
    for row in confusions:
        if float(row["reliability"]) == least:
            kind, layer = f"{row['method']}, {row['scored']}", row["target_of"]
            n = int(row["simulations"])
            totals[kind, layer] = totals.get((kind, layer), 0) + n
            if layer == row["taken_for"]:
                right.setdefault(layer, {})[kind] = n
    columns = list(dict.fromkeys(kind for kind, _ in totals))
    each = [
        [layer, *(f"{100 * n[kind] / totals[kind, layer]:.0f} %" for kind in columns)]
        for layer, n in right.items()
    ]
    heads = ["fit, scored", "reliability", "right layer", "95 %", "targets"]
    return [
        *table(heads, overall),
        "",
        f"Right layer, at a reliability of {least:.3f}:",
        "",
        *table(["targets of", *columns], each),
    ]


def compare(folder: Path) -> list[str]:
    """Targets, their transfer, and the pairs."""
    targets = [
        [
            row["target"],
            row["subjects"],
            *numbers(row, "full", "pruned"),
            row["retained"],
        ]
        for row in rows_of(folder, "targets")
    ]
    wide: dict[str, list[str]] = {}
    for row in rows_of(folder, "transfer"):
        wide.setdefault(row["chosen_for"], []).append(
            interval(row, "held_out", "low", "high", sign=False)
        )
    pairs = [
        [
            f"{row['first']}, {row['second']}",
            row["n_common"],
            *numbers(row, "overlap", "chance", "jaccard", "jaccard_swapped"),
            *numbers(row, "p_swapped"),
            interval(row, "specificity", "specificity_low", "specificity_high"),
            *numbers(row, "specificity_p"),
        ]
        for row in rows_of(folder, "pairs")
    ]
    heads = ["pair", "in common", "overlap", "chance", "Jaccard", "swapped", "p"]
    return [
        *table(["target", "subjects", "all units", "pruned", "retained"], targets),
        "",
        *table(
            ["units chosen for, held out", *(row[0] for row in targets)],
            [[name, *cells] for name, cells in wide.items()],
        ),
        "",
        *table([*heads, "specificity", "p of it"], pairs),
    ]


# Heading of each section, and what makes it.
SECTIONS: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    "words": ("Judgements of words:", words),
    "model-recovery": ("Is the right layer still found?", model_recovery),
    "compare": ("Human IT and behaviour:", compare),
}


def numbers(row: Row, *names: str) -> list[str]:
    """Numbers of a row in three decimals."""
    return [f"{float(row[name]):.3f}" for name in names]


def signed(value: float) -> str:
    """A difference in three decimals."""
    return f"{value:+.3f}"


def means(rows: Iterable[Row], name: str) -> float:
    """Mean of a column."""
    return float(np.mean([float(row[name]) for row in rows]))


def interval(row: Row, mean: str, low: str, high: str, sign: bool = True) -> str:
    """A mean and the ends of its interval."""
    form = "+.3f" if sign else ".3f"
    middle, *ends = (format(float(row[name]), form) for name in (mean, low, high))
    return f"{middle} ({' to '.join(ends)})"


def section(name: str, folder: Path) -> str:
    """The section of a study: how it was made, and its tables."""
    title, make = SECTIONS[name]
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text("utf-8"))
    settings = [
        f"{name} {value}"
        for name, value in summary["settings"].items()
        if isinstance(value, int)
    ]
    lines = [
        f"## {title} `python -m benchmarks.studies {name} FOLDER --write`",
        "",
        f"{line(describe())} Other work on the machine. {', '.join(settings)}.",
        "",
        *make(folder),
    ]
    return "\n".join(lines)


def main() -> None:
    """Show the tables of a study, and write them down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies")
    parser.add_argument("name", choices=list(SECTIONS))
    parser.add_argument("folder", type=Path, help="what the study wrote")
    parser.add_argument("--write", action="store_true", help="also INFERENCE.md")
    given = parser.parse_args()
    made = section(given.name, given.folder)
    print(made)
    if given.write:
        put(Path(__file__).with_name("INFERENCE.md"), given.name, made)


if __name__ == "__main__":
    main()

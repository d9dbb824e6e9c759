"""What is made of a comparison: files, report, and the tables on the screen."""

from __future__ import annotations

from typing import Any

from ...report import screen
from ..framework import Presentation
from . import tables
from .figures import figure
from .measure import Compared


def summary(compared: Compared) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    return {
        "targets": list(tables.target_rows(compared)),
        "pairs": list(tables.pair_rows(compared)),
        "transfer": list(tables.transfer_rows(compared)),
        "settings": compared.options.as_dict(),
        "inputs": dict(compared.inputs),
    }


def settings(compared: Compared) -> dict[str, Any]:
    """Facts at the end of the report."""
    options = compared.options
    repeats = "" if options.repeats == 1 else f", drawn {options.repeats} times"
    return {
        "units": compared.targets.n_units,
        "folds": f"{options.n_folds} of held-out conditions{repeats}",
        "swaps": options.n_permutations,
        "seed": options.seed,
        **compared.inputs,
    }


def on_screen(compared: Compared) -> str:
    """Targets, what their sets are worth for each other, and the pairs."""
    found = compared.targets
    head = ["target", "subjects", "full", "pruned", "kept"]
    rows = [head]
    for row in tables.target_rows(compared):
        scores = screen.number(row["full"]), screen.number(row["pruned"])
        rows.append(
            [row["target"], str(row["subjects"]), *scores, f"{row['retained']:,}"]
        )
    shown = tables.transfer(compared)
    held_out = [["held out", *found.names]]
    for name, *means in shown.rows:
        label = name if name == tables.ALL_UNITS else f"for {name}"
        held_out.append([label, *map(screen.number, means)])
    pairs = [["pair", "common", "overlap", "chance", "p", "specificity", "p"]]
    for row in tables.pair_rows(compared):
        numbers = (
            row[name]
            for name in (
                *("overlap", "chance", "p_swapped"),
                *("specificity", "specificity_p"),
            )
        )
        name = f"{row['first']}, {row['second']}"
        pairs.append([name, f"{row['n_common']:,}", *map(screen.number, numbers)])
    return "\n".join(
        [
            *(screen.table(rows), "", screen.table(held_out), "", screen.table(pairs)),
            "",
            "held out: scores on conditions that took no part in the choice",
            "p: of sets that differ as much, subjects swapped; of no specificity,",
            "   the gain of a set over the other one with its own target",
        ]
    )


COMPARE = Presentation(
    module=__name__,
    rows={
        "targets": tables.target_rows,
        "pairs": tables.pair_rows,
        "transfer": tables.transfer_rows,
        "units": tables.unit_rows,
        "swaps": tables.swap_rows,
    },
    figures={"figure": figure},
    shown={
        "targets": tables.targets,
        "pairs": tables.pairs,
        "transfer": tables.transfer,
        "settings": settings,
    },
    words={
        "lead": tables.lead,
        "swapped": lambda compared: bool(compared.targets.null),
        "with_panel": lambda compared: len(compared.targets.names) == 2,
    },
    summary=summary,
    screen=on_screen,
)

"""The table on the screen."""

from __future__ import annotations

from collections.abc import Iterator

from ...report import screen
from ..framework import Found
from .claims import few_images, noise_said
from .measure import FACTORIAL
from .tables import KNOWN, VERSION, by_layer, heading, mean, published_of

ADVICE = "report.html has corrected scores, --instances shows more."


def on_screen(found: Found) -> str:
    """Facts and a table for each network."""
    options = found.options
    images = f"{32 * options.n_instances:,} dot arrays of 32 kinds, {options.size} px"
    lines = [
        screen.fact("stimuli", images),
        screen.fact("seeds", ", ".join(map(str, options.seeds))),
    ]
    for group in found.groups(*VERSION).values():
        lines += ["", heading(group), screen.table([*_screen_rows(group)])]
    noise = noise_said(found)
    if few_images(found):
        noise += f": too few images. {ADVICE}"
    lines += ["", screen.wrapped("noise", noise)]
    return "\n".join(
        [
            *lines,
            "",
            "* published by Truong, Noei & Karami (2024)",
            "held-out: retained units, on conditions that took no part in the choice",
            "ANOVA: number detectors by the factorial rule",
        ]
    )


def _screen_rows(found: Found) -> Iterator[list[str]]:
    yield ["layer", "full", "*", "pruned", "*", "kept", "random", "held-out", "ANOVA"]
    for layer, group in by_layer(found):
        keys = published_of(group)
        full, pruned = (
            KNOWN.value(quantity, **keys) or ""
            for quantity in ("all units", "retained units")
        )
        yield [
            *(layer, screen.number(mean(group, "full")), full),
            *(screen.number(mean(group, "pruned")), pruned),
            screen.percent(mean(group, "n_retained"), mean(group, "n_units")),
            screen.number(mean(group, "random")),
            screen.number(mean(group, "heldout_pruned")),
            screen.number(mean(group, "anova", rule=FACTORIAL)),
        ]

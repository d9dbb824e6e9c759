"""Tables of the study, and our numbers beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...report import Compared, screen
from ...report.numbers import number
from ..framework import Found, Published
from ..framework.prose import Shown
from .measure import CORRECT, FACTORIAL, PUBLISHED_RULE, REVERSED
from .networks import Case, title
from .pure_units import ETA2, share_found

KNOWN = Published.of(__name__)
RULE_NAMES = {PUBLISHED_RULE: "as published", FACTORIAL: "factorial"}
# Columns of scores that were published, by their names there.
SCORES = {
    "all units": "full",
    "retained units": "pruned",
    "ANOVA units, as published": "anova",
}
# Columns of scores of all units and of retained ones, by where they were scored.
EVALUATIONS = {
    "same": ("full", "pruned"),
    "other": ("heldout_full", "heldout_pruned"),
    "field": ("field_full", "field_pruned"),
}


def rows(found: Found) -> Iterator[dict[str, Any]]:
    """One row for each network, layer, seed, ranking and rule."""
    for one in found:
        yield from one["rows"]


def values(found: Found, column: str, **wanted: str) -> np.ndarray:
    """Values of a column, in one row for each network, seed and layer.

    What depends on neither ranking nor rule is found in several rows, of which one
    is taken.
    """
    wanted = {"ranking": CORRECT, "rule": PUBLISHED_RULE} | wanted
    fitting = (
        row[column]
        for row in rows(found)
        if all(row[key] == value for key, value in wanted.items())
    )
    return np.array(list(fitting), float)


def place_of(found: Found) -> dict[str, str]:
    """Network, version and layer of what was found in one layer."""
    about = found.measured[0].about
    return {key: about[key] for key in ("network", "version", "layer")}


def mean(found: Found, column: str, **wanted: str) -> float:
    """Mean of a column over the seeds in which it is defined."""
    return float(mean_of_defined(values(found, column, **wanted)))


def networks(found: Found) -> list[Case]:
    """Networks, each once for every seed."""
    return list(dict.fromkeys(one.about["case"] for one in found))


def heading(found: Found) -> str:
    """Network and version of a group."""
    about = found.measured[0].about
    return title(about["network"], about["version"])


def by_layer(found: Found) -> Iterator[tuple[str, Found]]:
    """Layers of a group, over all seeds."""
    for (layer,), group in found.groups("layer").items():
        yield layer, group


def scores(found: Found) -> list[Compared]:
    """Scores of one network and version, beside the published ones."""
    return [
        KNOWN.compared(
            quantity, mean(group, column), f"{layer}, {quantity}", **place_of(group)
        )
        for layer, group in published_layers(found)
        for quantity, column in SCORES.items()
    ]


def overlaps(found: Found) -> list[Compared]:
    """Overlaps of one network and version by either ranking, beside the published."""
    return [
        KNOWN.compared(
            "overlap",
            mean(group, "overlap", ranking=ranking),
            f"{layer}, overlap, {ranking} ranking",
            **place_of(group),
        )
        for layer, group in published_layers(found)
        for ranking in (CORRECT, REVERSED)
    ]


def published_layers(found: Found) -> Iterator[tuple[str, Found]]:
    """Layers of one network and version of which something was published."""
    for layer, group in by_layer(found):
        if KNOWN.where("all units", **place_of(group)):
            yield layer, group


def pure_units(found: Found) -> Shown:
    """Share of simulated units, pure in number, that either rule finds."""
    return Shown(
        ("eta² of number", *(f"found, {name}" for name in RULE_NAMES.values())),
        [(eta2, *share_found(eta2).values()) for eta2 in ETA2],
    )


def rules(found: Found) -> Shown:
    """Size of the sets of both rules, scores and overlaps."""
    columns = "layer", "ANOVA", "units", "score", "retained", "overlap", "chance"
    rows = [
        (
            layer,
            name,
            int(np.median(values(group, "n_anova", rule=rule))),
            *(
                mean(group, column, rule=rule)
                for column in ("anova", "pruned", "overlap", "overlap_chance")
            ),
            mean(group, "overlap", rule=rule, ranking=REVERSED),
        )
        for layer, group in by_layer(found)
        for rule, name in RULE_NAMES.items()
    ]
    return Shown((*columns, "reversed"), rows)


def held_out(found: Found) -> Shown:
    """Scores of all and of retained units, where they were chosen and elsewhere."""
    names = [f"{head}, {what}" for head in EVALUATIONS for what in ("all", "kept")]
    columns = [column for pair in EVALUATIONS.values() for column in pair]
    rows = [
        (layer, *(mean(group, column) for column in columns))
        for layer, group in by_layer(found)
    ]
    return Shown(("layer", *names), rows)


def better(found: Found, rule: str) -> str:
    """Layers in which retained units score higher than ANOVA units with a score."""
    pruned, anova = (values(found, column, rule=rule) for column in ("pruned", "anova"))
    defined = ~np.isnan(anova)
    return f"{int((pruned > anova)[defined].sum())} of {int(defined.sum())} layers"


def gain(found: Found) -> str:
    """Change of the score by pruning, on held-out conditions."""
    pruned, full = (values(found, f"heldout_{name}") for name in ("pruned", "full"))
    return number(float(mean_of_defined(pruned - full)), sign=True)


def settings(found: Found) -> dict[str, Any]:
    """Facts at the end of the report."""
    options = found.options
    groups = found.groups("network", "version")
    trained = [f"{case}: {case.folder}" for case in networks(found) if case.folder]
    return {
        "networks": "; ".join(title(*version) for version in groups),
        **({"trained weights": "; ".join(trained)} if trained else {}),
        "seeds": ", ".join(map(str, options.seeds)),
        "stimuli": f"karami32, {options.n_instances} images of each of 32 conditions, "
        f"{options.size} pixels",
        "preprocessing": "0..1, not normalised; pretrained networks: mean and "
        "deviation of ImageNet",
        "RDMs": "1 minus correlation, compared by Pearson correlation",
        "folds": f"{options.n_folds} of held-out conditions; 2 of field sizes",
        "random sets": options.n_random,
        "ANOVA": "alpha .01, not corrected for the number of units",
    }


def summary(found: Found) -> dict[str, Any]:
    """What ``summary.json`` holds of the networks, beside the published numbers."""
    return {
        "networks": [case.as_dict() for case in networks(found)],
        "reference": reference(found),
        "published": [
            {
                **place_of(group),
                "quantity": row.name.removeprefix(f"{layer}, "),
                "ours": row.ours,
                "published": row.published,
                "difference": row.difference,
            }
            for version in found.groups("network", "version").values()
            for layer, group in by_layer(version)
            for row in (*scores(group), *overlaps(group))
        ],
    }


def reference(found: Found) -> str:
    """Where the published numbers are from."""
    return KNOWN.rows[0]["source"]


def on_screen(found: Found) -> str:
    """The table on the screen."""
    options = found.options
    images = f"{32 * options.n_instances:,} dot arrays of 32 kinds, {options.size} px"
    lines = [
        screen.fact("stimuli", images),
        screen.fact("seeds", ", ".join(map(str, options.seeds))),
    ]
    for group in found.groups("network", "version").values():
        lines += ["", heading(group), screen.table([*_screen_rows(group)])]
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
        keys = place_of(group)
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

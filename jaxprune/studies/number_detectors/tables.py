"""Tables of the study, and our numbers beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...report import Compared
from ..framework import Found, Published
from ..framework.prose import Shown
from .equal_numbers import SAME, SPLITS
from .measure import CORRECT, FACTORIAL, PUBLISHED_RULE, REVERSED
from .networks import TRAINED, Case, title
from .pure_units import ETA2, share_found

KNOWN = Published.of(__name__)
RULE_NAMES = {PUBLISHED_RULE: "as published", FACTORIAL: "factorial"}
# Columns of scores that were published, by their names there.
SCORES = {
    "all units": "full",
    "retained units": "pruned",
    "ANOVA units, as published": "anova",
}
# What a group of parts has in common: one panel, one table.
VERSION = "network", "version", "normalise"
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


def equal_rows(found: Found) -> Iterator[dict[str, Any]]:
    """As many retained units as number detectors, on held-out conditions."""
    for one in found:
        yield from one["equal_numbers"]


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
    """Network, version, treatment and layer of what was found in one layer."""
    about = found.measured[0].about
    return {key: about[key] for key in (*VERSION, "layer")}


def published_of(found: Found) -> dict[str, str]:
    """Where the published numbers of one layer stand.

    A network that learned number from random weights stands beside the published one,
    which began with those of ImageNet.
    """
    place = place_of(found)
    fine_tuned, from_scratch = TRAINED
    if place["version"] == from_scratch:
        place["version"] = fine_tuned
    return place


def mean(found: Found, column: str, **wanted: str) -> float:
    """Mean of a column over the seeds in which it is defined."""
    return float(mean_of_defined(values(found, column, **wanted)))


def networks(found: Found) -> list[Case]:
    """Networks, each once for every seed."""
    return list(dict.fromkeys(one.about["case"] for one in found))


def heading(found: Found) -> str:
    """Network and version of a group."""
    about = found.measured[0].about
    return title(*(about[key] for key in VERSION))


def by_layer(found: Found) -> Iterator[tuple[str, Found]]:
    """Layers of a group, over all seeds."""
    for (layer,), group in found.groups("layer").items():
        yield layer, group


def scores(found: Found) -> list[Compared]:
    """Scores of one network and version, beside the published ones."""
    return [
        KNOWN.compared(
            quantity, mean(group, column), f"{layer}, {quantity}", **published_of(group)
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
            **published_of(group),
        )
        for layer, group in published_layers(found)
        for ranking in (CORRECT, REVERSED)
    ]


def published_layers(found: Found) -> Iterator[tuple[str, Found]]:
    """Layers of one network and version of which something was published."""
    for layer, group in by_layer(found):
        if KNOWN.where("all units", **published_of(group)):
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


def noise(found: Found) -> Shown:
    """Scores of all units, as they are and corrected for noise."""
    rows = [
        (layer, plain, corrected, corrected - plain)
        for layer, group in by_layer(found)
        for plain, corrected in [(mean(group, "full"), mean(group, "full_corrected"))]
    ]
    return Shown(("layer", "all units", "corrected for noise", "difference"), rows)


def equal(found: Found) -> Shown:
    """As many retained units as factorial detectors: medians of n, means of scores."""
    kinds = "retained", "detectors", "random", "full"
    columns = "layer", "held out", "units", *kinds[:-1], "all units"
    rows = []
    for layer, group in by_layer(found):
        for split in SPLITS:
            of = [row for row in equal_rows(group) if row["split"] == split]
            n = int(np.median([row["n"] for row in of]))
            means = (mean_of_defined([row[kind] for row in of]) for kind in kinds)
            rows.append((layer, "nothing" if split == SAME else split, n, *means))
    return Shown(columns, rows)


def settings(found: Found) -> dict[str, Any]:
    """Facts at the end of the report."""
    options = found.options
    groups = found.groups(*VERSION)
    trained = [
        f"{case}: {case.source}, sha256 of the weights {case.weights[:12]}"
        for case in networks(found)
        if case.folder
    ]
    return {
        "networks": "; ".join(title(*version) for version in groups),
        **({"trained weights": "; ".join(trained)} if trained else {}),
        "seeds": ", ".join(map(str, options.seeds)),
        "stimuli": f"karami32, {options.n_instances} images of each of 32 conditions, "
        f"{options.size} pixels",
        "preprocessing": "0..1; where it says so, and for pretrained networks, "
        "normalised by the mean and deviation that the network was published with",
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
            for version in found.groups(*VERSION).values()
            for layer, group in by_layer(version)
            for row in (*scores(group), *overlaps(group))
        ],
    }


def reference(found: Found) -> str:
    """Where the published numbers are from."""
    return KNOWN.rows[0]["source"]

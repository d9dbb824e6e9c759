"""The study: options, parts, tables, and our numbers beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...report import Compared, screen
from ...report.numbers import number
from ...stimuli import StimulusSet, karami32
from .. import framework
from ..framework import Found, Part, Run, Study, option, seeds
from ..framework.networks import at_least_one
from ..framework.options import listed
from ..framework.prose import Shown
from . import figures
from .measure import (
    COLUMNS,
    CORRECT,
    FACTORIAL,
    PUBLISHED_RULE,
    REVERSED,
    analyse,
    place_of,
    responses,
    rows,
    values,
)
from .networks import LAYERS, NETWORKS, TRAINED, Case, cases_of, title
from .pure_units import ETA2, share_found

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


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    networks : tuple of str
        Networks to look at before training, of ``"cornet_z"`` and ``"cornet_s"``.
    seeds : tuple of int
        Of stimuli and of random weights; trained networks see the stimuli of the
        first.
    weights : tuple of str
        Folders of trained networks, from ``jaxprune convert`` or ``jaxprune train``.
        What was learned is read there: ImageNet (the version ``pretrained``), or
        ``numerosity`` and ``numerosity_scratch``.
    layers : tuple of str
    n_instances : int
        Images of each of the 32 conditions.
    size : int
        Height and width of the images in pixels; the number of units goes with it.
    n_folds : int
        Folds of held-out conditions.
    n_random : int
        Random sets of units, whose scores are averaged.

    Raises
    ------
    ValueError
        An unknown network or layer, or a number out of range.
    """

    networks: tuple[str, ...] = option(
        ("cornet_z",),
        f"untrained ones: {', '.join(NETWORKS)}, both (with a comma), or none",
        choices=NETWORKS,
        metavar="NAMES",
        read=listed,
    )
    seeds: tuple[int, ...] = seeds(0)
    weights: tuple[str, ...] = option(
        (),
        "a trained network: folder of `jaxprune convert` or `jaxprune train`",
        repeated=True,
    )
    layers: tuple[str, ...] = option(LAYERS, filled=True, choices=LAYERS)
    # An analysis of variance needs two images of a condition.
    n_instances: int = option(
        50, "images of each condition", least=2, flag="--instances"
    )
    size: int = option(224, "pixels of the images", least=1)
    n_folds: int = option(4)
    n_random: int = option(100, least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self.networks, self.weights, NETWORKS)


def parts(options: Options, run: Run) -> Iterator[Part]:
    """Every layer of each network and seed."""

    @lru_cache(maxsize=1)
    def stimuli(seed: int) -> StimulusSet:
        run.say(f"drawing 32 x {options.n_instances} dot arrays, seed {seed}")
        return karami32(options.n_instances, seed, options.size)

    def layers(case: Case) -> list[Part]:
        shown = {
            "weights": case.weights,
            "n_instances": options.n_instances,
            "size": options.size,
        }
        chosen = {"n_folds": options.n_folds, "n_random": options.n_random}
        prefix = f"{case.network}-{case.version}-seed{case.seed}"
        place = {"network": case.network, "version": case.version, "seed": case.seed}
        # Taken out layer by layer, because V1 alone holds 100 MB.
        moments: dict[str, Any] = {}

        def compute(layer: str) -> dict[str, Any]:
            if layer not in moments:
                missing = [one.about["layer"] for one in made if not run.has(one)]
                images = stimuli(case.seed)
                run.say(f"showing {len(images.images):,} images to {case}")
                name = f"{prefix}-responses"
                waiting = run.waiting(name, ".h5", **shown, layers=missing)
                moments.update(responses(case, missing, images, waiting, run.progress))
            cells = moments.pop(layer)
            return analyse(cells, layer=layer, **place, **chosen, progress=run.progress)

        made = [
            Part(
                f"{prefix}-{layer}",
                {**shown, **chosen, "columns": COLUMNS},
                lambda layer=layer: compute(layer),
                {**place, "layer": layer, "case": case},
                f"{case}, {layer}",
            )
            for layer in options.layers
        ]
        return made

    for case in cases_of(options.networks, options.seeds, options.weights):
        yield from layers(case)


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
        STUDY.published.compared(
            quantity, mean(group, column), f"{layer}, {quantity}", **keys
        )
        for layer, group, keys in published_layers(found)
        for quantity, column in SCORES.items()
    ]


def overlaps(found: Found) -> list[Compared]:
    """Overlaps of one network and version by either ranking, beside the published."""
    return [
        STUDY.published.compared(
            "overlap",
            mean(group, "overlap", ranking=ranking),
            f"{layer}, overlap, {ranking} ranking",
            **keys,
        )
        for layer, group, keys in published_layers(found)
        for ranking in (CORRECT, REVERSED)
    ]


def published_layers(found: Found) -> Iterator[tuple[str, Found, dict[str, str]]]:
    """Layers of one network and version, and where their published numbers are."""
    for layer, group in by_layer(found):
        keys = place_of(group)
        if STUDY.published.where("all units", **keys):
            yield layer, group, keys


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
    both = (values(found, f"heldout_{which}") for which in ("pruned", "full"))
    pruned, full = both
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
                **dict(zip(("network", "version"), version, strict=True)),
                **dict(
                    zip(("layer", "quantity"), row.name.split(", ", 1), strict=True)
                ),
                "ours": row.ours,
                "published": row.published,
                "difference": row.difference,
            }
            for version, group in found.groups("network", "version").items()
            for _, layer in by_layer(group)
            for row in (*scores(layer), *overlaps(layer))
        ],
    }


def reference(found: Found) -> str:
    """Where the published numbers are from."""
    return STUDY.published.rows[0]["source"]


def table(found: Found) -> str:
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
            STUDY.published.value(quantity, **keys) or ""
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


STUDY = Study(
    module=__name__,
    about="""\
Truong, Noei & Karami (2024): which units of CORnet-Z and CORnet-S carry number?
Dot arrays of 32 kinds are shown to the networks. In V1, V2, V4 and IT, the
units that pruning retains are compared with number detectors (by ANOVA, as
published and as it should be), with random units, and on held-out conditions.

The small version takes an untrained CORnet-Z, one seed and 50 images a kind.
--full takes CORnet-Z and CORnet-S, 5 seeds and 100 images. Trained networks are
added by --weights.""",
    example="""\
jaxprune study number-detectors --out detectors
  jaxprune study number-detectors --full --weights imagenet_z \\
                                  --weights trained/epoch_100 --out full""",
    small=Options(),
    full=Options(networks=NETWORKS, seeds=(0, 1, 2, 3, 4), n_instances=100),
    parts=parts,
    rows={"table": rows},
    figures={
        "scores": figures.scores,
        "curves": figures.curves,
        "overlap": figures.overlap,
        "heldout": figures.heldout,
    },
    shown={
        "scores": scores,
        "overlaps": overlaps,
        "pure_units": pure_units,
        "rules": rules,
        "held_out": held_out,
    },
    words={
        "title": heading,
        "reference": reference,
        "better_as_published": lambda found: better(found, PUBLISHED_RULE),
        "better_factorial": lambda found: better(found, FACTORIAL),
        "every_seed": lambda found: (
            ", every seed counted" if len(found.options.seeds) > 1 else ""
        ),
        "gain": gain,
        "over_seeds": lambda found: (
            f", means of {n} seeds" if (n := len(found.options.seeds)) > 1 else ""
        ),
        "scratch": lambda found: found.where(version=TRAINED[1]).measured,
    },
    summary=summary,
    screen=table,
    settings=settings,
)

"""The study: parts, tables, what the report shows, and the summary."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...io.checkpoints import digest
from ...report import screen
from ..framework import Found, Measured, Part, Run, Study
from . import results, tables
from .figures import networks_figure, sets_figure, zeros_figure
from .images import Images, images_of
from .networks import BATCH_SIZE, LR, given, trained
from .options import FULL, SMALL, Options
from .predicting import load, predict
from .results import KNOWN, MAX_POZ, R2, levels
from .tracking import N_RANDOM, measure

# Of the hash of a set in the name of its file.
DIGITS = 12
Row = dict[str, Any]


def parts(options: Options, run: Run) -> Iterator[Part]:
    """Each network of experiment 1, and each set of experiment 2."""
    # What cannot be read is found before anything is trained.
    sets = [(one.name, *load(one)) for one in options.sets]
    if options.tracks:
        if options.images is None:
            run.say("dot arrays in place of CIFAR-10")
        images = images_of(options)
        for seed in options.seeds:
            yield _trained(seed, images, options.epochs, run)
        for path in options.weights:
            yield _given(path, images)
    for name, features, target in sets:
        known = digest(features, target)
        yield Part(
            f"set-{known[:DIGITS]}",
            {"set": known, "n_orders": options.n_orders},
            partial(predict, features, target, options.n_orders, progress=run.progress),
            {"set": name},
            f"{name}: {len(features)} images, {features.shape[1]:,} units",
        )


def _trained(seed: int, images: Images, epochs: int, run: Run) -> Part:
    """A network that is trained here."""
    name = f"lenet5-seed{seed}"
    settings = {
        "images": images.fingerprint,
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "lr": LR,
    }

    def compute() -> Row:
        assert images.train is not None
        waiting = run.waiting(name, **settings)
        with trained(
            images.train, seed, epochs, waiting, progress=run.progress
        ) as states:
            return measure(states, images)

    about = {"network": f"seed {seed}", "trained": True}
    return Part(name, settings, compute, about, f"LeNet-5, seed {seed}")


def _given(path: str, images: Images) -> Part:
    """A network that was trained elsewhere."""
    from jaxprune_ports.weights.fingerprint import weights_hash

    net, name = given(path), Path(path).name
    return Part(
        f"lenet5-{name}",
        {"images": images.fingerprint, "weights": weights_hash(net)},
        lambda: measure({0: net}, images),
        {"network": name, "trained": False},
        f"LeNet-5, {path}",
    )


def settings(found: Found) -> Row:
    """Facts at the end of the report."""
    options, facts = found.options, {}
    if options.tracks:
        facts |= {
            "images": results.images_shown(options),
            "seeds": ", ".join(map(str, options.seeds)) or "none",
            "given networks": ", ".join(options.weights) or "none",
        }
    if options.seeds:
        facts |= {
            "training images": f"at most {options.n_instances:,} of a class",
            "recipe": f"SGD at {LR:g}, momentum 0.9, batches of {BATCH_SIZE}, "
            f"{options.epochs} epochs",
        }
    return facts | {one.name: f"{one.features}, {one.target}" for one in options.sets}


def summary(found: Found) -> Row:
    """What ``summary.json`` holds of both experiments."""
    return {
        "images": results.images_shown(found.options),
        "networks": [
            {"name": one.about["network"], "trained": one.about["trained"]} | one.record
            for one in found.having("network")
        ],
        "sets": [
            {"name": one.about["set"], **one.record} for one in found.having("set")
        ],
        "reference": KNOWN.rows[0]["source"],
        "published": results.both_experiments(found),
    }


def screen_tables(found: Found) -> str:
    """Both experiments as text, with the published values beside them."""
    lines, networks = [], results.networks(found)
    if networks:
        right = 100 * np.mean([results.accuracy(one) for one in networks])
        lines += [
            screen.fact("images", results.images_shown(found.options)),
            screen.fact("networks", f"{len(networks)}, {right:.1f}% right"),
            "",
            screen.table(_levels(found)),
            "",
            "* published by Truong & Hasson (2022), of CIFAR-10\n"
            "R2: fit of the units kept to all units; random: of units drawn at random\n"
            "PoZ: highest percentage of zeros among the units kept",
        ]
    if sets := found.having("set"):
        rows = screen.table(_sets(sets))
        lines += ["", rows, "", "p: of the best, by random orders"]
    return "\n".join(lines).strip("\n")


def _levels(found: Found) -> list[list[str]]:
    rows = [["kept", "R2", "SD", "*", "random", "PoZ", "SD", "*"]]
    for fit, poz in zip(levels(found, R2), levels(found, MAX_POZ), strict=True):
        rows.append(
            [
                f"{fit.kept}%",
                *(f"{fit.compared.ours:.3f}", _sd(fit.sd, 3)),
                *(str(fit.compared.published), f"{fit.random:.3f}"),
                *(f"{poz.compared.ours:.1f}%", _sd(poz.sd, 1)),
                f"{poz.compared.published}%",
            ]
        )
    return rows


def _sd(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _sets(found: Found) -> list[list[str]]:
    rows = [["set", "images", "units", "all", "best", "kept", "", "p"]]
    for one in found:
        size, n = one["best_size"], one["n_units"]
        rows.append(
            [
                one.about["set"],
                *(f"{one['n_images']:,}", f"{n:,}"),
                *(screen.number(one[name]) for name in ("full", "best")),
                *(f"{size:,}", screen.percent(size, n), f"{one['p_value']:.3f}"),
            ]
        )
    return rows


def _one(found: Found) -> Measured:
    (one,) = found
    return one


def _of_networks(found: Found) -> str:
    n = len(results.networks(found))
    return "one network" if n == 1 else f"mean of {n} networks"


STUDY = Study(
    module=__name__,
    about="""\
Truong & Hasson (2022): units that fire rarely, by their percentage of zeros.

Experiment 1: LeNet-5 is trained from several initialisations; the units of a
layer with the fewest zeros are kept, in steps of 10 %, and their RDM is compared
with that of all units, beside units in random order. With --images CIFAR-10 as
published, else with dot arrays.

Experiment 2: the units of VGG-16 (or any layer) with the fewest zeros, and human
similarities of the images, for each of --sets; p-values from random orders.

The small version trains 5 networks on 600 images of a class. --full takes 50
networks and all images.""",
    example="""\
jaxprune study rarely-firing --images cifar10.npz --seeds 20 --out rarely
  jaxprune study rarely-firing --seeds 0 --out human \\
                               --sets animals=vgg16_animals.npy,people_animals.npy""",
    small=SMALL,
    full=FULL,
    parts=parts,
    rows={
        "networks": tables.network_rows,
        "sets": tables.set_rows,
        "units": tables.unit_rows,
        "overlaps": tables.overlap_rows,
    },
    figures={"networks": networks_figure, "sets": sets_figure, "zeros": zeros_figure},
    shown={
        "r2": partial(tables.level_table, R2),
        "max_poz": partial(tables.level_table, MAX_POZ),
        "varied": tables.varied_table,
        "networks": tables.network_table,
        "sets": tables.set_table,
        "criteria": tables.criteria_table,
        "of_set": lambda found: results.of_set(_one(found)),
        "overlaps": tables.overlap_table,
    },
    words={
        "lead": tables.lead,
        "networks": lambda found: found.options.tracks,
        "sets": lambda found: found.options.sets,
        "pairs": results.pairs,
        "dots": lambda found: found.options.images is None,
        "images": lambda found: results.images_shown(found.options),
        "of_networks": _of_networks,
        "reference": lambda found: KNOWN.rows[0]["source"],
        "sd_at_10": lambda found: KNOWN.value("sd of r2"),
        "n_random": lambda found: N_RANDOM,
        "named": lambda found: tables.NAMED,
        "n_orders": lambda found: f"{found.options.n_orders:,}",
        "set": lambda found: _one(found).about["set"],
    },
    summary=summary,
    screen=screen_tables,
    settings=settings,
)

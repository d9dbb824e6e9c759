"""The study: parts, tables, and our numbers beside the published ones."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...base.paths import expanded
from ...report import Compared, screen
from ...report.numbers import number
from ..framework import Found, Part, Run, Study, rows_of
from ..framework.prose import Shown
from ..framework.published import differences
from .figures import figure
from .images import Stimuli, stimuli_of
from .measure import extracted, held_out, prune_maps
from .options import FULL, SEEDS, SMALL, Options

Row = dict[str, Any]
TRAINING = "imagenet", "ecoset"


def parts(options: Options, run: Run) -> Iterator[Part]:
    """Importance of the maps and held-out images, of each set."""
    import jaxprune_ports as jpp
    from jaxprune_ports.weights.fingerprint import weights_hash

    from ...io import groups_of

    net = _network(options)
    layer, readout = options.layers
    sets = stimuli_of(options)
    shape = _shape(net, layer)
    chosen = {
        "groups": groups_of(shape),
        "readout": jpp.from_layer(net, layer, readout, shape=shape),
    }
    weights, seeds = weights_hash(net), SEEDS[: options.n_splits]

    @cache
    def maps(index: int) -> np.ndarray:
        return extracted(net, sets[index], layer, progress=run.progress)

    for index, one in enumerate(sets):
        identity: Row = {
            **one.identity,
            "network": net.name,
            "weights": weights,
            "layers": [layer, readout],
            "n_sizes": options.n_sizes,
        }
        about = {"set": one.name}
        n = f"{one.name}: {len(one.target)} images, {shape[0]} maps"
        safe = re.sub(r"[^\w-]+", "_", one.name)

        def all_images(index: int = index, one: Stimuli = one) -> Row:
            given = maps(index), one, chosen, options.n_sizes, options.n_orders
            found = prune_maps(*given, progress=run.progress)
            return {"n_images": len(one.target), "n_maps": shape[0], **found}

        def folds(
            index: int = index, one: Stimuli = one, known: Any = (safe, identity)
        ) -> Row:
            waiting = run.waiting(f"folds-{known[0]}", **known[1])
            given = maps(index), one, chosen, options.n_sizes, seeds, waiting
            found = held_out(*given, progress=run.progress)
            if waiting is not None:
                shutil.rmtree(waiting, ignore_errors=True)
            return found

        orders = {**identity, "n_orders": options.n_orders}
        yield Part(f"maps-{safe}", orders, all_images, {**about, "what": "maps"}, n)
        splits = {**identity, "seeds": list(seeds)}
        title = f"{one.name}: {len(seeds)} x 5 folds of held-out images"
        yield Part(f"held-out-{safe}", splits, folds, {**about, "what": "folds"}, title)


def _network(options: Options) -> Any:
    """The network, trained or with random weights."""
    import jaxprune_ports as jpp

    if options.weights is None:
        return jpp.create(options.network)
    path = expanded(options.weights)
    if not path.exists():
        raise FileNotFoundError(
            f"weights: {path} does not exist; expected a folder that `jaxprune "
            "convert` wrote, or a checkpoint."
        )
    net = jpp.load(path) if path.is_dir() else jpp.from_torch(options.network, path)
    if net.name != options.network:
        raise ValueError(
            f"weights: {options.weights} holds {net.name}; expected {options.network}."
        )
    return net


def _shape(net: Any, layer: str) -> tuple[int, ...]:
    """Shape of the layer whose maps are removed."""
    from jaxprune_ports.networks.registry import find

    (name,) = net.find(layer)
    shape = find(net.name).taps[net.aliases.get(name, name)]
    if len(shape) != 3:
        raise ValueError(
            f"layer: {layer} of {net.name} has {shape[0]:,} units and no maps; "
            "expected a convolution, or a pool after one."
        )
    return shape


def sets(found: Found) -> Iterator[Row]:
    """One row for each set: scores of all images, held-out ones, both tests."""
    for (name,), group in found.groups("set").items():
        (maps,), (folds,) = group.where(what="maps"), group.where(what="folds")
        published, corrected = folds["published"], folds["corrected"]
        yield {
            "set": name,
            "n_images": maps["n_images"],
            "n_maps": maps["n_maps"],
            "r": maps["r"],
            "full": maps["full"],
            "best": maps["best"],
            "best_size": maps["best_size"],
            "p_random": maps["p_random"],
            "held_out_full": float(mean_of_defined(folds["full_scores"])),
            "held_out_pruned": float(mean_of_defined(folds["pruned_scores"])),
            "gain": published["gain"],
            "published_error": published["standard_error"],
            "published_p": published["p_value"],
            "corrected_low": corrected["low"],
            "corrected_high": corrected["high"],
            "corrected_p": corrected["p_value"],
            "undefined_folds": corrected["n_undefined"],
            "maps_retained": float(np.mean(folds["n_maps"])),
            "seconds_of_removals": maps["seconds"],
        }


def maps(found: Found) -> Iterator[Row]:
    """One row for each map: importance, rank, and the share of folds that retain it."""
    for (name,), group in found.groups("set").items():
        (of_all,), (folds,) = group.where(what="maps"), group.where(what="folds")
        rank = np.empty(of_all["n_maps"], int)
        rank[of_all["order"]] = np.arange(1, len(rank) + 1)
        columns = {"importance": of_all["importance"], "rank": rank}
        columns["retained"] = folds["retained"]
        yield from rows_of({"set": name}, map=range(len(rank)), **columns)


def folds(found: Found) -> Iterator[Row]:
    """One row for each fold: scores on held-out images, and maps retained."""
    for one in found.where(what="folds"):
        yield from rows_of(
            {"set": one.about["set"]},
            repeat=one["repeat"],
            full=one["full_scores"],
            pruned=one["pruned_scores"],
            n_maps=one["n_maps"],
        )


def curves(found: Found) -> Iterator[Row]:
    """One row for each number of maps: score, and random orders where they have one."""
    for one in found.where(what="maps"):
        null = {name: np.full(len(one["sizes"]), np.nan) for name in NULL}
        places = np.searchsorted(one["sizes"], one["null_sizes"])
        for name, values in null.items():
            values[places] = one[name]
        about = {"set": one.about["set"]}
        yield from rows_of(about, size=one["sizes"], score=one["curve"], **null)


NULL = "null_mean", "null_low", "null_high"


def comparisons(found: Found) -> list[Compared]:
    """Numbers of sets that bear the name of a published one."""
    beside, rows = STUDY.published.compared, []
    for row in sets(found):
        ours = {
            "full": row["held_out_full"],
            "pruned": row["held_out_pruned"],
            "maps": row["maps_retained"],
        }
        for training in TRAINING:
            for quantity, value in ours.items():
                keys = {"set": row["set"], "training": training}
                if STUDY.published.where(quantity, **keys) is None:
                    continue
                label = f"{row['set']}, {quantity} ({training})"
                rows.append(beside(quantity, value, label, **keys))
    return rows


def results(found: Found) -> Shown:
    """Held-out scores and both tests."""
    columns = {
        "set": "set",
        "held_out_full": "all maps",
        "held_out_pruned": "retained",
        "gain": "gain",
        "published_p": "p published",
        "corrected_p": "p corrected",
        "maps_retained": "maps",
        "r": "r, all images",
        "best": "in-sample R²",
        "p_random": "p random orders",
    }
    rows = []
    for row in sets(found):
        row["maps_retained"] = f"{row['maps_retained']:.0f} of {row['n_maps']}"
        rows.append(tuple(row[name] for name in columns))
    return Shown(tuple(columns.values()), rows)


def published(found: Found) -> Shown:
    """Published scores of held-out images."""
    del found
    known = STUDY.published
    names = dict.fromkeys(row["set"] for row in known.rows)
    quantities = "full", "pruned", "maps"
    rows = [
        (
            name,
            *(
                known.value(quantity, set=name, training=training)
                for training in TRAINING
                for quantity in quantities
            ),
        )
        for name in names
    ]
    heads = (f"{q}, {t}" for t in ("ImageNet", "EcoSet") for q in quantities)
    return Shown(("set", *heads), rows)


def lead(found: Found) -> str:
    """Say what was gained."""
    return " ".join(
        f"{row['set']}: R² of held-out images {number(row['held_out_full'])} with all "
        f"maps, {number(row['held_out_pruned'])} with those retained (corrected p of "
        f"a gain {number(row['corrected_p'])})."
        for row in sets(found)
    )


def settings(found: Found) -> Row:
    """Facts at the end of the report."""
    options = found.options
    layer, readout = options.layers
    return {
        "network": options.network,
        "weights": options.weights or "random",
        "maps of": layer,
        "read at": readout,
        "splits": f"{options.n_splits}, into 5 folds",
        "random orders": options.n_orders,
        "numbers of maps scored": options.n_sizes or "all",
        **{one.name: f"{one.images}, {one.target}" for one in options.sets},
        **({} if options.sets else {"images": options.cifar or "dot arrays"}),
    }


def summary(found: Found) -> Row:
    """What ``summary.json`` holds beside settings and versions."""
    return {"sets": list(sets(found)), "published": differences(comparisons(found))}


def table(found: Found) -> str:
    """The table on the screen."""
    rows = [["set", "all maps", "retained", "gain", "p", "corrected", "maps"]]
    names = "held_out_full", "held_out_pruned", "gain", "published_p", "corrected_p"
    seconds = 0.0
    for row in sets(found):
        numbers = [screen.number(row[name]) for name in names]
        maps = f"{row['maps_retained']:.0f} of {row['n_maps']}"
        rows.append([screen.shortened(row["set"], 16), *numbers, maps])
        seconds = max(seconds, row["seconds_of_removals"])
    options = found.options
    layer, readout = options.layers
    weights = options.weights or "random weights"
    return "\n".join(
        [
            screen.fact("network", f"{options.network}, {weights}"),
            screen.fact("maps", f"of {layer}, read at {readout}"),
            screen.fact("removals", f"all maps of a set in at most {seconds:.1f} s"),
            "",
            screen.table(rows),
            "",
            "R² on held-out images; p of the gain as published, which takes folds",
            "for independent, and corrected for what they share",
            *(
                f"{row['set']}: anti-correlated with all maps, r = {row['r']:.3f}"
                for row in sets(found)
                if row["r"] < 0
            ),
        ]
    )


STUDY = Study(
    module=__name__,
    about="""\
Feature maps that carry human similarities: each map of the last convolution is
set to zero, the network goes on, and the RDM of a later layer is compared with
that of people. Maps are ranked by what the fit loses, put back, and those that
fit best are scored on held-out images.

The small version shows images of classes to LeNet-5, --full is the published
size with VGG-16. Give --weights and --sets for a study of your own: without
weights these are random, without sets a target of classes stands for people.""",
    example=(
        "jaxprune study alignment-importance --network vgg16 --weights vgg16 \\\n"
        "    --sets animals=pictures,people.npy --full --out maps"
    ),
    small=SMALL,
    full=FULL,
    parts=parts,
    rows={"sets": sets, "maps": maps, "folds": folds, "curves": curves},
    figures={"figure": figure},
    shown={"results": results, "published": published, "comparisons": comparisons},
    words={
        "lead": lead,
        "layer": lambda found: found.options.layers[0],
        "readout": lambda found: found.options.layers[1],
        "network": lambda found: found.options.network,
        "random": lambda found: found.options.weights is None,
        "classes": lambda found: not found.options.sets,
    },
    summary=summary,
    screen=table,
    settings=settings,
)

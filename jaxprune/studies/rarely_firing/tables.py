"""Tables of the study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .results import RarelyFiring
from .tracking import KEPT

Row = dict[str, Any]


def networks(study: RarelyFiring) -> Iterator[Row]:
    """Experiment 1: one row for each network, curve and level."""
    for network in study.networks:
        for varied in network.record["curves"]:
            r2, poz = (network.curve(which, varied) for which in ("r2", "max_poz"))
            for level, fit, most in zip(KEPT, r2, poz, strict=True):
                yield {
                    "network": network.name,
                    "accuracy": network.accuracy,
                    "curve": varied,
                    "percent_kept": level,
                    "r2": float(fit),
                    "max_poz": float(most),
                }


def sets(study: RarelyFiring) -> Iterator[Row]:
    """Experiment 2: one row for each set and size."""
    names = "curve", "null_mean", "null_low", "null_high"
    for one in study.sets:
        columns = (one.arrays[name].tolist() for name in ("sizes", *names))
        for size, fit, *null in zip(*columns, strict=True):
            yield {
                "set": one.name,
                "n_kept": size,
                "percent_kept": 100 * size / one.record["n_units"],
                "r2": fit,
                "random_mean": null[0],
                "random_low": null[1],
                "random_high": null[2],
            }


def units(study: RarelyFiring) -> Iterator[Row]:
    """Experiment 2: one row for each set and unit."""
    for one in study.sets:
        columns = one.arrays["poz"].tolist(), one.kept.tolist()
        for unit, (poz, kept) in enumerate(zip(*columns, strict=True)):
            yield {"set": one.name, "unit": unit, "poz": poz, "kept": int(kept)}


def overlaps(study: RarelyFiring) -> Iterator[Row]:
    """Experiment 2: one row for any two sets."""
    for first, second, kept, dropped in study.pairs():
        yield {
            "first": first,
            "second": second,
            "n_kept": kept.n_first,
            "n_common": kept.n_common,
            "expected_common": kept.expected_common,
            "jaccard_kept": kept.jaccard,
            "jaccard_dropped": dropped.jaccard,
        }


TABLES: dict[str, Callable[[RarelyFiring], Iterator[Row]]] = {
    "networks": networks,
    "sets": sets,
    "units": units,
    "overlaps": overlaps,
}

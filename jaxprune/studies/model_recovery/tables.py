"""Tables: those that are files, and those of the report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ...inference import ModelRecovery, Rate
from ...inference.methods import FULL, PRUNED, REWEIGHTED
from ...inference.recovery import WHERE
from ...report.numbers import number
from ..framework import Found, Measured
from ..framework.prose import Shown

TITLES = {FULL: "all units", PRUNED: "pruned", REWEIGHTED: "reweighted"}
Row = dict[str, Any]


def recoveries(found: Found) -> Iterator[ModelRecovery]:
    """What was simulated, methods that share their targets together."""
    for one in found:
        yield ModelRecovery(
            tuple(one["layers"]),
            tuple(one.about["methods"]),
            one.about["reliability"],
            one["scores"],
        )


def reliabilities(found: Found) -> dict[float, str]:
    """Reliabilities from the lowest on, and what is as reliable."""
    named = {one.about["reliability"]: one.about["origin"] for one in found}
    return dict(sorted(named.items()))


def rates(found: Found) -> dict[tuple[float, str, str], Rate]:
    """How often the right layer is found: reliability, method, where it is scored."""
    return {
        (recovery.reliability, method, where): recovery.rate(method, where)
        for recovery in recoveries(found)
        for method, where in product(recovery.methods, WHERE)
    }


def rate_rows(found: Found) -> Iterator[Row]:
    """A row for each reliability and method, in-sample and held out: layers found."""
    for (reliability, method, where), rate in rates(found).items():
        yield {
            "reliability": reliability,
            "method": method,
            "scored": where,
            "found": rate.share,
            "low": rate.low,
            "high": rate.high,
            "simulations": rate.n,
        }


def confusion_rows(found: Found) -> Iterator[Row]:
    """A row for each reliability, method, layer of the target, and layer taken for."""
    for recovery in recoveries(found):
        for method, where in product(recovery.methods, WHERE):
            counts = recovery.confusion(method, where)
            for i, j in np.ndindex(counts.shape):
                yield {
                    "reliability": recovery.reliability,
                    "method": method,
                    "scored": where,
                    "target_of": recovery.layers[i],
                    "taken_for": recovery.layers[j],
                    "simulations": int(counts[i, j]),
                }


def score_rows(found: Found) -> Iterator[Row]:
    """A row for each simulated target, layer and method: scores."""
    for recovery in recoveries(found):
        for t, i, c, m in np.ndindex(recovery.scores.shape[:-1]):
            in_sample, held_out = recovery.scores[t, i, c, m].tolist()
            yield {
                "reliability": recovery.reliability,
                "target_of": recovery.layers[t],
                "simulation": i,
                "layer": recovery.layers[c],
                "method": recovery.methods[m],
                "in_sample": in_sample,
                "held_out": held_out,
            }


def layer_table(found: Found) -> Shown:
    """Layers, and how often each is found by every method, of one reliability."""
    one = found.measured[0]
    columns, heads = [], []
    for recovery in recoveries(found):
        for method, where in product(recovery.methods, WHERE):
            counts = recovery.confusion(method, where)
            n = recovery.scores.shape[1]
            columns.append((100 * np.diag(counts) / n).round(1).tolist())
            heads.append(f"{TITLES[method]}, {where}")
    rows = [*zip(one["layers"], one["n_units"], *columns, strict=True)]
    return Shown(("layer", "units", *heads), rows)


def rate_table(found: Found) -> Shown:
    """How often the right layer is found, in per cent, with intervals."""
    rows = [
        (
            f"{TITLES[method]}, {where}",
            reliability,
            100 * rate.share,
            f"{100 * rate.low:.1f} to {100 * rate.high:.1f}",
            rate.n,
        )
        for (reliability, method, where), rate in rates(found).items()
    ]
    heads = "reliability", "found, %", "95 %", "simulations"
    return Shown(("fit, scored", *heads), rows)


def lead(found: Found) -> str:
    """Whether pruning loses the layer, and whether holding out restores it."""
    shares = {key: 100 * rate.share for key, rate in rates(found).items()}
    methods = list(dict.fromkeys(method for _, method, _ in shares))

    def said(reliability: float, method: str) -> str:
        inside, outside = (shares[reliability, method, where] for where in WHERE)
        return f"{TITLES[method]} {inside:.0f} % in-sample, {outside:.0f} % held out"

    texts = [
        f"at a reliability of {number(reliability)} ({origin}), "
        + "; ".join(said(reliability, method) for method in methods)
        for reliability, origin in reliabilities(found).items()
    ]
    return (
        "How often is the layer found that a target was simulated from? "
        + "; ".join(texts).capitalize()
        + f". By chance it would be {chance(found.measured[0]):.0f} %."
    )


def chance(one: Measured) -> float:
    """How often a layer is found by drawing one, in per cent."""
    return 100 / len(one["layers"])

"""Tables: those that are files, and those of the report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ...inference import ModelRecovery, Rate
from ...inference.methods import FULL, PRUNED, REWEIGHTED
from ...inference.recovery import HELD_OUT, WHERE
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
            one["reliability"],
            one["scores"],
        )


def rates(found: Found) -> dict[tuple[str, str], Rate]:
    """How often the right layer is found, by method and where it is scored."""
    return {
        (method, where): recovery.rate(method, where)
        for recovery in recoveries(found)
        for method, where in product(recovery.methods, WHERE)
    }


def rate_rows(found: Found) -> Iterator[Row]:
    """A row for each method, in-sample and held out: how often the layer is found."""
    for (method, where), rate in rates(found).items():
        yield {
            "method": method,
            "scored": where,
            "found": rate.share,
            "low": rate.low,
            "high": rate.high,
            "simulations": rate.n,
        }


def confusion_rows(found: Found) -> Iterator[Row]:
    """A row for each method, layer of the target, and layer it was taken for."""
    for recovery in recoveries(found):
        for method, where in product(recovery.methods, WHERE):
            counts = recovery.confusion(method, where)
            for i, j in np.ndindex(counts.shape):
                yield {
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
                "target_of": recovery.layers[t],
                "simulation": i,
                "layer": recovery.layers[c],
                "method": recovery.methods[m],
                "in_sample": in_sample,
                "held_out": held_out,
            }


def layer_table(found: Found) -> Shown:
    """Layers, and how often each is found by every method on held-out conditions."""
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
            100 * rate.share,
            f"{100 * rate.low:.1f} to {100 * rate.high:.1f}",
            rate.n,
        )
        for (method, where), rate in rates(found).items()
    ]
    return Shown(("fit, scored", "found, %", "95 %", "simulations"), rows)


def lead(found: Found) -> str:
    """Whether pruning loses the layer, and whether holding out restores it."""
    shares = {key: 100 * rate.share for key, rate in rates(found).items()}

    def said(method: str) -> str:
        inside, outside = (shares[method, where] for where in WHERE)
        return f"{inside:.0f} % in-sample and {outside:.0f} % on held-out conditions"

    text = (
        f"The layer that a target was simulated from is found in {said(FULL)} by all "
        f"units, and in {said(PRUNED)} after pruning"
    )
    if (REWEIGHTED, HELD_OUT) in shares:
        text += f", in {said(REWEIGHTED)} with reweighted units"
    return f"{text}; by chance in {chance(found.measured[0]):.0f} %."


def chance(one: Measured) -> float:
    """How often a layer is found by drawing one, in per cent."""
    return 100 / len(one["layers"])

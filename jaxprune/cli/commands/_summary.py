"""What `prune` says about its results, in 80 ASCII columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...comparisons import compare
from ...report.screen import (
    BIASED,
    fact,
    layer_rows,
    number,
    percent,
    source,
    table,
    wrapped,
)
from ...results import Pruning

# More targets than this would push the rest of the summary off the screen.
ROWS = 10


def pruning_summary(
    result: Pruning,
    *,
    features: str,
    target: str,
    conditions: str,
    seconds: float,
    notes: Sequence[str] = (),
) -> str:
    """Return everything worth knowing about a result, but for where it is saved.

    Parameters
    ----------
    result : Pruning
    features, target : str
        Where they came from.
    conditions : str
        How they were matched.
    seconds : float
        How long it took.
    notes : sequence of str
        What was left out or averaged on the way.
    """
    units = f"{result.n_conditions} conditions x {result.n_units:,} units"
    if result.groups is not None:
        units += f" in {result.n_ranked:,} groups"
    undefined = f"no {result.ranked}"
    if result.n_undefined:
        undefined = (
            f"{result.n_undefined:,} {result.ranked}s, ranked first: no score without "
            "one of them"
        )
    facts = [
        fact("features", source(features, units)),
        *settings_facts(result, target, conditions, seconds),
        fact("undefined", undefined),
        *sign_facts(result),
        *controls_facts(result),
        *(wrapped("note", note) for note in notes),
    ]
    return "\n".join([*facts, "", table(score_rows(result)), "", BIASED])


def layers_summary(
    result: Pruning,
    scores: Mapping[str, Mapping[str, Any]],
    *,
    target: str,
    conditions: str,
    seconds: float,
    notes: Sequence[str] = (),
) -> str:
    """Return the same for several layers: what they share, and a row each.

    Parameters
    ----------
    result : Pruning
        Of any of the layers.
    scores : mapping of str to mapping
        What :func:`jaxprune.io.summary.scores` returns, by layer.
    target, conditions : str
    seconds : float
        How long all layers took.
    notes : sequence of str
        What was left out or averaged on the way.
    """
    ends = [BIASED]
    if (k := np.size(result.full_score)) > 1:
        ends.insert(0, f"Medians of {k} targets; layers.csv has a row for each.")
    undefined = {layer: found["n_undefined"] for layer, found in scores.items()}
    if any(undefined.values()):
        named = ", ".join(f"{layer} {n:,}" for layer, n in undefined.items() if n)
        ends.insert(0, f"Units without which there is no score, ranked first: {named}")
    facts = [
        *settings_facts(result, target, conditions, seconds),
        *(wrapped("note", note) for note in notes),
    ]
    return "\n".join([*facts, "", table(layer_rows(scores)), "", *ends])


def settings_facts(
    result: Pruning, target: str, conditions: str, seconds: float
) -> Sequence[str]:
    """Return what does not depend on the layer: target, conditions, score and path."""
    n, settings = result.n_conditions, result.settings
    k = len(np.atleast_2d(result.target_rdm))
    missing = int(np.isnan(result.target_rdm).sum())
    shape = f"{n} x {n}" if k == 1 else f"{k} RDMs of {n} x {n}"
    if settings.target_kind == "similarity":
        shape += ", similarities"
    if missing:
        shape += f", {missing:,} pairs missing"
    path = f"{result.paths['importance']}, {result.dtype} on {result.device}"
    facts = [
        fact("target", source(target, shape)),
        wrapped("conditions", conditions),
        fact("score", settings.score_text),
        fact("path", f"{path}, {seconds:.1f} s"),
    ]
    if settings.readout is not None:
        facts.append(wrapped("read-out", settings.readout))
    if settings.search != "ranked":
        facts.append(fact("order", f"{settings.search} search"))
    elif settings.importance == "shapley":
        facts.append(fact("order", "by Shapley values"))
    return facts


def controls_facts(result: Pruning) -> list[str]:
    """Say what was taken out of the scores, and what they are without that."""
    settings = result.settings
    if settings.controls is None:
        return []
    plain = (result.plain_full_score, result.plain_best_score)
    full, best = (number(float(np.nanmedian(value))) for value in plain)
    median = " (medians of the targets)" if np.size(plain[0]) > 1 else ""
    text = (
        f"{dict(settings.facts)['controls']}; without that all units score {full}, "
        f"those kept {best}{median}"
    )
    return [wrapped("controls", text)]


def sign_facts(result: Pruning) -> list[str]:
    """Say whether layer and target agree, which a square hides."""
    settings = result.settings
    full = np.atleast_1d(result.full_score)
    if settings.objective == "r2":
        if settings.controls is not None:
            # The result does not hold the RDMs that would tell.
            return []
        targets = np.atleast_2d(result.target_rdm)
        full = np.array(
            [compare(result.full_rdm, rdm, settings.compare) for rdm in targets]
        )
    if not (full < 0).any():
        return [fact("sign", "positive, with all units")] if (full > 0).all() else []
    many = "" if len(full) == 1 else f" for {(full < 0).sum()} of {len(full)} targets"
    text = f"negative{many}, with all units"
    if settings.target_kind == "dissimilarity":
        text += "; if TARGET holds similarities, give --target-kind similarity"
    return [wrapped("sign", text)]


def matched(how: str) -> str:
    """Put what :func:`jaxprune.io.how_matched` returns in a sentence.

    >>> matched("by label")
    'matched by label'
    """
    return how if how.startswith("assumed") else f"matched {how}"


def score_rows(result: Pruning) -> list[list[str]]:
    """Return a header and a row for every target, or for the spread of many."""
    n = result.n_ranked
    kept = f"{result.ranked}s kept"
    header = ["", "full score", "best score", kept, f"of {n:,}"]
    columns = (result.full_score, result.best_score, result.best_size)
    full, best, size = (np.atleast_1d(np.asarray(column)) for column in columns)

    def row(name: str, full: Any, best: Any, size: Any) -> list[str]:
        kept = f"{size:,.0f}"
        return [name, number(full), number(best), kept, percent(size, n)]

    if len(full) == 1:
        pooled = result.target_rdm.ndim > 1
        name = f"mean of {len(result.target_rdm)} targets" if pooled else "target"
        return [header, row(name, full[0], best[0], size[0])]
    if len(full) <= ROWS:
        cells = zip(full, best, size, strict=True)
        return [header] + [row(f"target {i}", *cell) for i, cell in enumerate(cells)]
    header[0] = f"{len(full)} targets"
    spread = (("lowest", np.nanmin), ("median", np.nanmedian), ("highest", np.nanmax))
    return [header] + [row(name, f(full), f(best), f(size)) for name, f in spread]

"""The page of a result of `prune`, made before the result is saved."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...io.labelled import short
from .. import messages

if TYPE_CHECKING:
    from ...io import Labelled
    from ...results import Pruning


def identity(values: Any) -> str:
    """Digest of features, sparse ones too."""
    from ...base.sparse import is_sparse
    from ...io.checkpoints import digest

    if is_sparse(values):
        rows = values.tocsr()
        return digest(rows.data, rows.indices, rows.indptr)
    return digest(values)


def page_of(
    result: Pruning, features: Any, args: argparse.Namespace, **more: Any
) -> str | None:
    """The page of a result; None, and a message, if it cannot be made."""
    if args.no_report:
        return None
    from ...explain import pruning_page

    try:
        return pruning_page(result, features=features, **more).html()
    except Exception as error:  # noqa: BLE001 - a computed result is not given up
        kind = f"{type(error).__name__}: {messages.one_line(error)}"
        messages.say(f"error: making the report failed: {kind}")
        return None


def conditions_shown(
    features: Labelled, target: Labelled, args: argparse.Namespace
) -> Any:
    """Names and thumbnails of the conditions, before anything is computed."""
    if args.no_report or args.pictures is None:
        return None
    from ...explain import Conditions, thumbnail
    from ...explain.exploring import CELLS

    n, labels = features.values.shape[-2], features.labels or target.labels
    if n > CELLS:
        note = f"There are no thumbnails of more than {CELLS} conditions."
        return Conditions.named(labels, n, notes=(note,))
    found, notes = args.pictures.firsts(labels, n)
    pictures = {k: thumbnail(one) for k, one in enumerate(found) if one is not None}
    return Conditions.named(labels, n, pictures, notes=notes)


def facts_of(inputs: Mapping[str, Any], matching: str | None) -> dict[str, str]:
    """Where the data came from, for the page."""
    names = ("features", "network", "weights", "layer", "images", "preprocessing")
    named = (*names, "target")
    found = {name: short(inputs[name]) for name in named if name in inputs}
    if matching is not None:
        found["conditions matched"] = matching
    if "command" in inputs:
        found["command"] = " ".join(inputs["command"])
    return found

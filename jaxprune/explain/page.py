"""The page of a result: what was found, to be explored, and how it was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..report import Report
from ..report.numbers import number
from .conditions import Conditions
from .exploring import explored

if TYPE_CHECKING:
    from ..results import Pruning

BIASED = (
    "The best score is the maximum over all sizes, on the data it is measured on, so "
    "it is biased upwards; jaxprune test says by how much."
)


def pruning_page(
    result: Pruning,
    *,
    features: Any = None,
    noise: Any = None,
    conditions: Conditions | None = None,
    facts: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    target: int = 0,
) -> Report:
    """Page of a result that answers the pointer; sections can be added to it.

    Parameters
    ----------
    result : Pruning
    features : array_like (n, N), optional
        For the RDMs of the first units at some forty sizes. Without them the page has
        those of all and of the retained units.
    noise : array_like, optional
        Precision of their noise, if the metric was given any.
    conditions : Conditions, optional
        Names, thumbnails and categories; by default the labels of the result.
    facts : mapping, optional
        Where the data came from.
    notes : sequence of str
        What was left out, or assumed.
    target : int
        Of several targets, the one that is shown.

    Returns
    -------
    Report
        ``.write("report.html")`` saves it.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> from jaxprune.explain import pruning_page
    >>> features = np.random.default_rng(0).random((6, 20))
    >>> result = jp.prune(features, np.arange(15.0))
    >>> html = pruning_page(result, features=features).html()
    >>> "6 conditions" in html, len(html) < 200_000
    (True, True)
    """
    page = begun(result, features, noise, conditions, notes, target)
    return ended(page, result, facts)


def begun(
    result: Pruning,
    features: Any,
    noise: Any,
    conditions: Conditions | None,
    notes: Sequence[str],
    target: int,
) -> Report:
    """The beginning of a page: scores, and what answers the pointer."""
    n = result.n_conditions
    known = conditions or Conditions.named(result.conditions, n)
    several = isinstance(result.retained, list)
    size = int(np.atleast_1d(result.best_size)[target])
    best = float(np.atleast_1d(result.best_score)[target])
    full = float(np.atleast_1d(result.full_score)[target])
    which = f" (target {target} of {np.size(result.best_size)})" if several else ""
    page = Report(
        f"{number(size)} of {number(result.n_ranked)} {result.ranked}s kept",
        f"{n} conditions: the RDM of all {result.ranked}s has a score of "
        f"{number(full)}, that of the first {number(size)} of the ranking "
        f"{number(best)}{which}. {BIASED}",
    )
    data = explored(result, known, features=features, noise=noise, target=target)
    page = page.heading("Explore").explorer(data)
    for note in (*notes, *known.notes):
        page = page.paragraph(note)
    if several:
        page = page.heading("Scores of every target").table(
            ["target", "all", "best", f"{result.ranked}s kept", "share"],
            _rows(result),
            "Scores of all and of the best set",
        )
    return page


def ended(page: Report, result: Pruning, facts: Mapping[str, Any] | None) -> Report:
    """The page with its end: how everything was computed."""
    every = {**_settings(result), **(facts or {})}
    return page.heading("How it was computed").facts(every)


def _rows(result: Pruning) -> list[tuple[Any, ...]]:
    columns = (result.full_score, result.best_score, result.best_size)
    rows = zip(*(np.atleast_1d(column).tolist() for column in columns), strict=True)
    n = result.n_ranked
    return [
        (f"target {k}", full, best, size, f"{100 * size / n:.1f} %")
        for k, (full, best, size) in enumerate(rows)
    ]


def _settings(result: Pruning) -> dict[str, Any]:
    settings = result.settings
    squared = ", squared" if settings.objective == "r2" else ""
    found: dict[str, Any] = {
        "RDM": settings.metric,
        "comparison": settings.compare + squared,
        "conditions": result.n_conditions,
        "units": result.n_units,
    }
    if result.groups is not None:
        found["groups"] = len(result.groups)
    if settings.search != "ranked":
        found["order"] = f"{settings.search} search"
    if result.target_rdm.ndim > 1 and not isinstance(result.retained, list):
        found["targets"] = f"mean score of {len(result.target_rdm)}"
    paths = ", ".join(f"{step} {path}" for step, path in result.paths.items())
    return found | {"path": f"{paths}; {result.dtype} on {result.device}"}

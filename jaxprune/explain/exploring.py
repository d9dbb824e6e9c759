"""What the interactive part of a page holds: small arrays, whatever the layer."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.arrays import squareform
from .conditions import Conditions, block_means, by_cluster
from .prefixes import chosen_sizes, prefix_rdms
from .where import PositionMap, Shares, every_share, position_map

if TYPE_CHECKING:
    from ..results import Pruning

# Conditions whose RDMs are shown cell by cell; of more, blocks are.
CELLS = 200
# Numbers of all RDMs of a page: with four bytes each, 3 MB as text.
NUMBERS = 550_000
# RDMs of the first units of the ranking, at most; of more than `CELLS` conditions they
# take as long to make as the rest of the pruning.
SIZES, SIZES_OF_MANY = 40, 8
POINTS = 600  # of a curve
CURVES = 12  # of other targets
BINS = 41
IMPORTANCE = {
    "leave_one_out": "Fall of the score in the absence",
    "shapley": "Shapley value",
}
BARS = 600  # channels with a bar of their own


def explored(
    result: Pruning,
    conditions: Conditions,
    *,
    features: Any = None,
    noise: Any = None,
    target: int = 0,
) -> dict[str, Any]:
    """Return everything that the script of a page shows, ready for JSON.

    Parameters
    ----------
    result : Pruning
    conditions : Conditions
    features : array_like (n, N), optional
        Without them, or where RDMs are read elsewhere, there are those of all and of
        the retained units only.
    noise : array_like, optional
        As in :func:`~jaxprune.explain.prefixes.prefix_rdms`.
    target : int
        Of several targets with a ranking each, the one that is shown.
    """
    several = isinstance(result.retained, list)
    best = int(np.atleast_1d(result.best_size)[target])
    n = result.n_conditions
    side = min(n, CELLS)
    if features is None or result.settings.readout is not None:
        steps = np.unique([best, result.sizes[-1]])
        both = {best: np.atleast_2d(result.pruned_rdm)[target if several else 0]}
        both[int(result.sizes[-1])] = result.full_rdm
        rdms = np.stack([both[int(size)] for size in steps])
    else:
        most = SIZES if n <= CELLS else SIZES_OF_MANY
        room = NUMBERS // (side * (side + 1) // 2) - 2
        steps = chosen_sizes(result, min(most, room), target)
        rdms = prefix_rdms(result, features, steps, target=target, noise=noise)
    shown = np.stack([_target(result, target), result.full_rdm, *rdms])
    mask = np.atleast_2d(result.mask)[target if several else 0]
    if n > side:
        # What is averaged cannot be sorted afterwards.
        name, order = _orders(conditions)[-1]
        squares = block_means(shown, order, side)
        names, orders = _blocks(conditions, order, side), [(name, np.arange(side))]
    else:
        squares, names = squareform(shown, np.nan), _names(conditions)
        orders = _orders(conditions)
        similar = by_cluster(rdms[np.searchsorted(steps, best)])
        orders.insert(1, ("by similarity in the retained units", similar))
    cells = squares[:, *np.triu_indices(side)].astype("<f4")
    settings = result.settings
    return {
        "ranked": result.ranked,
        "score": settings.compare + ("²" if settings.objective == "r2" else ""),
        "importance": IMPORTANCE[settings.importance],
        **_curves(result, steps, target),
        "best": best,
        "steps": steps.tolist(),
        "side": side,
        "conditions": n,
        "cells": b64encode(cells.tobytes()).decode("ascii"),
        "names": names,
        "pictures": {str(k): uri for k, uri in conditions.pictures.items()},
        "orders": [{"name": name, "order": order.tolist()} for name, order in orders],
        "histogram": _histogram(result, best, target),
        "map": _map(position_map(result.units, mask)),
        "shares": [_shares(found) for found in every_share(result.units, mask)],
    }


def _target(result: Pruning, target: int) -> np.ndarray:
    """The target that is shown: one of several, or the mean of those pooled."""
    if result.target_rdm.ndim == 1:
        return result.target_rdm
    if isinstance(result.retained, list):
        return result.target_rdm[target]
    present = np.isfinite(result.target_rdm)
    totals = np.where(present, result.target_rdm, 0).sum(0)
    with np.errstate(invalid="ignore"):
        return totals / present.sum(0)


def _orders(conditions: Conditions) -> list[tuple[str, np.ndarray]]:
    orders = [("as in the file", np.arange(len(conditions.names)))]
    if (categories := conditions.categories) is not None:
        orders.append(("by category", np.argsort(categories, kind="stable")))
    return orders


def _names(conditions: Conditions) -> list[str]:
    """Names of the conditions, with their categories where these are known."""
    names, categories = conditions.names, conditions.categories
    if categories is None:
        return list(names)
    return [f"{one} ({kind})" for one, kind in zip(names, categories, strict=True)]


def _blocks(conditions: Conditions, order: np.ndarray, side: int) -> list[str]:
    """Names of blocks of conditions: the first, and how many others."""
    parts = np.searchsorted(np.arange(len(order)) * side // len(order), range(side))
    names = []
    for some in np.split(order, parts[1:]):
        first = conditions.names[some[0]]
        names.append(first if len(some) == 1 else f"{first} and {len(some) - 1} more")
    return names


def _curves(result: Pruning, steps: np.ndarray, target: int) -> dict[str, Any]:
    """Scores at some sizes; exactly those of the curve."""
    curves, sizes = np.atleast_2d(result.curve), result.sizes
    grid = np.geomspace(1, len(sizes), POINTS).astype(int) - 1
    at = np.unique(np.r_[grid, np.searchsorted(sizes, steps)])
    others = [k for k in range(len(curves)) if k != target][:CURVES]
    full = float(np.atleast_1d(result.full_score)[target])
    return {
        "sizes": sizes[at].tolist(),
        "curve": _plain(curves[target, at]),
        "others": [_plain(curves[k, at]) for k in others],
        "full": full if np.isfinite(full) else None,
        "all": int(result.n_ranked),
    }


def _histogram(result: Pruning, best: int, target: int) -> dict[str, Any]:
    """Importances in bins that are equal around 0 and grow away from it."""
    importance = np.atleast_2d(result.importance)[target]
    order = np.atleast_2d(result.order)[target]
    retained = np.isin(np.arange(len(importance)), order[:best])
    defined = np.isfinite(importance)
    size = np.abs(importance[defined & (importance != 0)])
    scale = float(np.median(size)) if len(size) else 1.0
    placed = np.arcsinh(importance / scale)
    within = (
        min(placed[defined].min(initial=0), 0),
        max(placed[defined].max(initial=0), 1e-9),
    )
    edges = np.histogram_bin_edges([], BINS, within)
    counts = [
        np.histogram(placed[defined & chosen], edges)[0].tolist()
        for chosen in (retained, ~retained)
    ]
    return {
        "edges": (np.sinh(edges) * scale).tolist(),
        "retained": counts[0],
        "dropped": counts[1],
        "undefined": int((~defined).sum()),
        "zero": int((importance == 0).sum()),
    }


def _map(found: PositionMap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"retained": found.retained.tolist(), "units": found.units.tolist()}


def _shares(found: Shares) -> dict[str, Any]:
    """Bars of the values with the largest shares; of very many, evenly chosen ones."""
    at = np.unique(np.linspace(0, len(found.names) - 1, BARS).astype(int))
    return {
        "column": found.column,
        "count": len(found.names),
        "places": (at + 1).tolist(),
        "names": [str(name) for name in found.names[at]],
        "units": found.units[at].tolist(),
        "retained": found.retained[at].tolist(),
        "low": found.low[at].round(4).tolist(),
        "high": found.high[at].round(4).tolist(),
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if v != v else v for v in values.tolist()]

"""RDMs of the most important units, at some sizes of the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.arrays import pair_index
from ..engine.layer import make_layer
from ..engine.rdms import nested_rdms
from ..metrics import METRICS, metric_named

if TYPE_CHECKING:
    from ..results import Pruning


def chosen_sizes(result: Pruning, count: int, target: int = 0) -> np.ndarray:
    """Some of the sizes that have a score, in equal steps of the logarithm.

    Parameters
    ----------
    result : Pruning
    count : int
        At most so many; the best size and the largest are among them.
    target : int
        Of several.

    Returns
    -------
    ndarray of int (count,)
        Ascending.
    """
    curve = np.atleast_2d(result.curve)[target]
    sizes = result.sizes[np.isfinite(curve)]
    best = int(np.atleast_1d(result.best_size)[target])
    grid = np.geomspace(sizes[0], sizes[-1], max(count - 1, 2))
    # The nearest size that was scored; small ones are met more than once.
    near = sizes[np.searchsorted(sizes, np.floor(grid + 1e-9))]
    return np.unique(np.r_[near, best, sizes[-1]])


def units_of_first(result: Pruning, size: int, target: int = 0) -> np.ndarray:
    """Units ``(N,)``, boolean, that the first of the ranking are, groups or units."""
    first = np.atleast_2d(result.order)[target][:size]
    if result.group_of is None:
        mask = np.zeros(result.n_units, bool)
        mask[first] = True
        return mask
    # Units in no group are always in.
    return np.isin(result.group_of, first) | (result.group_of < 0)


def prefix_rdms(
    result: Pruning,
    features: Any,
    sizes: np.ndarray,
    *,
    target: int = 0,
    noise: Any = None,
) -> np.ndarray:
    """RDMs of the first units of the ranking, ``(len(sizes), P)``.

    Parameters
    ----------
    result : Pruning
    features : array_like (n, N)
        That the result is of.
    sizes : array_like of int
        Ascending.
    target : int
        Of several.
    noise : array_like, optional
        Precision of the noise of the units, if the result is of features with some.

    Raises
    ------
    ValueError
        If the features are not those of the result, or noise is missing.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> features = np.random.default_rng(0).random((6, 20))
    >>> result = jp.prune(features, np.arange(15.0))
    >>> rdms = prefix_rdms(result, features, [result.best_size, 20])
    >>> np.allclose(rdms, [result.pruned_rdm, result.full_rdm], atol=1e-12)
    True
    """
    settings = result.settings
    if settings.noise is not None and noise is None:
        raise ValueError(
            "noise: the result is of features with the precision of their noise; "
            "expected it here, too."
        )
    masks = np.stack([units_of_first(result, int(size), target) for size in sizes])
    if settings.metric not in METRICS:
        # Odd-one-out triplets: dot products, as `prune_triplets` has them.
        i, j = pair_index(result.n_conditions)
        x = np.asarray(features, float)
        return np.stack([-(x[:, m] @ x[:, m].T)[i, j] for m in masks])
    metric = metric_named(settings.metric, settings.undefined, noise)
    layer = make_layer(features, metric, noise, min_units=1)
    if (layer.n_conditions, layer.n_units) != (result.n_conditions, result.n_units):
        raise ValueError(
            f"features: {layer.n_conditions} conditions and {layer.n_units:,} units; "
            f"the result has {result.n_conditions} and {result.n_units:,}. Expected "
            "the features that were pruned."
        )
    return nested_rdms(layer, masks)

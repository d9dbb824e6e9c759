"""Which regions of an image carry the fit: its feature maps, weighted by importance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base import checks
from ..base.arrays import double_precision
from ..comparisons import comparison_named
from ..execution.run import bar
from ..kernels.occlusion import patterns, row_scores
from ..metrics import metric_named
from ._input import as_conditions, check_baseline, check_names, check_response
from ._weighted_maps import WeightedMaps

# Numbers of the masked copies of a layer that are read from together.
TOGETHER = 2**24

Readout = Callable[[jax.Array], Any]


def weighted_maps(
    units: Any,
    others: Any,
    target_row: Any,
    shape: Sequence[int],
    size: tuple[int, int],
    *,
    readout: Readout | None = None,
    metric: str = "correlation",
    compare: str = "pearson",
    undefined: str = "nan",
    scaled: bool = False,
    progress: bool = False,
    title: str = "maps",
) -> WeightedMaps:
    r"""Feature maps of one image, weighted by what its row of the RDM loses without.

    With :math:`a_k` the maps of a layer, :math:`f` what is read from it, :math:`y_j`
    what is read of the other conditions and :math:`t_j` the target dissimilarities,

    .. math:: w_k = \rho\big(d(f(a), y_j), t_j\big)
              - \rho\big(d(f(a_{-k}), y_j), t_j\big), \qquad
              \mathrm{heat} = \frac{1}{C} \sum_k w_k a_k

    where map k is zero in :math:`a_{-k}`, for this image alone [1]_. The score is not
    squared, whatever the pruning was: a map that turns a row around is told from one
    that fits it.

    Parameters
    ----------
    units : array_like (N,)
        Responses of the layer to the image, channel-first.
    others : array_like (n - 1, M)
        What is read of the other conditions.
    target_row : array_like (n - 1,)
        Target dissimilarities of the image and the others; NaN where missing.
    shape : sequence of int
        ``(C, h, w)`` of the layer.
    size : tuple of int
        Height and width of the image in pixels.
    readout : callable, optional
        From layers ``(B, N)`` to patterns ``(B, M)``, each row for itself, such as
        ``jaxprune_ports.from_layer(net, layer, to)``. By default the layer itself.
    metric, compare, undefined
        As of :func:`occlusion_map`.
    scaled : bool
        Scale each map to 0..1 before it is weighted: maps that respond weakly count
        as much as others.
    progress : bool
        Show a progress bar, which counts maps.
    title : str
        Its label.

    Returns
    -------
    WeightedMaps
        ``heat``, ``weights``, ``baseline``.

    Raises
    ------
    ValueError
        Bad input; an image whose score is undefined with all maps.

    References
    ----------
    .. [1] Truong, Pesenti, Hasson (2025). Alignment-Importance. Computational Brain &
       Behavior 8(3).

    Examples
    --------
    >>> import numpy as np
    >>> from jaxprune.heatmaps import weighted_maps
    >>> rng = np.random.default_rng(0)
    >>> layers, row = rng.random((6, 4 * 3 * 3)), rng.random(5)
    >>> found = weighted_maps(layers[0], layers[1:], row, (4, 3, 3), size=(30, 30))
    >>> found.heat.shape, found.weights.shape, found.n_undefined
    ((3, 3), (4,), 0)
    """
    check_names(metric, compare)
    checks.choice("undefined", undefined, ["nan", "zero"])
    layer = checks.array_of("units", units)
    checks.numeric("units", layer)
    sides = tuple(int(side) for side in shape)
    if len(sides) != 3 or layer.shape != (np.prod(sides),):
        raise ValueError(
            f"units has shape {layer.shape} and shape={sides}; expected the units of a "
            "layer of maps, (C * h * w,) of (C, h, w)."
        )
    known, row = as_conditions(others, target_row)
    comparison = comparison_named(compare, metric_named(metric).scale)
    prepared = comparison.prepare(row)
    count, n_units = sides[0], layer.size
    batch = min(max(TOGETHER // n_units, 1), count + 1)
    channel = np.arange(n_units) // (n_units // count)
    scores = np.empty(count + 1)
    # What is read is computed as it is outside of here.
    double = jnp.result_type(float) == np.float64
    with double_precision(), bar(title, count + 1, "maps", progress) as advance:
        rows = jnp.nan_to_num(patterns(jnp.asarray(known), metric))
        for first in range(0, count + 1, batch):
            # Number 0 lacks no map; the last batch is filled with such.
            missing = np.arange(first, first + batch)[:, None] - 1
            masked = np.where(channel == missing, 0, layer)
            with jax.enable_x64(double):
                values = jnp.asarray(masked)
                values = values if readout is None else readout(values)
            check_response(values, batch, known.shape[1])
            values = jnp.asarray(values)
            found = row_scores(metric, comparison, values, None, rows, prepared)
            stop = min(first + batch, count + 1)
            scores[first:stop] = np.asarray(found)[: stop - first]
            if first == 0:
                check_baseline("all maps", float(scores[0]))
            advance(stop - first)
    if undefined == "zero":
        scores = np.nan_to_num(scores)
    maps = layer.reshape(sides).astype(float)
    if scaled:
        maps = _scaled(maps)
    baseline = float(scores[0])
    return WeightedMaps(maps, baseline - scores[1:], baseline, (size[0], size[1]))


def _scaled(maps: np.ndarray) -> np.ndarray:
    """Each map from 0 to 1; zeros for one that is the same everywhere."""
    low, high = (f(maps, (1, 2), keepdims=True) for f in (np.min, np.max))
    return np.where(high > low, (maps - low) / np.where(high > low, high - low, 1), 0)

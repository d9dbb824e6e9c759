"""Squares over an image, and the drop of its score behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base import checks
from ..base.arrays import double_precision
from ..comparisons import comparison_named
from ..execution.devices import device_of
from ..execution.run import bar
from ..kernels.occlusion import occluded, patterns, row_scores
from ..metrics import metric_named
from ._heat_map import HeatMap
from ._input import (
    as_conditions,
    as_image,
    as_units,
    check_baseline,
    check_names,
    check_response,
    check_sizes,
)

# Of images of 224 pixels, as Tarigopula et al. (2023) chose them.
SIZES, STRIDE = tuple(range(24, 57, 4)), 4
# Images computed together; what is measured for extraction holds here too.
CPU_BATCH, ACCELERATOR_BATCH = 8, 32

Respond = Callable[[jax.Array], Any]


def occlusion_map(
    respond: Respond,
    image: Any,
    others: Any,
    target_row: Any,
    *,
    units: Any = None,
    **options: Any,
) -> HeatMap:
    r"""Heat map of one image: which regions carry the fit of its row of the RDM.

    With :math:`x(o)` the responses of the units to the image behind the occluder
    :math:`o`, :math:`x_j` those to the other conditions, and :math:`t_j` the target
    dissimilarities, the heat of a position is

    .. math:: \frac{1}{|S|} \sum_{s \in S}
        \rho\big(d(x, x_j),\, t_j\big) - \rho\big(d(x(o_s), x_j),\, t_j\big)

    over squares of the sizes S around it (Tarigopula et al. 2023). Squares are zero,
    which after normalisation is the mean colour; what lies outside of the image is cut
    off.

    Parameters
    ----------
    respond : callable
        From images ``(B, H, W, 3)``, a jax array, to features ``(B, N)``: a network and
        a layer, such as ``jaxprune_ports.responder(net, layer)``. B is always the same.
    image : array_like (H, W, 3)
        Preprocessed.
    others : array_like (n - 1, N)
        Features of the other conditions.
    target_row : array_like (n - 1,)
        Target dissimilarities of the image and the others; NaN where missing.
    units : array_like, optional
        Indices of the units retained, or a mask ``(N,)``; all by default.
    sizes : sequence of int
        Sides of the squares in pixels, by default 24, 28, ..., 56.
    stride : int, default=4
        Distance between positions in pixels: they are in the middle of cells of that
        size, of which the last ones in a row or column may be smaller.
    metric : {"correlation", "cosine", "euclidean", "sqeuclidean"}
        Distance between conditions.
    compare : {"pearson", "spearman", "cosine", "tau-a", "tau-b", "rho-a"}
        How the row is compared with that of the target.
    objective : {"r2", "r"}
        The square of that (as published), or itself.
    undefined : {"nan", "zero"}
        Of a pattern that is constant (correlation) or zero (cosine): among `others` an
        error, or its similarities count as 0.
    batch_size : int, optional
        Images computed together, by default 8 on a CPU and 32 elsewhere.
    progress : bool
        Show a progress bar.
    title : str
        Its label.

    Returns
    -------
    HeatMap

    Raises
    ------
    ValueError
        Bad input; an image whose score is undefined as it is; squares that hide all of
        it.

    References
    ----------
    Tarigopula, Fairhall, Bavaresco, Truong & Hasson (2023). Neural Networks 168:89-104.

    Examples
    --------
    A "network" that sees the mean brightness of 2 x 2 quarters:

    >>> import numpy as np
    >>> def respond(x):
    ...     return x.reshape(-1, 2, 8, 2, 8, 3).mean((2, 4, 5)).reshape(-1, 4)
    >>> rng = np.random.default_rng(0)
    >>> image, others, row = rng.random((16, 16, 3)), rng.random((6, 4)), rng.random(6)
    >>> found = occlusion_map(respond, image, others, row, sizes=[4, 8], stride=4)
    >>> found.heat.shape, found.n_undefined
    ((4, 4), 0)
    """
    subsets = {"units": units}
    found = occlusion_maps(respond, image, others, target_row, subsets, **options)
    return found["units"]


def occlusion_maps(
    respond: Respond,
    image: Any,
    others: Any,
    target_row: Any,
    subsets: Mapping[str, Any],
    *,
    sizes: Sequence[int] = SIZES,
    stride: int = STRIDE,
    metric: str = "correlation",
    compare: str = "pearson",
    objective: str = "r2",
    undefined: str = "nan",
    batch_size: int | None = None,
    progress: bool = False,
    title: str = "occlusion",
) -> dict[str, HeatMap]:
    """Heat maps of several sets of units, at the cost of one.

    Parameters
    ----------
    subsets : mapping of str to array_like
        What `units` is in :func:`occlusion_map`, by name; None for all units.
    respond, image, others, target_row
        As there; so are the options.

    Returns
    -------
    dict of HeatMap
        By name.

    Raises
    ------
    ValueError
        As :func:`occlusion_map`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> image, others, row = rng.random((8, 8, 3)), rng.random((6, 192)), rng.random(6)
    >>> pixels = lambda x: x.reshape(len(x), -1)
    >>> subsets = {"every other": range(0, 192, 2), "all": None}
    >>> found = occlusion_maps(pixels, image, others, row, subsets, sizes=[4])
    >>> [heatmap.heat.shape for heatmap in found.values()]
    [(2, 2), (2, 2)]
    """
    check_names(metric, compare)
    checks.choice("objective", objective, ["r", "r2"])
    checks.choice("undefined", undefined, ["nan", "zero"])
    batch_size = checks.positive_or_none("batch_size", batch_size)
    pixels = as_image(image)
    sides = check_sizes(pixels.shape, sizes, stride)
    squares, positions = _squares(pixels.shape, sides, stride)
    features, row = as_conditions(others, target_row)
    known = {
        name: _known(name, features, units, metric, undefined)
        for name, units in subsets.items()
    }
    comparison = comparison_named(compare, metric_named(metric).scale)
    prepared = comparison.prepare(row)
    on_cpu = device_of(image, "float64").on_cpu
    batch = min(
        batch_size or (CPU_BATCH if on_cpu else ACCELERATOR_BATCH), len(squares)
    )
    # Before the squares one of no size, which leaves the image whole; such ones fill
    # the last batch, too.
    filled = np.zeros((-(-(len(squares) + 1) // batch) * batch, 3), np.int32)
    filled[1 : len(squares) + 1] = squares
    scores = {name: np.empty(len(filled)) for name in subsets}
    # The network computes as it does outside of here: it need not be compiled again.
    double = jnp.result_type(float) == np.float64

    with double_precision(), bar(title, len(filled), "images", progress) as advance:
        for first in range(0, len(filled), batch):
            rows = slice(first, first + batch)
            with jax.enable_x64(double):
                values = respond(occluded(pixels, jnp.asarray(filled[rows])))
            check_response(values, batch, features.shape[1])
            values = jnp.asarray(values)
            for name, (units, others) in known.items():
                found = row_scores(metric, comparison, values, units, others, prepared)
                scores[name][rows] = found
                if first == 0:
                    check_baseline(name, scores[name][0])
            advance(batch)
    shape = (len(sides), *positions.shape[:2])
    maps = {}
    for name, found in scores.items():
        used = found[: len(squares) + 1] ** (2 if objective == "r2" else 1)
        drop = (used[0] - used[1:]).reshape(shape)
        maps[name] = HeatMap(drop, float(used[0]), positions, sides, stride)
    return maps


def _squares(
    shape: tuple[int, ...], sides: Sequence[int], stride: int
) -> tuple[np.ndarray, np.ndarray]:
    """Top, left and size of all squares ``(S h w, 3)``, and their centres."""
    height, width, _ = shape
    cells = np.indices((-(-height // stride), -(-width // stride))) * stride
    # Of a cell at the edge, the part that is inside of the image.
    inside = np.minimum(stride, np.reshape([height, width], (2, 1, 1)) - cells)
    squares = [
        [*(cells - (side - inside) // 2), np.full_like(cells[0], side)]
        for side in sides
    ]
    rows = np.moveaxis(np.array(squares, np.int32), 1, -1).reshape(-1, 3)
    return rows, np.moveaxis(cells + inside / 2, 0, -1)


def _known(
    name: str, features: np.ndarray, units: Any, metric: str, undefined: str
) -> tuple[jax.Array | None, jax.Array]:
    """Indices of units (None for all), and the patterns of the others over them."""
    index = as_units(name, units, features.shape[1])
    with double_precision():
        chosen = jnp.asarray(features if index is None else features[:, index])
        found = patterns(chosen, metric)
        absent = np.flatnonzero(np.isnan(found).any(1))
        if undefined == "nan" and len(absent):
            what = "constant" if metric == "correlation" else "zero"
            raise ValueError(
                f"others is {what} over the units of {name!r} for {len(absent)} "
                f"condition(s), {', '.join(map(str, absent[:5]))} (counted from 0, "
                "without those that the target lacks), so their similarity is "
                "undefined. Remove them, or pass undefined='zero' to count it as 0."
            )
        return None if index is None else jnp.asarray(index), jnp.nan_to_num(found)

"""From responses to single images to the moments of cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base import checks
from ._factors import as_factors, grouped
from .cells import CellMoments

# Images of one cell that are converted to float64 together, 1 MB: they stay in cache
# while they are averaged and centred.
BLOCK = 2**17


def cell_moments(responses: Any, factors: Mapping[str, Any]) -> CellMoments:
    """Moments of responses to single images.

    Parameters
    ----------
    responses : array_like (n, N)
        One row per image, one column per unit. Converted to float64 in blocks, never
        as a whole.
    factors : mapping of str to array_like (n,)
        Levels of every image, numbers or text, by factor.

    Returns
    -------
    CellMoments
        Cells sorted by the levels of the first factor, then of the second and so on.

    Raises
    ------
    ValueError
        Responses that are not a numeric matrix or hold NaN, or factors that do not
        fit them.

    Examples
    --------
    >>> cells = cell_moments([[0.0], [2.0], [4.0]], {"numerosity": [6, 6, 10]})
    >>> cells.count, cells.mean.ravel(), cells.m2.ravel()
    (array([2, 1]), array([1., 4.]), array([2., 0.]))
    """
    x = checks.array_of("responses", responses)
    checks.numeric("responses", x)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(
            f"responses has shape {x.shape}; expected (n_images, n_units). Flatten "
            "each image's responses to a row: responses.reshape(len(responses), -1)."
        )
    levels = as_factors(factors, len(x), "image")
    group, first = grouped(levels, levels)
    rows = [np.flatnonzero(group == cell) for cell in range(len(first))]
    count = np.array([len(cell) for cell in rows])
    mean, m2 = np.empty((2, len(rows), x.shape[1]))
    step = max(1, BLOCK // int(count.max()))
    with np.errstate(over="ignore", invalid="ignore"):  # reported by the check
        for start in range(0, x.shape[1], step):
            part = slice(start, start + step)
            for cell, images in enumerate(rows):
                block = x[images, part].astype(np.float64)
                mean[cell, part] = block.mean(0)
                block -= mean[cell, part]
                m2[cell, part] = np.einsum("ij,ij->j", block, block)
    return CellMoments(count, mean, m2, {k: v[first] for k, v in levels.items()})

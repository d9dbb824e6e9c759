"""Units whose response rises or falls with number, whatever the total area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import checks
from ..plots.record import Record
from ._tasks import as_task

# Units converted to float64 together.
BLOCK = 4096


@dataclass(frozen=True, eq=False, repr=False)
class Monotonic(Record):
    """Regression of every unit on number and area.

    Attributes
    ----------
    b_number, b_area : ndarray (N,)
        Change of the response, as a share of its range, from the smallest number (or
        area) shown to the largest. NaN for units with a constant response.
    r2 : ndarray (N,)
        Share of the variance between images that both explain.
    increasing, decreasing : ndarray of bool (N,)
        Units that follow number and not area.
    """

    b_number: np.ndarray
    b_area: np.ndarray
    r2: np.ndarray
    increasing: np.ndarray
    decreasing: np.ndarray

    @property
    def n_undefined(self) -> int:
        """Number of units with a constant response."""
        return int(np.isnan(self.r2).sum())


def monotonic_units(
    responses: Any,
    numerosity: Any,
    area: Any,
    *,
    min_r2: float = 0.1,
    max_area: float = 0.1,
) -> Monotonic:
    r"""Units that follow the logarithm of number, and not that of area.

    .. math::

        y = b_0 + b_n \log n + b_a \log A

    by least squares over images, with the response y, :math:`\log n` and
    :math:`\log A` each rescaled to run from 0 to 1. A unit with
    :math:`R^2 >` `min_r2` and :math:`|b_a| <` `max_area` is increasing where
    :math:`b_n > 0` and decreasing where :math:`b_n < 0`.

    Parameters
    ----------
    responses : array_like (n_images, N)
        One row per image.
    numerosity : array_like (n_images,)
        Number of dots of each image, above 0.
    area : array_like (n_images,)
        Total area of the dots of each image, above 0. It has to vary within numbers.
    min_r2, max_area : float

    Returns
    -------
    Monotonic

    Raises
    ------
    ValueError
        Bad shapes, values without a logarithm, or an area that follows from number.

    References
    ----------
    .. [1] Kim, Jang, Baek, Song & Paik (2021), Science Advances 7:eabd6127, after
       Stoianov & Zorzi (2012), Nature Neuroscience 15:194-196.

    Examples
    --------
    >>> number, area = np.array([1, 1, 4, 4]), np.array([1, 2, 1, 2])
    >>> responses = np.stack([np.log(number), -np.log(number), np.log(area)], 1)
    >>> found = monotonic_units(responses, number, area)
    >>> found.increasing, found.decreasing
    (array([ True, False, False]), array([False,  True, False]))
    """
    x, levels, level = as_task(responses, numerosity)
    design = np.stack(
        [_scaled_log("numerosity", levels[level]), _scaled_log("area", area, len(x))], 1
    )
    design -= design.mean(0)
    if np.linalg.matrix_rank(design) < 2:
        raise ValueError(
            "area follows from numerosity in these images, so that their effects "
            "cannot be told apart; show every number with several areas."
        )
    solve = np.linalg.pinv(design)
    slopes, r2 = np.full((2, x.shape[1]), np.nan), np.full(x.shape[1], np.nan)
    for start in range(0, x.shape[1], BLOCK):
        part = slice(start, start + BLOCK)
        slopes[:, part], r2[part] = _regressed(x[:, part], design, solve)
    number, of_area = slopes
    follows = (r2 > min_r2) & (np.abs(of_area) < max_area)
    return Monotonic(
        number, of_area, r2, follows & (number > 0), follows & (number < 0)
    )


def _scaled_log(name: str, values: Any, n: int | None = None) -> np.ndarray:
    """Logarithms, from 0 for the smallest to 1 for the largest."""
    x = checks.array_of(name, values, float)
    if x.shape != (n or len(x),) or not (np.isfinite(x) & (x > 0)).all():
        raise ValueError(
            f"{name} has shape {x.shape}; expected one number above 0 for each of the "
            f"{n or len(x)} images. Leave out images without dots."
        )
    log = np.log(x)
    return (log - log.min()) / (np.ptp(log) or 1)


def _regressed(
    x: np.ndarray, design: np.ndarray, solve: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and share of variance explained; NaN for constant units."""
    y = x.astype(np.float64)
    if not np.isfinite(y).all():
        raise ValueError(
            "responses contains NaN or infinity; remove those images or units."
        )
    reach = np.ptp(y, 0)
    y = (y - y.mean(0)) / np.where(reach > 0, reach, np.nan)
    slopes = solve @ y
    return slopes, np.square(design @ slopes).sum(0) / np.square(y).sum(0)

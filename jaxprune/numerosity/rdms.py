"""Model RDMs: distances between numbers, and between values of any other dimension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base import checks
from ..base.arrays import condensed

SCALES = ("log", "linear")


def distance_rdm(values: Any, scale: str = "log") -> np.ndarray:
    r"""Distances between the values that conditions have on one dimension.

    .. math:: d_{ij} = |\log x_i - \log x_j| \quad \text{or} \quad |x_i - x_j|

    Parameters
    ----------
    values : array_like (n,)
        Number, area or density of each condition. Natural logarithms; their base
        changes no correlation with an RDM.
    scale : {"log", "linear"}

    Returns
    -------
    ndarray (n, n)

    Raises
    ------
    ValueError
        An unknown scale, values that are not a vector of finite numbers, or a value
        without a logarithm.

    References
    ----------
    .. [1] Castaldi et al. (2019), eLife 8:e45160.
    .. [2] Truong, Noei & Karami (2024), OpenReview n5cV83qUrs.

    Examples
    --------
    >>> distance_rdm([1, 10]).round(2)
    array([[0. , 2.3],
           [2.3, 0. ]])
    >>> distance_rdm([6, 10], "linear")
    array([[0., 4.],
           [4., 0.]])
    """
    checks.choice("scale", scale, SCALES)
    x = checks.array_of("values", values, float)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError(
            f"values has shape {x.shape}, and {int((~np.isfinite(x)).sum())} of them "
            "are NaN or infinity; expected one finite number for every condition."
        )
    if scale == "log":
        if not (x > 0).all():
            raise ValueError(
                f"values holds {x.min():g}, which has no logarithm; expected positive "
                "numbers. Use scale='linear' if zero is meant."
            )
        x = np.log(x)
    return np.abs(x[:, None] - x)


def dimension_rdms(
    factors: Mapping[str, Any], scale: str = "log"
) -> dict[str, np.ndarray]:
    """Distances on each of several dimensions.

    Parameters
    ----------
    factors : mapping of str to array_like (n,)
        Such as ``stimuli.factors``: number, item area, field area, density.
    scale : {"log", "linear"}

    Returns
    -------
    dict of ndarray (n, n)

    Raises
    ------
    ValueError
        As `distance_rdm`; the dimension is named.

    Examples
    --------
    >>> sorted(dimension_rdms({"numerosity": [6, 10], "item_area": [0.04, 0.2]}))
    ['item_area', 'numerosity']
    """
    rdms = {}
    for name, values in factors.items():
        try:
            rdms[name] = distance_rdm(values, scale)
        except ValueError as error:
            raise ValueError(f"factors[{name!r}]: {error}") from None
    return rdms


def zscored(rdm: Any) -> np.ndarray:
    """Pairs of an RDM with mean 0 and standard deviation 1: a regressor.

    Castaldi et al. (2019) regress neural RDMs on such RDMs of five dimensions.

    Parameters
    ----------
    rdm : array_like (n, n)
        Square.

    Returns
    -------
    ndarray (P,)
        Condensed, as a z-scored RDM has negative "distances".

    Raises
    ------
    ValueError
        An RDM that is not square, or the same in all pairs.

    Examples
    --------
    >>> zscored(distance_rdm([1, 2, 4])).round(3)
    array([-0.707,  1.414, -0.707])
    """
    square = checks.array_of("rdm", rdm, float)
    if square.ndim != 2 or square.shape[0] != square.shape[1] or len(square) < 3:
        raise ValueError(
            f"rdm has shape {square.shape}; expected (n, n), for at least 3 conditions."
        )
    pairs = condensed(square)
    # Round-off of logarithms is some 1e-16 of them.
    if not np.std(pairs) > 1e-12 * np.abs(pairs).max():
        raise ValueError(
            f"rdm is {pairs[0]:g} in every pair (or NaN), so it cannot be scaled. "
            "Leave this dimension out: its conditions do not differ."
        )
    return (pairs - pairs.mean()) / pairs.std()

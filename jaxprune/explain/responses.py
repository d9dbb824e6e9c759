"""What sets of units respond to: conditions with the strongest and weakest means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

# The strongest and the weakest conditions that are shown.
SHOWN = 8
CONTRAST = "retained less dropped"


@dataclass(frozen=True, eq=False)
class Response:
    """Mean response of a set of units to every condition.

    Attributes
    ----------
    name : str
    n_units : int
    mean : ndarray (n,)
    """

    name: str
    n_units: int
    mean: np.ndarray

    def extremes(self, k: int = SHOWN) -> tuple[np.ndarray, np.ndarray]:
        """Conditions with the strongest means, and with the weakest, at most half."""
        k = min(k, len(self.mean) // 2)
        order = np.argsort(-self.mean, kind="stable")
        return order[:k], order[::-1][:k]


def responses(features: np.ndarray, sets: Mapping[str, np.ndarray]) -> list[Response]:
    r"""Mean response :math:`\bar x_{iS} = |S|^{-1} \sum_{k \in S} x_{ik}` of sets.

    Parameters
    ----------
    features : ndarray (n, N)
    sets : mapping of str to ndarray of int
        Units of each set; empty ones are left out.

    Returns
    -------
    list of Response

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0.0, 4.0, 1.0], [2.0, 0.0, 1.0]])
    >>> responses(x, {"retained": np.array([0, 1])})[0].mean.tolist()
    [2.0, 1.0]
    """
    return [
        Response(name, len(units), features[:, units].mean(1, dtype=float))
        for name, units in sets.items()
        if len(units)
    ]


def contrast(features: np.ndarray, mask: np.ndarray) -> Response | None:
    """Mean of the retained units less that of the dropped, each unit standardised.

    Every unit counts alike: it is taken around its mean over conditions and divided by
    its deviation; units that respond alike to all conditions are left out.

    Parameters
    ----------
    features : ndarray (n, N)
    mask : ndarray of bool (N,)

    Returns
    -------
    Response or None
        None where one of the sets has no unit that varies.
    """
    mean, deviation = features.mean(0, dtype=float), features.std(0, dtype=float)
    varies = deviation > 1e-12 * np.maximum(np.abs(mean), np.finfo(float).tiny)
    sets = [np.flatnonzero(varies & chosen) for chosen in (mask, ~mask)]
    if not all(map(len, sets)):
        return None
    # (x - mean) / deviation, averaged over units, without a standardised copy.
    means = [
        features[:, units] @ (1 / deviation[units])
        - np.sum(mean[units] / deviation[units])
        for units in sets
    ]
    retained, dropped = (m / len(u) for m, u in zip(means, sets, strict=True))
    return Response(CONTRAST, len(sets[0]), retained - dropped)

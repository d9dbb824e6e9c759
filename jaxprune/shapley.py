"""Shapley values of units: what each adds to sets of all sizes, on average.

Leaving one unit out of the whole layer says little where units stand in for each other.
The mean gain over random orders asks the same of every set that a unit may join.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .base import checks
from .engine.problem import make_problem
from .engine.shapley import shapley_values
from .results import Shapley


def shapley(
    features: Any,
    target: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    groups: Any = None,
    controls: Any = None,
    semi: bool = False,
    tolerance: float = 0.02,
    max_orders: int = 20_000,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    objective: str = "r",
    precision: str = "auto",
    undefined: str = "nan",
    target_kind: str = "dissimilarity",
    pool: str = "each",
    noise: Any = None,
    batch_size: int | None = None,
    devices: Any = None,
    memory: Any = None,
    progress: bool = False,
) -> Shapley:
    r"""Importance of a unit among all sets of the others: its Shapley value.

    .. math:: \phi_k = \frac{1}{N!} \sum_{\text{orders } o} \bigl[
              \mathrm{score}(B_k(o) \cup \{k\}) - \mathrm{score}(B_k(o)) \bigr]

    where :math:`B_k(o)` are the units before k in order o. Leaving one unit out asks
    what the layer loses without it; units that stand in for each other all seem
    dispensable then, and share what they carry here. The mean is estimated from random
    orders, each followed by its reverse, until the standard errors are small.

    Parameters
    ----------
    features, target, metric, compare, controls, semi
        As in :func:`leave_one_out`.
    groups : array_like, optional
        Groups of units that join together, as in :func:`reintroduce`.
    tolerance : float
        Stop when the largest standard error is below this share of the largest value
        (without its sign); for every target, if there are several.
    max_orders : int
        Stop after so many orders at the latest.
    seed : int
        Of the orders: pair i depends on the seed and on i only.
    checkpoint : path, optional
        A folder (made if need be) where running sums are kept. The same call,
        interrupted, goes on from there, and so does one with a smaller tolerance or
        more orders.
    objective, precision, undefined, target_kind, pool, noise, batch_size
        As in :func:`leave_one_out`; so are ``devices``, ``memory`` and ``progress``.

    Returns
    -------
    Shapley
        ``values`` and ``standard_errors``; a leading axis for several targets with
        ``pool="each"``.

    Raises
    ------
    ValueError
        Bad input.

    Warns
    -----
    UserWarning
        When the errors are still larger than asked for after `max_orders`.

    Notes
    -----
    No unit at all scores 0, and so does a set without a score (a constant pattern),
    whatever `undefined` says of similarities.

    Every order costs as much as two curves of :func:`reintroduce`: O(n² N) for the
    gains of all N units. A unit that comes early in an order comes late in its reverse:
    gains usually fall as sets grow, so their mean over a pair varies less than over two
    orders that are drawn independently. The first places gain most, and each order has
    few units there; so in wide layers an order is also begun from 15 other places, and
    every unit is among the first sixteenth in one of these beginnings.

    References
    ----------
    .. [1] Shapley (1953). A value for n-person games. Contributions to the Theory of
       Games II, 307-317.
    .. [2] Castro, Gómez, Tejada (2009). Polynomial calculation of the Shapley value
       based on sampling. Computers & Operations Research 36, 1726-1730.
    .. [3] Mitchell, Cooper, Frank, Holmes (2022). Sampling permutations for Shapley
       value estimation. Journal of Machine Learning Research 23, 1-46.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> rng = np.random.default_rng(0)
    >>> features, position = rng.random((6, 8)), np.arange(6.0)
    >>> features[:, 3] += position
    >>> features[:, 5] += position
    >>> target = np.abs(position[:, None] - position)
    >>> found = jp.shapley(features, target, "euclidean", tolerance=0.05)
    >>> sorted(np.argsort(found.values)[-2:].tolist()), found.converged
    ([3, 5], True)
    >>> bool(np.isclose(found.values.sum(), found.full_score))
    True
    """
    if not tolerance > 0:
        raise ValueError(
            f"tolerance={tolerance!r}: expected a share of the largest value, above 0."
        )
    max_orders = checks.whole("max_orders", max_orders, 2)
    seed = checks.whole("seed", seed, 0)
    batch_size = checks.positive_or_none("batch_size", batch_size)
    problem = make_problem(
        features,
        target,
        metric=metric,
        compare=compare,
        objective=objective,
        precision=precision,
        undefined=undefined,
        target_kind=target_kind,
        pool=pool,
        devices=devices,
        memory=memory,
        noise=noise,
        groups=groups,
        controls=controls,
        semi=semi,
    )
    return shapley_values(
        problem, tolerance, max_orders, seed, batch_size, progress, checkpoint
    )

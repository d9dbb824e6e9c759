"""Units kept by a criterion that knows no target: those with zeros dropped first."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import checks
from .criteria import CRITERIA
from .reintroduction import reintroduce
from .results import Reintroduction


def keep_lowest(
    features: Any, target: Any, sizes: Any = None, *, by: Any = None, **options: Any
) -> Reintroduction:
    """Scores of the units that respond most often, more and more of them.

    Units are ordered by their percentage of zeros, or by another criterion, the lowest
    first, and the first 1, 2, ..., N are scored, or as many as `sizes` says. The target
    takes no part in the order; where the best size is read off the curve, it does in
    that.

    Parameters
    ----------
    features : array_like (n, N)
        Outputs after a rectifier, where zeros are counted.
    target : array_like or RDMs
        As in :func:`prune`.
    sizes : int, array_like of int (S,) or "all", optional
        Increasing numbers of units, 1 to N, or how many of them; all by default.
    by : {"zeros", "deviation", "entropy", "collinearity"} or array_like (N,), optional
        Criterion of the order: a name of :data:`jaxprune.criteria.CRITERIA`,
        ``"zeros"`` by default; or a value for each unit, for example its percentage of
        zeros over other images than the conditions. Units that respond rarely, vary
        little, have responses of few kinds, or say what others say go last. Ties keep
        the order of the units.
    **options
        ``metric``, ``compare``, ``objective``, ... as in :func:`reintroduce`.

    Returns
    -------
    Reintroduction
        ``curve[j]`` is the score of the first ``sizes[j]`` units of ``order``.

    Raises
    ------
    ValueError
        Bad input, or no prefix with a score.

    Notes
    -----
    [1]_ square the similarities and their fit to the target:
    ``metric="squared_correlation"``, ``objective="r2"``.

    References
    ----------
    .. [1] Truong, Hasson (2022). ICCM.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> rng = np.random.default_rng(0)
    >>> features = np.maximum(rng.normal(size=(6, 40)), 0)
    >>> target = np.arange(15.0)
    >>> found = jp.keep_lowest(features, target, sizes=[10, 20, 40])
    >>> poz = jp.percentage_of_zeros(features)[found.order]
    >>> found.curve.shape, bool((np.diff(poz) >= 0).all())
    ((3,), True)

    Whole channels of a map of shape ``(C, H, W)``, 10 x 2 x 2 here:

    >>> channels = jp.percentage_of_zeros(features, shape=(10, 2, 2))
    >>> sizes = 4 * np.arange(1, 11)
    >>> found = jp.keep_lowest(features, target, sizes, by=np.repeat(channels, 4))
    >>> sorted(found.order[:4] // 4) == 4 * [np.argmin(channels)]
    True
    """
    if by is None or isinstance(by, str):
        checks.choice("by", by or "zeros", list(CRITERIA))
        values = CRITERIA[by or "zeros"](features)
    else:
        values = checks.array_of("by", by)
    checks.per_unit("by", values, np.shape(features)[-1] if np.ndim(features) else 0)
    order = np.argsort(values, kind="stable")
    return reintroduce(features, target, order, sizes=sizes, **options)

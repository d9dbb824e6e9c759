"""Rarely responding units: percentage of zeros, and curves that drop them first."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import checks
from .criteria import criterion
from .engine.unit_groups import UnitGroups
from .io.objects import plain
from .reintroduction import reintroduce
from .results import Reintroduction


def percentage_of_zeros(features: Any, shape: Any = None) -> np.ndarray:
    r"""Share of conditions (or images) in which a unit's output is exactly zero.

    .. math:: \mathrm{PoZ}_k = \frac{1}{n} \sum_i [x_{ik} = 0]

    and of a channel c of a convolutional map, over its H W positions too (Hu's average
    percentage of zeros, APoZ):

    .. math:: \mathrm{APoZ}_c = \frac{1}{n H W} \sum_i \sum_{hw} [x_{i,chw} = 0]

    Parameters
    ----------
    features : array_like (n, n_units), or (n, C, H, W)
        Outputs after a rectifier, one row per image or condition. Maps give one value
        for each channel.
    shape : (C, H, W), optional
        Of maps that are flattened to rows, channels first as everywhere in jaxprune:
        one value for each channel, too.

    Returns
    -------
    ndarray (n_units,) or (C,), float64
        A share, 0 to 1. Rarely firing units have high values.

    Raises
    ------
    ValueError
        Features that are not numeric, of another number of dimensions, or hold NaN; a
        shape of another number of units.

    References
    ----------
    .. [1] Hu, Peng, Tai, Tang (2016). Network Trimming. arXiv:1607.03250.
    .. [2] Truong, Hasson (2022). ICCM.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> x = np.array([[0.0, 2.0], [0.0, 0.0], [1.0, 3.0], [0.0, 1.0]])
    >>> jp.percentage_of_zeros(x)
    array([0.75, 0.25])
    >>> jp.percentage_of_zeros(x, shape=(1, 2, 1))
    array([0.5])
    """
    x = np.asarray(plain("features", features))
    checks.numeric("features", x)
    if x.ndim not in (2, 4) or 0 in x.shape:
        raise ValueError(
            f"features has shape {x.shape}; expected (n_conditions, n_units), or maps "
            "(n_conditions, channels, height, width). Flatten each condition to a row: "
            "features.reshape(len(features), -1)."
        )
    rows = x.reshape(len(x), -1)
    checks.finite(rows, rows.min(1), rows.max(1))
    zero = rows == 0
    if x.ndim == 2 and shape is None:
        return zero.mean(0)
    asked = np.array(x.shape[1:] if shape is None else shape)
    fits = asked.shape == (3,) and asked.dtype.kind in "iu" and (asked > 0).all()
    fits = fits and np.prod(asked) == rows.shape[1]
    if not fits or x.ndim == 4 and tuple(asked) != x.shape[1:]:
        raise ValueError(
            f"shape={shape} does not fit features of shape {x.shape}; expected "
            f"(channels, height, width) of its {rows.shape[1]} units."
        )
    return zero.reshape(len(x), asked[0], -1).mean((0, 2))


def keep_lowest(
    features: Any, target: Any, sizes: Any = None, *, by: Any = None, **options: Any
) -> Reintroduction:
    """Scores of the units that respond most often, more and more of them.

    Units are ordered by their percentage of zeros, the lowest first, and the first
    1, 2, ..., N are scored, or as many as `sizes` says. The target takes no part in
    the order; where the best size is read off the curve, it does in that.

    Parameters
    ----------
    features : array_like (n, N)
        Outputs after a rectifier.
    target : array_like or RDMs
        As in :func:`prune`.
    sizes : int, array_like of int (S,) or "all", optional
        Increasing numbers of units, 1 to N, or how many of them; all by default.
    by : str or array_like (N,), optional
        Order by this, the lowest first: for example the percentage of zeros over
        other images than the conditions. Ties keep the order of the units. Or a word:

        - ``"zeros"``, the percentage of zeros, as by default;
        - ``"deviation"``: units that vary most over the conditions come first;
        - ``"entropy"``: units with the most even responses come first, by the entropy
          of ten equal bins over the range of each [2]_;
        - ``"collinearity"``: units that the others stand in for least come first, by
          the mean of their squared correlations over the conditions.
    **options
        ``metric``, ``compare``, ``objective``, ... as in :func:`reintroduce`. With
        ``groups`` their units' mean of `by` orders them.

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
    .. [2] Luo, Wu (2017). An entropy-based pruning method for CNN compression.
       arXiv:1706.05791.

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
    >>> found = jp.keep_lowest(features, target, groups=jp.groups_of((10, 2, 2)))
    >>> bool(found.order[0] == channels.argmin()), found.curve.shape
    (True, (10,))
    """
    n_units = np.shape(features)[-1] if np.ndim(features) else 0
    if by is None or (isinstance(by, str) and by == "zeros"):
        values = percentage_of_zeros(features)
    elif isinstance(by, str):
        values = criterion(by, np.asarray(plain("features", features)))
    else:
        values = checks.array_of("by", by)
    checks.per_unit("by", values, n_units)
    if options.get("groups") is not None:
        options["groups"] = UnitGroups.of(options["groups"], n_units)
        values = options["groups"].means(values)
    order = np.argsort(values, kind="stable")
    return reintroduce(features, target, order, sizes=sizes, **options)

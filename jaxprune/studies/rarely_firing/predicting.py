"""Experiment 2: how well the units that fire most often predict what people see."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base.arrays import squareform
from ...base.means import mean_of_defined
from ...criteria import CRITERIA
from ...inference import random_orders
from ...io import align, load_features, load_target
from ...zeros import keep_lowest, percentage_of_zeros
from .options import ImageSet
from .tracking import METRIC

# Published: 4,076, 4,056, ..., 16 of 4,096 units.
STEP, OF_UNITS = 20, 4096
SEED = 0  # of the random orders


def load(one: ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """Features ``(n, n_units)`` and the human matrix ``(n, n)`` of a set.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If one cannot be read, or they do not belong together.
    """
    features, target = align(load_features(one.features), load_target(one.target))
    values = np.asarray(target.values, float)
    if values.ndim == 1:
        values = squareform(values)
    elif values.shape[-1] != values.shape[-2]:
        values = squareform(values.mean(0))
    elif values.ndim == 3:
        values = values.mean(0)
    return features.values, values


def sizes_of(n_units: int) -> np.ndarray:
    """Numbers of units, in the published steps, scaled to the layer.

    >>> sizes_of(4096)[[0, 1, -1]], len(sizes_of(4096)), sizes_of(100)[-1]
    (array([  16,   36, 4076]), 204, np.int64(99))
    """
    step = max(1, round(STEP * n_units / OF_UNITS))
    return np.arange(n_units - step, 0, -step)[::-1]


def predict(
    features: np.ndarray, target: np.ndarray, n_orders: int, *, progress: bool = False
) -> dict[str, Any]:
    """Prune the units that fire most rarely, against a human matrix.

    Parameters
    ----------
    features : ndarray (n, n_units)
        Responses after the ReLU.
    target : ndarray (n, n)
        Similarities or dissimilarities.
    n_orders : int
        Random orders that the curve is compared with.
    progress : bool

    Returns
    -------
    dict
        ``full``, the fit of all units; ``best`` and ``best_size``, of the best part of
        them; ``p_value`` of the largest fit over sizes, and ``p_standardized`` of the
        largest distance from random orders, in standard deviations; ``sizes`` and the
        ``curve`` of fits; ``poz`` of every unit, a share; at each size the mean of
        random orders, ``null_mean``, and between ``null_low`` and ``null_high`` 95 %
        of them. ``criteria`` has ``best``, ``best_size`` and ``p_value`` of other
        orders made without the target, by name, and ``curve_...`` their curves.
    """
    n_units = features.shape[1]
    sizes = sizes_of(n_units)
    # Squares hide the sign: which of the two it is decides on the check alone.
    kind = "similarity" if np.diagonal(target).any() else "dissimilarity"
    options: dict[str, Any] = {
        "metric": METRIC,
        "objective": "r2",
        "target_kind": kind,
    }
    found = keep_lowest(features, target, [*sizes, n_units], **options)
    curve, full = found.curve[:-1], found.curve[-1]
    null = random_orders(
        features,
        target,
        n_orders,
        sizes=sizes,
        seed=SEED,
        progress=progress,
        **options,
    )
    others = {
        name: keep_lowest(features, target, sizes, by=name, **options)
        for name in CRITERIA
    }
    best = int(np.nanargmax(curve))
    poz = percentage_of_zeros(features)
    low, high = null.band()
    return {
        "n_images": len(features),
        "n_units": n_units,
        "n_dead": int((poz == 1).sum()),
        "full": float(full),
        "best": float(curve[best]),
        "best_size": int(sizes[best]),
        "p_value": null.p_value(curve),
        "p_standardized": null.p_value(curve, standardized=True),
        "sizes": sizes,
        "curve": curve,
        "poz": poz,
        "null_mean": mean_of_defined(null.curves, 0),
        "null_low": low,
        "null_high": high,
        **{f"curve_{name}": other.curve for name, other in others.items()},
        "criteria": {
            name: {
                "best": other.best_score,
                "best_size": other.best_size,
                "p_value": null.p_value(other.curve),
            }
            for name, other in others.items()
        },
    }

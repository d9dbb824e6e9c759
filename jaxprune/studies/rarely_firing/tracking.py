"""Experiment 1: how well a part of a layer keeps the representation of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...base.means import mean_of_defined
from ...inference import random_orders
from ...scoring import rdm
from ...zeros import keep_lowest, percentage_of_zeros
from .images import Images

# The paper's similarity is r squared, and so is its fit.
METRIC = "squared_correlation"
KEPT = tuple(range(100, 0, -10))  # per cent of units
LAYER, BELOW, LOGITS = "fc2", "fc1", "logits"
BATCH_SIZE = 256
N_RANDOM = 200

# What is varied, one thing at a time.
PUBLISHED = "as published"
SIGNED = "similarity r in place of r²"
HALF = "half of the test images"
LEARNED = "training images"
OTHER_LAYER = "layer before, 120 units"
RANDOM = "random order of units"


def after(epoch: int) -> str:
    """Name of the curve of a network that was not trained to the end."""
    return f"after {epoch} epoch{'' if epoch == 1 else 's'}" if epoch else "untrained"


def measure(states: Mapping[int, Any], images: Images) -> dict[str, Any]:
    """All curves of one network.

    Parameters
    ----------
    states : mapping of int to Network
        By epoch of the training, the last is what the study looks at.
    images : Images

    Returns
    -------
    dict
        ``accuracy``, a share of the test images, by epoch; ``curves``, by what is
        varied, of which `PUBLISHED` is the experiment itself; ``poz``, the percentage
        of zeros of every unit.
    """
    x, labels = images.test
    accuracy, curves = {}, {}
    units: dict[str, np.ndarray] = {}
    for epoch, net in states.items():
        units = _responses(net, x)
        accuracy[str(epoch)] = float((units[LOGITS].argmax(1) == labels).mean())
        curves[after(epoch)] = track(units[LAYER], labels)
    *_, last = states
    net = states[last]
    curves[PUBLISHED] = curves.pop(after(last))
    curves[RANDOM] = _random(units[LAYER], labels)
    curves[SIGNED] = track(units[LAYER], labels, "correlation")
    half = _every_second(labels)
    curves[HALF] = track(units[LAYER][half], labels[half])
    if images.train is not None:
        shown, its = images.train
        curves[LEARNED] = track(_responses(net, shown)[LAYER], its)
    curves[OTHER_LAYER] = track(units[BELOW], labels)
    poz = 100 * percentage_of_zeros(units[LAYER])
    return {"accuracy": accuracy, "curves": curves, "poz": poz.tolist()}


def track(
    units: np.ndarray, labels: np.ndarray, metric: str = METRIC
) -> dict[str, list[float]]:
    """Prune the units that fire most rarely, against the RDM of all units.

    Parameters
    ----------
    units : ndarray (n_images, n_units)
        Responses after the ReLU.
    labels : ndarray of int (n_images,)
        Classes, whose mean responses the RDM compares.
    metric : str

    Returns
    -------
    dict of list (10,)
        For each level in `KEPT`: ``r2``, the squared correlation of the two RDMs, and
        ``max_poz``, the largest percentage of zeros among the units kept.
    """
    means, poz = class_means(units, labels), percentage_of_zeros(units)
    sizes, target = sizes_of(units.shape[1]), rdm(means, metric)
    found = keep_lowest(means, target, sizes, by=poz, metric=metric, objective="r2")
    return _curve(found.curve, 100 * np.sort(poz)[sizes - 1])


def _random(units: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:
    """Mean curve of random orders; they have no largest percentage."""
    means, sizes = class_means(units, labels), sizes_of(units.shape[1])
    orders = random_orders(
        means,
        rdm(means, METRIC),
        N_RANDOM,
        sizes=sizes,
        metric=METRIC,
        objective="r2",
    )
    return _curve(mean_of_defined(orders.curves, 0), np.full(len(sizes), np.nan))


def _curve(r2: np.ndarray, max_poz: np.ndarray) -> dict[str, list[float]]:
    """From few units to many; published from many to few."""
    return {"r2": r2[::-1].tolist(), "max_poz": max_poz[::-1].tolist()}


def sizes_of(n_units: int) -> np.ndarray:
    """Number of units at each level, from few to many.

    >>> sizes_of(84)
    array([ 8, 16, 25, 33, 42, 50, 58, 67, 75, 84])
    """
    return n_units * np.array(KEPT[::-1]) // 100


def class_means(units: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean responses to each class, ``(n_classes, n_units)``."""
    return np.stack(
        [units[labels == one].mean(0, dtype=np.float64) for one in np.unique(labels)]
    )


def _every_second(labels: np.ndarray) -> np.ndarray:
    """Indices of every second image of each class."""
    rows = [np.flatnonzero(labels == one)[::2] for one in np.unique(labels)]
    return np.sort(np.concatenate(rows))


def _responses(net: Any, x: np.ndarray) -> dict[str, np.ndarray]:
    import jaxprune_ports as jpp

    layers = LAYER, BELOW, LOGITS
    return jpp.activations(net, x, layers, batch_size=BATCH_SIZE, relu=True)

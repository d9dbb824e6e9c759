"""Sets of units as masks: the first ones of an order, and random ones."""

from __future__ import annotations

import numpy as np


def first_units(order: np.ndarray, n: int) -> np.ndarray:
    """Mask of the first units of an order.

    >>> first_units(np.array([2, 0, 1]), 2)
    array([ True, False,  True])
    """
    mask = np.zeros(len(order), bool)
    mask[order[:n]] = True
    return mask


def random_sets(n_units: int, size: int, n_sets: int, seed: int) -> np.ndarray:
    """Masks ``(n_sets, n_units)`` of units drawn at random.

    >>> random_sets(9, 4, 3, seed=0).sum(1)
    array([4, 4, 4])
    """
    rng = np.random.default_rng(seed)
    masks = np.zeros((n_sets, n_units), bool)
    for mask in masks:
        mask[rng.choice(n_units, size, replace=False, shuffle=False)] = True
    return masks

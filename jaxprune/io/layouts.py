"""The shapes a target may have, and where a pair of conditions is in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .labelled import InputError


def is_square(shape: tuple[int, ...]) -> bool:
    """Whether the last two axes are conditions.

    >>> is_square((4, 4)), is_square((3, 4, 4)), is_square((3, 6)), is_square((6,))
    (True, True, False, False)
    """
    return len(shape) >= 2 and shape[-1] == shape[-2]


def is_single(shape: tuple[int, ...]) -> bool:
    """Whether a target of this shape is one RDM, and not a stack.

    >>> is_single((4, 4)), is_single((6,)), is_single((3, 6)), is_single((3, 4, 4))
    (True, True, False, False)
    """
    return len(shape) == 1 or (len(shape) == 2 and is_square(shape))


def count_conditions(shape: tuple[int, ...], source: str) -> int:
    """Return the number of conditions of a target of this shape.

    Raises
    ------
    InputError
        If it is neither square nor condensed nor a stack of either.

    Examples
    --------
    >>> count_conditions((3, 6), "here")
    4
    """
    if len(shape) in (2, 3) and is_square(shape):
        return shape[-1]
    if len(shape) in (1, 2):
        pairs = shape[-1]
        n = round((1 + np.sqrt(1 + 8 * pairs)) / 2)
        if n > 1 and n * (n - 1) // 2 == pairs:
            return n
    raise InputError(
        f"{source}: a target of shape {shape}; expected a square RDM (n, n), its upper "
        "triangle (n (n - 1) / 2,) row by row, or a stack of several, (k, n, n) or "
        "(k, n (n - 1) / 2)."
    )


def pair_positions(order: np.ndarray, n: int) -> np.ndarray:
    """Return where each pair of reordered conditions was in the condensed vector.

    Parameters
    ----------
    order : ndarray of int (m,)
        Old position of each condition, of some or of all.
    n : int
        Number of conditions that there were.

    Returns
    -------
    ndarray of int (m (m - 1) / 2,)

    Examples
    --------
    >>> pair_positions(np.array([2, 0, 1]), 3)
    array([1, 2, 0])
    """
    i, j = np.triu_indices(len(order), 1)
    low = np.minimum(order[i], order[j])
    high = np.maximum(order[i], order[j])
    return low * n - low * (low + 1) // 2 + high - low - 1


def unit_positions(shape: Sequence[int]) -> dict[str, np.ndarray]:
    """Return channel, y and x of every unit of a layer, flattened channel-first.

    Parameters
    ----------
    shape : sequence of int
        ``(channels, height, width)``, or ``(units,)``: every unit is a channel then.

    Examples
    --------
    >>> {name: column.tolist() for name, column in unit_positions((1, 2, 2)).items()}
    {'channel': [0, 0, 0, 0], 'y': [0, 0, 1, 1], 'x': [0, 1, 0, 1]}
    """
    channels, height, width = (*shape, 1, 1)[:3]
    indices = np.indices((channels, height, width)).reshape(3, -1)
    return dict(zip(("channel", "y", "x"), indices, strict=True))

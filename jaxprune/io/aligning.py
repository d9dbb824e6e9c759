"""Bring a target's conditions into the order of the features, by their labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from .labelled import InputError, Labelled, some
from .layouts import count_conditions, is_square, pair_positions


def align(features: Labelled, target: Labelled) -> tuple[Labelled, Labelled]:
    """Reorder the target so that its conditions are those of the features.

    Parameters
    ----------
    features : Labelled
        Values ``(n, N)``, or ``(folds, n, N)``.
    target : Labelled
        Square, condensed, or a stack of either.

    Returns
    -------
    features, target : Labelled
        The features as they came. The target's values are only moved, never
        computed with; where one side has no labels, nothing is moved and both are
        assumed to be in the same order (`how_matched` says which it was). Labels that
        are but numbers, 0, 1, 2 and so on, are dropped if the other side has others.

    Raises
    ------
    InputError
        If the numbers of conditions differ, a label occurs twice, or one side has
        labels that the other has not.

    Examples
    --------
    >>> features = Labelled(np.eye(3), ("a", "b", "c"), "features")
    >>> target = Labelled(np.array([1.0, 2.0, 3.0]), ("c", "a", "b"), "target")
    >>> align(features, target)[1].values
    array([3., 1., 2.])
    """
    n = count_conditions(target.values.shape, target.source)
    features, target = unnumbered(features, target), unnumbered(target, features)
    if features.labels is None or target.labels is None:
        if features.values.shape[-2] != n:
            raise InputError(
                f"{features.source} has {features.values.shape[-2]} conditions and "
                f"{target.source} has {n}; expected as many. Give both labels, or "
                "leave out the conditions that the other lacks."
            )
        return features, target
    for side in (features, target):
        check_unique(side)
    _check_same(features, target)
    places = {label: place for place, label in enumerate(target.labels)}
    order = np.array([places[label] for label in features.labels], dtype=int)
    if (order == np.arange(n)).all():
        return features, target
    values = target.values
    if is_square(values.shape):
        values = values[..., order[:, None], order]
    else:
        values = values[..., pair_positions(order, n)]
    return features, replace(target, values=values, labels=features.labels)


def unnumbered(side: Labelled, other: Labelled) -> Labelled:
    """Drop labels that only count the conditions, where the other side names them."""
    if side.labels is None or other.labels is None:
        return side
    numbers = tuple(map(str, range(len(side.labels))))
    if side.labels != numbers or set(other.labels) <= set(numbers):
        return side
    return replace(side, labels=None)


def how_matched(features: Labelled, target: Labelled) -> str:
    """Say how the conditions of the two were matched, for a summary.

    Where the order is assumed, texts that might be labels are named.

    >>> bare = Labelled(np.eye(3), None, "here")
    >>> how_matched(bare, bare)
    'assumed to be in the same order'
    """
    if features.labels is not None and target.labels is not None:
        return "by label"
    n = features.values.shape[-2]
    unused = "".join(
        f"; {side.source} holds {n} texts in {some(names)}, which may be labels: name "
        f"them by {option}"
        for side, option in (
            (features, "--features-labels"),
            (target, "--target-labels"),
        )
        if side.labels is None
        and (names := [name for name, size in side.texts.items() if size == n])
    )
    return f"assumed to be in the same order{unused}"


def check_unique(side: Labelled) -> None:
    """Refuse labels that occur more than once."""
    twice = [label for label, count in Counter(side.labels).items() if count > 1]
    if twice:
        raise InputError(
            f"{side.source}: labels occur more than once: {some(twice)}; expected a "
            "different label for every condition. If both sides are in the same "
            "order already, drop the labels of one."
        )


def _check_same(features: Labelled, target: Labelled) -> None:
    ours, theirs = set(features.labels or ()), set(target.labels or ())
    if ours == theirs:
        return
    only = [
        f"only in {side.source}: {some(sorted(extra))}"
        for side, extra in ((features, ours - theirs), (target, theirs - ours))
        if extra
    ]
    raise InputError(
        f"the labels of the {len(ours)} conditions of the features and the "
        f"{len(theirs)} of the target differ; {'; '.join(only)}. Expected the same "
        "labels in any order: rename them, or leave out the conditions that the "
        "other lacks."
    )

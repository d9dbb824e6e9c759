"""RDMs as rsatoolbox keeps them: which descriptor holds the condition labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .labelled import NO_LABELS, InputError, Labelled, as_labels, some

# In rsatoolbox's HDF5 files: the array, and the descriptors of its conditions.
FILE_LAYOUTS = (
    ("dissimilarities", "pattern_descriptors"),
    ("measurements", "obs_descriptors"),
)


def read_rdms(rdms: Any, key: str | None, labels: str | None = None) -> Labelled:
    """Take vectors and labels out of an ``rsatoolbox.rdm.RDMs`` object.

    Parameters
    ----------
    rdms : object
        Anything with ``get_vectors()``, and perhaps ``pattern_descriptors``.
    key, labels : str or None
        The pattern descriptor that holds the labels; see `described`.

    Returns
    -------
    Labelled
        Values ``(k, P)``.
    """
    descriptors = getattr(rdms, "pattern_descriptors", None) or {}
    vectors = np.asarray(rdms.get_vectors())
    return described(vectors, descriptors, key, labels, f"{type(rdms).__name__} object")


def described(
    values: np.ndarray,
    descriptors: Mapping[str, Sequence[Any]],
    key: str | None,
    labels: str | None,
    source: Any,
    what: str = "",
) -> Labelled:
    """Put labels from one of the descriptors of the conditions beside the values.

    The one called `key` (or `labels`, which is the same here); without either the first
    one of text, other than ``index``, whose values all differ: a category shared by
    several conditions does not say which is which. Where there is none, those with a
    different number for each condition are named as ``texts``.

    Raises
    ------
    InputError
        If there is no such descriptor; the message lists what there is.

    Examples
    --------
    >>> descriptors = {"index": [0, 1], "conds": ["cat", "dog"]}
    >>> described(np.ones((1, 1)), descriptors, None, None, "here").labels
    ('cat', 'dog')
    """
    if key is not None and labels not in (None, key):
        raise InputError(
            f"{source}: key={key!r} and labels={labels!r} both name the descriptor "
            "that holds the labels; expected one of them."
        )
    source = f"{source} [{what}, " if what else f"{source} ["
    chosen = labels if key is None else key
    if chosen == NO_LABELS and chosen not in descriptors:
        return Labelled(values, None, f"{source}no labels wanted]")
    if chosen is not None:
        if chosen not in descriptors:
            raise InputError(
                f"{source}no descriptor {chosen!r} to take labels from]; expected one "
                f"of {some(descriptors, 8) or 'none: it has no descriptors'}."
            )
        texts = as_labels(descriptors[chosen], f"{source}descriptor {chosen!r}]")
        return Labelled(values, texts, f"{source}labels from descriptor {chosen!r}]")
    different = {
        name: list(column)
        for name, column in descriptors.items()
        if name != "index" and len(set(map(str, column))) == len(column)
    }
    for name, column in different.items():
        if all(isinstance(value, str | bytes) for value in column):
            texts = as_labels(column, f"{source}descriptor {name!r}]")
            return Labelled(values, texts, f"{source}labels from descriptor {name!r}]")
    sizes = {name: len(column) for name, column in different.items()}
    return Labelled(values, None, f"{source}no descriptor with labels]", texts=sizes)

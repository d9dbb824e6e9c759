"""RDMs as rsatoolbox keeps them: which descriptor holds the condition labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .labelled import InputError, Labelled, as_labels

# In rsatoolbox's HDF5 files: the array, and the descriptors of its conditions.
FILE_LAYOUTS = (
    ("dissimilarities", "pattern_descriptors"),
    ("measurements", "obs_descriptors"),
)


def read_rdms(rdms: Any, key: str | None) -> Labelled:
    """Take vectors and labels out of an ``rsatoolbox.rdm.RDMs`` object.

    Parameters
    ----------
    rdms : object
        Anything with ``get_vectors()``, and perhaps ``pattern_descriptors``.
    key : str or None
        The pattern descriptor that holds the labels; see `choose_descriptor`.

    Returns
    -------
    Labelled
        Values ``(k, P)``.
    """
    source = f"{type(rdms).__name__} object"
    descriptors = getattr(rdms, "pattern_descriptors", None) or {}
    labels, origin = choose_descriptor(descriptors, key, source)
    return Labelled(np.asarray(rdms.get_vectors()), labels, f"{source} [{origin}]")


def choose_descriptor(
    descriptors: Mapping[str, Sequence[Any]], key: str | None, source: str
) -> tuple[tuple[str, ...] | None, str]:
    """Choose the descriptor that labels the conditions.

    The one called `key`; without a key the first one of text, other than ``index``,
    whose values all differ: a category shared by several conditions does not say
    which is which.

    Returns
    -------
    labels : tuple of str or None
        None where no descriptor will do.
    origin : str
        A few words on where the labels came from.

    Raises
    ------
    InputError
        If there is no descriptor called `key`; the message lists what there is.

    Examples
    --------
    >>> choose_descriptor({"index": [0, 1], "conds": ["cat", "dog"]}, None, "here")
    (('cat', 'dog'), "labels from descriptor 'conds'")
    """
    if key is not None:
        if key not in descriptors:
            raise InputError(
                f"{source}: no descriptor {key!r} to take labels from; expected one "
                f"of {list(descriptors)}."
            )
        return as_labels(descriptors[key], source), f"labels from descriptor {key!r}"
    for name, values in descriptors.items():
        text = all(isinstance(value, str | bytes) for value in values)
        if name != "index" and text and len(set(values)) == len(values):
            return as_labels(values, source), f"labels from descriptor {name!r}"
    return None, "no descriptor with labels"

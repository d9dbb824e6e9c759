"""Labelled images: checked, told apart, and in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from .recipe import Recipe

# Images and the classes that they are of.
Labelled = tuple[np.ndarray, np.ndarray]


def checked(
    images: np.ndarray, labels: np.ndarray, n_classes: int | None = None
) -> int:
    """Check images and labels; the number of classes.

    With `n_classes` given, some of them may be absent.
    """
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or len(images) == 0:
        raise ValueError(
            "images: expected uint8 of shape (n, height, width) or (n, height, width, "
            f"3), got {images.dtype} of shape {images.shape}; convert to 8-bit"
        )
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels: expected one integer for each of {len(images)} images, got "
            f"{labels.dtype} of shape {labels.shape}"
        )
    present = np.unique(labels)
    if n_classes is None and not np.array_equal(present, np.arange(len(present))):
        raise ValueError(
            "labels: expected 0, 1, 2, ... without holes, got "
            f"{present[:10].tolist()}; np.unique(labels, return_inverse=True)[1] "
            "numbers them"
        )
    if n_classes is not None and not 0 <= present[0] <= present[-1] < n_classes:
        raise ValueError(
            f"validation: expected labels from 0 to {n_classes - 1}, as in training, "
            f"got {present[0]} to {present[-1]}"
        )
    return n_classes or len(present)


def fingerprint(labelled: Labelled) -> str:
    """SHA-256 of images and labels."""
    total = hashlib.sha256()
    for array in labelled:
        total.update(f"{array.dtype} {array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def batches(
    images: np.ndarray, labels: np.ndarray, recipe: Recipe, seed: int, epoch: int
) -> Iterator[Labelled]:
    """All images once, shuffled and mirrored as `seed` and `epoch` alone decide."""
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(len(images))
    mirrored = rng.random(len(images)) < recipe.flip
    for first in range(0, len(images), recipe.batch_size):
        rows = order[first : first + recipe.batch_size]
        x = recipe.preprocessing(images[rows])
        x[mirrored[rows]] = x[mirrored[rows], :, ::-1]
        yield x, labels[rows]

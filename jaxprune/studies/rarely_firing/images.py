"""Images of ten classes: CIFAR-10 as it is found on disks, or dot arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...base.paths import expanded
from ...io.checkpoints import digest
from ...stimuli import one_to_ten
from ..framework.cifar import SIZE, TEST, TRAIN, read
from .options import Options

Labelled = tuple[np.ndarray, np.ndarray]

# CIFAR-10 has five training images for each test image.
PER_TEST_IMAGE = 5
# Test images are drawn with another seed than training images.
SEEDS = 0, 1


@dataclass(frozen=True, eq=False)
class Images:
    """Images and their classes.

    Attributes
    ----------
    name : str
        What they show.
    train : pair of ndarray (n, 32, 32[, 3]), (n,), or None
        Images and classes to learn from; None where nothing is trained.
    test : pair of ndarray (m, 32, 32[, 3]), (m,)
        Shown to the trained networks.
    """

    name: str
    train: Labelled | None
    test: Labelled

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything."""
        return digest(*(self.train or ()), *self.test)


def images_of(options: Options) -> Images:
    """Images that the options ask for.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If it does not hold what is needed.
    """
    if options.images is None:
        n = options.n_instances
        train, test = map(_dots, (n, n // PER_TEST_IMAGE), SEEDS)
        return Images("dot arrays", train, test)
    path = expanded(options.images)
    arrays = read(path)
    wanted = (*TRAIN, *TEST) if options.seeds else TEST
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise ValueError(
            f"images: {path} holds {', '.join(sorted(arrays)) or 'no arrays'}; "
            f"expected {', '.join(wanted)}: images, uint8 (n, 32, 32, 3), and their "
            "classes, (n,)."
        )
    train = None
    if options.seeds:
        train = _few(*_checked(arrays, TRAIN, path), options.n_instances)
    return Images(path.name, train, _checked(arrays, TEST, path))


def _dots(n: int, seed: int) -> Labelled:
    """So many images of one dot, of two, ... ten; classes count from 0."""
    drawn = one_to_ten(n, seed)
    return drawn.images, drawn.levels("numerosity").astype(int) - 1


def _checked(
    arrays: dict[str, np.ndarray], names: tuple[str, str], path: Path
) -> Labelled:
    """Images and labels that LeNet-5 can take."""
    images, labels = (arrays[name] for name in names)
    labels = labels.reshape(-1)  # Keras has (n, 1)
    right = images.dtype == np.uint8 and images.shape[1:] == (SIZE, SIZE, 3)
    if not right or labels.dtype.kind not in "iu" or len(labels) != len(images):
        raise ValueError(
            f"images: {path} holds {names[0]}, {images.dtype} {images.shape}, and "
            f"{names[1]}, {labels.dtype} {labels.shape}; expected uint8 (n, 32, 32, 3) "
            "and one integer for each."
        )
    return images, labels.astype(int)


def _few(images: np.ndarray, labels: np.ndarray, n: int) -> Labelled:
    """Up to n images of each class, drawn at random, in the order that they had."""
    shuffled = np.random.default_rng(SEEDS[0]).permutation(len(labels))
    kept = [shuffled[labels[shuffled] == one][:n] for one in np.unique(labels)]
    rows = np.sort(np.concatenate(kept))
    return images[rows], labels[rows]

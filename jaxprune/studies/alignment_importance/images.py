"""Images and their target: sets of the user, or classes of CIFAR-10 or of dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...base.paths import expanded
from ...io import Labelled, align, load_target
from ...io.checkpoints import digest
from ...stimuli import one_to_ten
from ..framework.cifar import TEST, read
from .options import Options

SEED = 0  # of what is drawn from the test images


@dataclass(frozen=True, eq=False)
class Stimuli:
    """One set of images.

    Attributes
    ----------
    name : str
    images : jaxprune_ports.Images
    conditions : jaxprune_ports.Conditions
    order : ndarray of int (n,)
        Conditions in the order of the target.
    target : ndarray (n, n)
    """

    name: str
    images: Any
    conditions: Any
    order: np.ndarray
    target: np.ndarray

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that is shown and compared with, ready for JSON."""
        shown = [self.images.stamp(i) for i in range(len(self.images))]
        known = self.conditions
        text = repr((shown, known.labels, known.index.tolist())).encode()
        return {
            "images": digest(np.frombuffer(text, np.uint8)),
            "target": digest(self.order, self.target),
        }

    @property
    def kind(self) -> str:
        """What the target holds; squares hide the difference, but not the diagonal."""
        return "similarity" if np.diagonal(self.target).any() else "dissimilarity"


def stimuli_of(options: Options) -> list[Stimuli]:
    """Sets that the options ask for.

    Raises
    ------
    FileNotFoundError
        If a file or folder is missing.
    ValueError
        If one cannot be read, or images and target do not belong together.
    """
    if options.sets:
        return [_of_files(one.name, one.images, one.target) for one in options.sets]
    if options.cifar is None:
        drawn = one_to_ten(options.n_images, SEED)
        return [_of_classes("dot arrays", drawn.images, drawn.levels("numerosity"))]
    path = expanded(options.cifar)
    arrays = read(path)
    if not {*TEST} <= {*arrays}:
        raise ValueError(
            f"cifar: {path} holds {', '.join(sorted(arrays)) or 'no arrays'}; expected "
            f"{' and '.join(TEST)}: images, uint8 (n, 32, 32, 3), and their classes."
        )
    images, classes = arrays[TEST[0]], arrays[TEST[1]].reshape(-1)
    shuffled = np.random.default_rng(SEED).permutation(len(classes))
    few = [shuffled[classes[shuffled] == c] for c in np.unique(classes)]
    rows = np.concatenate([one[: options.n_images] for one in few])
    return [_of_classes("CIFAR-10", images[rows], classes[rows])]


def _of_classes(name: str, images: np.ndarray, classes: np.ndarray) -> Stimuli:
    """Images that are similar if they are of one class."""
    import jaxprune_ports as jpp

    opened = jpp.open_images(images)
    same = (classes[:, None] == classes).astype(float)
    conditions = jpp.conditions_of(opened, "image")
    return Stimuli(name, opened, conditions, np.arange(len(classes)), same)


def _of_files(name: str, images: str, target: str) -> Stimuli:
    import jaxprune_ports as jpp

    opened = jpp.open_images(expanded(images))
    conditions = jpp.conditions_of(opened)
    places = np.arange(len(conditions.labels))[:, None]
    shown = Labelled(places, conditions.labels, opened.source)
    matched, people = align(shown, load_target(target))
    values = np.asarray(people.values, float)
    values = values.mean(0) if values.ndim == 3 else values
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise ValueError(
            f"sets: {target} has shape {values.shape}; expected a square matrix, or a "
            "stack of them."
        )
    return Stimuli(name, opened, conditions, matched.values[:, 0], values)

"""A picture of every condition of a result, from a folder or a file of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ...results import Pruning

# Longer side in pixels: what 10 mm in print show.
SIDE = 160


def condition_images(
    result: Pruning, source: str, key: str | None = None
) -> list[np.ndarray]:
    """Return the first image of every condition, made small.

    Parameters
    ----------
    result : Pruning
    source : str
        As `--images` takes.
    key : str, optional
        Array of images, if the file holds several.

    Raises
    ------
    ValueError
        If conditions have no image; if labels are known on neither side, and there are
        not as many images as conditions.
    """
    from jaxprune_ports.images.conditions import conditions_of
    from jaxprune_ports.images.opening import open_images

    from ...io.labelled import some

    images = open_images(source, key)
    found = conditions_of(images)
    first = dict(zip(found.labels, _first(found.index, len(found.labels)), strict=True))
    labels = result.conditions
    if labels is None:
        if len(first) != result.n_conditions:
            raise ValueError(
                f"images: {source} has {len(first):,} conditions, and the result "
                f"{result.n_conditions:,} without labels; expected as many, in their "
                "order."
            )
        return [_small(images.read(i)) for i in first.values()]
    if missing := [label for label in labels if label not in first]:
        raise ValueError(
            f"images: {source} has no image of {some(missing)}; its conditions are "
            f"{some(list(first))}. Expected one of every condition of the result."
        )
    return [_small(images.read(first[label])) for label in labels]


def _first(index: np.ndarray, n: int) -> list[int]:
    """First image of each of n conditions.

    >>> _first(np.array([1, 0, 1, 0]), 2)
    [1, 0]
    """
    return [int(np.argmax(index == condition)) for condition in range(n)]


def _small(image: Any) -> np.ndarray:
    from PIL import Image

    if not isinstance(image, Image.Image):
        image = Image.fromarray(np.asarray(image))
    image = image.convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)

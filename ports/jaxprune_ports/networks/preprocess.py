"""From 8-bit images or image files to what a network expects, without PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np

from ..images.steps import Preprocessing
from .registry import find

# None is a value of size and crop.
DEFAULT: Any = object()


def preprocess(
    images: np.ndarray | Sequence[str | PathLike[str]] | str | PathLike[str],
    network: str | None = None,
    *,
    size: int | None = DEFAULT,
    crop: int | None = DEFAULT,
    scale: float = DEFAULT,
    mean: Sequence[float] = DEFAULT,
    std: Sequence[float] = DEFAULT,
) -> np.ndarray:
    """Resize, crop the centre, scale and normalise, as torchvision does.

    Bit-identical to torchvision's ``Resize`` and ``CenterCrop`` of PIL images,
    ``ToTensor`` and ``Normalize``, apart from the order of axes.

    Parameters
    ----------
    images : ndarray of uint8 (n, H, W) or (n, H, W, 3), or path, or paths of images
        Grey images become RGB with three equal channels.
    network : str, optional
        Gives the values not given here; None stands for the usual ones of ImageNet
        (256, 224, 1/255, and its mean and deviation).
    size : int or None
        Length of the shorter side in pixels; None leaves sizes alone.
    crop : int or None
        Side of the square cut from the centre; None cuts nothing, and resizes to
        ``(size, size)``.
    scale : float
        Factor of the 8-bit values: 1/255, or 1 for networks trained with Caffe.
    mean, std : sequence of 3 float
        Of red, green and blue after scaling. Truong, Noei & Karami (2024) showed dots
        unnormalised: ``mean=(0, 0, 0), std=(1, 1, 1)``.

    Returns
    -------
    ndarray of float32 (n, h, w, 3)
        What a network takes.

    Raises
    ------
    ValueError
        If an image cannot be read, a value or the network is unknown, or images end up
        with different sizes.

    Examples
    --------
    >>> x = preprocess(np.full((1, 300, 400), 128, np.uint8), "cornet_z")
    >>> x.shape, x[0, 0, 0].round(3)
    ((1, 224, 224, 3), array([0.074, 0.205, 0.426], dtype=float32))
    """
    steps = preprocessing(
        network, size=size, crop=crop, scale=scale, mean=mean, std=std
    )
    from ..images.images import open_image

    if isinstance(images, str | PathLike):
        images = [images]
    if len(images) == 0:
        raise ValueError("images: expected at least one image, got none")
    if not isinstance(images, np.ndarray) and all(
        isinstance(image, str | PathLike) for image in images
    ):
        return steps(open_image(path) for path in images)
    array = np.asarray(images)
    if array.ndim not in (3, 4):
        raise ValueError(
            "images: expected uint8 of shape (n, height, width) or (n, height, width, "
            f"3), or paths, got {array.dtype} of shape {array.shape}"
        )
    return steps(array)


def preprocessing(network: str | None = None, **given: Any) -> Preprocessing:
    """Return the steps of a network, some of them changed.

    >>> preprocessing("cornet_z", size=300, crop=None).size
    300
    """
    steps = Preprocessing() if network is None else find(network).preprocessing
    return replace(steps, **{name: v for name, v in given.items() if v is not DEFAULT})

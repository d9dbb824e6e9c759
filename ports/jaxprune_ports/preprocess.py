"""From 8-bit images to what a network expects, without PyTorch."""

from __future__ import annotations

import numpy as np

from .registry import IMAGENET_MEAN, IMAGENET_STD, find


def preprocess(
    images: np.ndarray, network: str | None = None, *, normalise: bool = True
) -> np.ndarray:
    """Scale to 0..1, subtract the mean, divide by the standard deviation.

    Bit-identical to torchvision's ``ToTensor`` and ``Normalize``, apart from the order
    of axes. Sizes are left alone.

    Parameters
    ----------
    images : ndarray of uint8 (n, H, W) or (n, H, W, 3)
        Grey or RGB images; grey ones become RGB with three equal channels.
    network : str, optional
        Takes mean and standard deviation of this network; those of ImageNet otherwise.
    normalise : bool
        False stops after scaling to 0..1. This is how Truong, Noei & Karami (2024)
        trained on dots, and what reproduces their scores of untrained networks.

    Returns
    -------
    ndarray of float32 (n, H, W, 3)
        Normalised images.

    Raises
    ------
    ValueError
        If shape, dtype or network name is not one of the above.

    Examples
    --------
    >>> preprocess(np.full((1, 2, 2), 128, np.uint8))[0, 0, 0].round(3)
    array([0.074, 0.205, 0.426], dtype=float32)
    """
    images = np.asarray(images)
    grey, colour = images.ndim == 3, images.ndim == 4 and images.shape[-1] == 3
    if images.dtype != np.uint8 or not (grey or colour):
        raise ValueError(
            "images: expected uint8 of shape (n, height, width) or "
            f"(n, height, width, 3), got {images.dtype} of shape {images.shape}; "
            "convert to 8-bit, channels last"
        )
    mean, std = IMAGENET_MEAN, IMAGENET_STD
    if network is not None:
        mean, std = find(network).mean, find(network).std
    # There are only 256 levels: normalise those, and look the pixels up.
    levels = np.arange(256, dtype=np.float32)[:, None] / np.float32(255)
    if normalise:
        levels = (levels - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    levels = np.broadcast_to(levels, (256, 3))
    if grey:
        return levels[images]
    return np.stack([levels[images[..., c], c] for c in range(3)], axis=-1)

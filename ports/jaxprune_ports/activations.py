"""Activations of many images, batch by batch, in PyTorch's order of units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import jax
import numpy as np
from flax import nnx
from tqdm.auto import tqdm

from .layers import channel_first
from .network import Network, evaluate
from .preprocess import preprocessing as preprocessing_of
from .preprocessing import Preprocessing

# On a CPU the time per image is flat from 8 images on; on an accelerator 32 images of
# CORnet-Z at 224 pixels take 170 MB (5.3 MB each for input, work space and areas).
BATCH_SIZE = 32


def activations(
    net: Network,
    x: np.ndarray,
    layers: Sequence[str] | None = None,
    batch_size: int = BATCH_SIZE,
    progress: bool = False,
    preprocessing: Preprocessing | None = None,
    relu: bool = False,
) -> dict[str, np.ndarray]:
    """Responses of every unit to every image.

    Parameters
    ----------
    net : nnx.Module
        Called as ``logits, areas = net(x)``.
    x : ndarray of float32 (n, H, W, 3), or of uint8
        Preprocessed images; uint8 ones go through :func:`preprocess` batch by batch.
    layers : sequence of str, optional
        Areas wanted; all of them by default.
    batch_size : int
        Images computed at a time.
    progress : bool
        Show a progress bar.
    normalise : bool
        For uint8 images, see :func:`preprocess`.

    Returns
    -------
    dict of ndarray (n, units), float32
        Units flattened channel-first, ``(C, H, W)``, as PyTorch does.

    Raises
    ------
    ValueError
        If there is no image or it has another shape, a layer is not known, or
        ``batch_size`` is not positive.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> images = np.zeros((3, 64, 64), np.uint8)
    >>> out = activations(jpp.create("cornet_z"), images, layers=["V4", "IT"])
    >>> {layer: value.shape for layer, value in out.items()}
    {'V4': (3, 4096), 'IT': (3, 2048)}
    """
    out: dict[str, np.ndarray] = {}
    for rows, areas in _stream(
        net, x, layers, batch_size, progress, preprocessing, relu
    ):
        for layer, value in areas.items():
            units = np.asarray(channel_first(value))[: rows.stop - rows.start]
            store = out.setdefault(
                layer, np.empty((len(x), units.shape[1]), np.float32)
            )
            store[rows] = units
    return out


def condition_means(
    net: Network,
    images: np.ndarray,
    condition: np.ndarray,
    layers: Sequence[str] | None = None,
    batch_size: int = BATCH_SIZE,
    progress: bool = False,
    preprocessing: Preprocessing | None = None,
    relu: bool = False,
) -> dict[str, np.ndarray]:
    """Mean response of every unit to the images of every condition.

    Sums are kept per condition, in float64; memory does not grow with the number of
    images.

    Parameters
    ----------
    net, images, layers, batch_size, progress, normalise
        As for :func:`activations`.
    condition : array-like of int (n,)
        Condition of every image, from 0 to the number of conditions - 1.

    Returns
    -------
    dict of ndarray (n_conditions, units), float64
        Units flattened channel-first, ``(C, H, W)``.

    Raises
    ------
    ValueError
        As for :func:`activations`, and if ``condition`` has another length or leaves a
        condition without images.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> images = np.zeros((4, 64, 64), np.uint8)
    >>> means = condition_means(jpp.create("cornet_z"), images, [0, 0, 1, 1], ["IT"])
    >>> means["IT"].shape
    (2, 2048)
    """
    condition = np.asarray(condition)
    counts = _counts(condition, len(images))
    sums: dict[str, np.ndarray] = {}
    for rows, areas in _stream(
        net, images, layers, batch_size, progress, preprocessing, relu
    ):
        present = condition[rows]
        for layer, value in areas.items():
            batch = np.asarray(value)[: len(present)]
            total = sums.setdefault(layer, np.zeros((len(counts), *batch.shape[1:])))
            for c in np.unique(present):
                total[c] += batch[present == c].sum(0, dtype=np.float64)
    # Reordering the few means is cheaper than reordering every batch.
    return {
        layer: np.ascontiguousarray(np.moveaxis(total, -1, 1)).reshape(len(counts), -1)
        / counts[:, None]
        for layer, total in sums.items()
    }


def _counts(condition: np.ndarray, n_images: int) -> np.ndarray:
    """Images per condition, checked."""
    if condition.shape != (n_images,) or condition.dtype.kind not in "iu":
        raise ValueError(
            f"condition: expected one integer for each of {n_images} images, got "
            f"{condition.dtype} of shape {condition.shape}"
        )
    if n_images and condition.min() < 0:
        raise ValueError(f"condition: expected 0, 1, 2, ..., got {condition.min()}")
    counts = np.bincount(condition)
    if not counts.all():
        absent = np.flatnonzero(counts == 0).tolist()
        raise ValueError(
            f"condition: no image belongs to {absent}; number the conditions from 0 "
            "without holes"
        )
    return counts


def _stream(
    net: Network,
    x: np.ndarray,
    layers: Sequence[str] | None,
    batch_size: int,
    progress: bool,
    preprocessing: Preprocessing | None,
    relu: bool,
) -> Iterator[tuple[slice, dict[str, jax.Array]]]:
    """Rows and areas of one batch after the other; the last one is padded."""
    layers = net.find(layers)
    steps = preprocessing or preprocessing_of(net.name)
    if batch_size < 1:
        raise ValueError(f"batch_size: expected at least 1, got {batch_size}")
    if len(x) == 0:
        raise ValueError("images: expected at least one image, got none")
    if x.dtype != np.uint8 and (x.ndim != 4 or x.shape[-1] != 3):
        raise ValueError(
            "images: expected uint8, or preprocessed ones of shape (n, height, width, "
            f"3), got {x.dtype} of shape {x.shape}; see preprocess"
        )
    graph, state = nnx.split(net)
    batch_size = min(batch_size, len(x))
    pending = None
    for start in tqdm(range(0, len(x), batch_size), disable=not progress):
        rows = slice(start, min(start + batch_size, len(x)))
        batch = x[rows]
        if batch.dtype == np.uint8:
            batch = steps(batch)
        # A last batch of another size would be compiled again.
        if missing := batch_size - len(batch):
            batch = np.pad(batch, [(0, missing), (0, 0), (0, 0), (0, 0)])
        areas = dict(
            zip(layers, evaluate(graph, layers, state, batch, relu), strict=True)
        )
        ready, pending = pending, (rows, areas)
        # The device computes one batch while the caller works on the one before.
        if ready is not None:
            yield ready
    if pending is not None:
        yield pending

"""Images through a network: threads decode one batch while another is computed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from jaxprune.base.progress import progress_bar

from ..images.images import Images, UnreadableImage
from ..images.steps import Preprocessing
from .model import Model

# Batches that are being decoded or wait for the network.
AHEAD = 2


@dataclass(frozen=True, eq=False)
class Batch:
    """Some images in a row, and what became of them.

    Attributes
    ----------
    rows : ndarray of int (m,)
        Numbers of the images that could be read.
    failed : dict of int to str
        Why the others could not.
    stop : int
        Number of the first image of the next batch.
    x : ndarray of float32 (m, H, W, 3), or of text (m,), or None
        Preprocessed images; None if no image could be read.
    """

    rows: np.ndarray
    failed: dict[int, str]
    stop: int
    x: np.ndarray | None


def stream(
    net: Model,
    images: Images,
    layers: Sequence[str] | None = None,
    *,
    preprocessing: Preprocessing | None = None,
    relu: bool = False,
    batch_size: int | None = None,
    start: int = 0,
    skip: bool = False,
    progress: bool = False,
) -> Generator[tuple[Batch, dict[str, np.ndarray]], None, None]:
    """Yield each batch, and its responses by layer.

    Parameters
    ----------
    net, layers, preprocessing, relu, batch_size, progress
        As for :func:`activations`.
    images : Images
        Of 8 bits; float32 arrays, and texts, count as preprocessed.
    start : int
        First image.
    skip : bool
        Report broken images as failed, in place of an error.

    Yields
    ------
    Batch
    dict of ndarray (m, h, w, channels) or (m, units), float32
        One row for each of its images that could be read.
    """
    if batch_size is None:
        batch_size = net.batch_size
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ValueError(f"batch_size: expected at least 1, got {batch_size}")
    steps, size = preprocessing or net.preprocessing, min(batch_size, len(images))
    batches = _batches(images, steps, size, start, skip)
    options = {"total": len(images), "initial": start, "unit": images.kind}
    bar = progress_bar(**options, disable=not progress)
    pending: tuple[Batch, Mapping[str, Any]] | None = None
    with net.reading(layers, relu, size) as read, closing(batches), bar:
        for batch in batches:
            # Perhaps only dispatched, and computed while the caller uses the one
            # before. Without any image there are no values.
            values = {} if batch.x is None else read(batch.x)
            ready, pending = pending, (batch, values)
            if ready is not None:
                yield _fetched(*ready)
                bar.update(ready[0].stop - bar.n)
        if pending is not None:
            yield _fetched(*pending)
            bar.update(pending[0].stop - bar.n)


def _fetched(
    batch: Batch, values: Mapping[str, Any]
) -> tuple[Batch, dict[str, np.ndarray]]:
    m = len(batch.rows)
    return batch, {layer: np.asarray(value)[:m] for layer, value in values.items()}


def flatten(values: np.ndarray) -> np.ndarray:
    """Flatten ``(n, h, w, channels)`` to ``(n, units)``, PyTorch's order of units.

    Arrays ``(n, units)`` stay as they are.
    """
    return np.moveaxis(values, -1, 1).reshape(len(values), -1)


def _batches(
    images: Images, steps: Preprocessing, size: int, start: int, skip: bool
) -> Generator[Batch, None, None]:
    """Decode and preprocess batches in threads, a few ahead of the network."""

    def load(i: int) -> np.ndarray:
        image = images.read(i)
        if getattr(image, "dtype", np.uint8) != np.uint8:
            return image
        return steps.normalise(steps.pixels(image))

    def submit(first: int) -> list[Future[np.ndarray]]:
        rows = range(first, min(first + size, len(images)))
        return [pool.submit(load, i) for i in rows]

    pool = ThreadPoolExecutor(_cores(), thread_name_prefix="decode")
    firsts = range(start, len(images), size)
    shape = None
    try:
        waiting = deque(submit(first) for first in firsts[:AHEAD])
        for k, first in enumerate(firsts):
            found, failed = _gather(first, waiting[0], skip)
            shape = _same_shape(images, found, shape)
            x = np.stack([*found.values()]) if found else None
            batch = Batch(np.array([*found], int), failed, first + len(waiting[0]), x)
            waiting.popleft()
            waiting.extend(submit(later) for later in firsts[k + AHEAD : k + AHEAD + 1])
            yield batch
    finally:
        # After an error or Ctrl-C, too: what has not begun never will.
        pool.shutdown(wait=True, cancel_futures=True)


def _gather(
    first: int, futures: Sequence[Future[np.ndarray]], skip: bool
) -> tuple[dict[int, np.ndarray], dict[int, str]]:
    """Images by number, and why others could not be read."""
    found, failed = {}, {}
    for i, future in enumerate(futures, first):
        try:
            found[i] = future.result()
        except UnreadableImage as error:
            if not skip:
                raise UnreadableImage(
                    f"{error}. Repair or remove it, or leave such images out with "
                    'on_error="skip"'
                ) from error
            failed[i] = str(error)
    return found, failed


def _same_shape(
    images: Images, found: dict[int, np.ndarray], shape: tuple[int, ...] | None
) -> tuple[int, ...] | None:
    """Shape of all images so far; ValueError names the first that differs."""
    for i, image in found.items():
        shape = shape or image.shape
        if image.shape != shape:
            raise ValueError(
                f"images: {images.names[i]} of {images.source} has {image.shape[1]} x "
                f"{image.shape[0]} pixels after preprocessing, those before have "
                f"{shape[1]} x {shape[0]}; give size, and crop if they differ in "
                "proportions"
            )
    return shape


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

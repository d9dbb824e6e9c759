"""Images through a network: threads decode one batch while another is computed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from numbers import Integral

import jax
import numpy as np
from flax import nnx

from jaxprune.base.progress import progress_bar

from ..images.images import Images, UnreadableImage
from ..images.steps import Preprocessing
from ..networks.network import Network, evaluate
from ..networks.preprocess import preprocessing as preprocessing_of

# Images computed at a time, unless told otherwise. On a CPU the time per image is flat
# up to 8 images of CORnet-Z at 224 pixels and doubles at 16: malloc does not keep
# buffers beyond 32 MiB, but asks the system for new pages each time. On an accelerator
# 32 such images take 170 MB (5.3 MB each for input, work space and areas).
CPU_BATCH, ACCELERATOR_BATCH = 8, 32
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
    x : ndarray of float32 (batch size, H, W, 3) or None
        Preprocessed images, then zeros; None if no image could be read.
    """

    rows: np.ndarray
    failed: dict[int, str]
    stop: int
    x: np.ndarray | None


def stream(
    net: Network,
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
        Of 8 bits; float32 arrays count as preprocessed.
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
    layers = net.find(layers)
    if batch_size is None:
        on_cpu = jax.default_backend() == "cpu"
        batch_size = CPU_BATCH if on_cpu else ACCELERATOR_BATCH
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ValueError(f"batch_size: expected at least 1, got {batch_size}")
    steps = preprocessing or preprocessing_of(net.name or None)
    graph, state = nnx.split(net)
    split = graph, layers, state
    batches = _batches(images, steps, min(batch_size, len(images)), start, skip)
    options = {"total": len(images), "initial": start, "unit": "image"}
    bar = progress_bar(**options, disable=not progress)
    pending: tuple[Batch, Sequence[jax.Array]] | None = None
    with closing(batches), bar:
        for batch in batches:
            # Only dispatched: it is computed while the caller uses the one before.
            values = () if batch.x is None else evaluate(*split, batch.x, relu)
            ready, pending = pending, (batch, values)
            if ready is not None:
                yield _fetched(layers, *ready)
                bar.update(ready[0].stop - bar.n)
        if pending is not None:
            yield _fetched(layers, *pending)
            bar.update(pending[0].stop - bar.n)


def _fetched(
    layers: Sequence[str], batch: Batch, values: Sequence[jax.Array]
) -> tuple[Batch, dict[str, np.ndarray]]:
    m = len(batch.rows)
    # Without any image there are no values.
    return batch, {k: np.asarray(v)[:m] for k, v in zip(layers, values, strict=False)}


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
            x = _padded(found, size)
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


def _padded(found: dict[int, np.ndarray], size: int) -> np.ndarray | None:
    """Stack images; a last batch of another size would be compiled again."""
    if not found:
        return None
    x = np.stack([*found.values()])
    return np.pad(x, [(0, size - len(x)), (0, 0), (0, 0), (0, 0)])


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""LeNet-5: trained here from several initialisations, or given."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...base.paths import expanded
from .images import Labelled

NETWORK = "lenet5"
# What of training is known: batches of 50. The rate, the momentum and the number of
# epochs are not; those here are of PyTorch's tutorial on CIFAR-10, whose batches of 4
# learn at .001, the rate in proportion to the size of a batch.
BATCH_SIZE, LR = 50, 0.0125


def stages(epochs: int) -> tuple[int, ...]:
    """Epochs after which a network is looked at: 0, and halvings of the last.

    >>> stages(12)
    (0, 1, 3, 6, 12)
    """
    found = [epochs]
    while found[-1]:
        found.append(found[-1] // 2)
    return tuple(reversed(found))


@contextmanager
def trained(
    shown: Labelled, seed: int, epochs: int, waiting: Path | None, *, progress: bool
) -> Iterator[dict[int, Any]]:
    """Train a network; within the block, its state after some epochs.

    Parameters
    ----------
    shown : pair of ndarray
        Images and their classes.
    seed : int
        Of the initialisation, and of the order of the images.
    epochs : int
    waiting : Path or None
        Folder where a training that is interrupted waits; removed after the block,
        unless that fails.
    progress : bool

    Yields
    ------
    dict of int to Network
        By epoch; see :func:`stages`.
    """
    import jaxprune_ports as jpp
    from jaxprune_ports.training import CIFAR, train

    recipe = replace(CIFAR, batch_size=BATCH_SIZE, lr=LR, epochs=epochs)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "training" if waiting is None else waiting
        untrained = jpp.create(NETWORK, seed)
        done = train(
            untrained,
            *shown,
            recipe=recipe,
            out=folder,
            seed=seed,
            keep_all=True,
            progress=progress,
        )
        found = {
            epoch: jpp.load(folder / f"epoch_{epoch:03d}")
            for epoch in stages(epochs)[1:-1]
        }
        yield {0: untrained, **found, epochs: done.net}
        shutil.rmtree(folder)


def given(path: str) -> Any:
    """Load a trained network.

    Raises
    ------
    ValueError
        If it is another network.
    """
    import jaxprune_ports as jpp

    file = expanded(path)
    net = jpp.load(file) if file.is_dir() else jpp.from_torch(NETWORK, file)
    if net.name != NETWORK:
        raise ValueError(f"weights: {path} holds {net.name}; expected {NETWORK}.")
    return net

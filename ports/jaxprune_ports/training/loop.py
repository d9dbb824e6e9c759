"""Epoch after epoch, with checkpoints."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from jaxprune.base import checks
from jaxprune.base.paths import expanded
from jaxprune.base.progress import progress_bar

from ..networks.network import Network, Source
from ..weights.fingerprint import weights_hash
from .data import Labelled, batches, checked, fingerprint
from .epoch import accuracy, learn
from .head import n_classes_of, with_classes
from .history import Epoch, Running, best
from .recipe import NUMEROSITY, Recipe
from .run_folder import RunFolder
from .step import network_of, sgd, start


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network.

    Attributes
    ----------
    net : Network
        After the last epoch.
    history : tuple of Epoch
    folder : Path or None
        Checkpoint of the last epoch.
    resumed : int
        Epochs that an earlier call did.
    """

    net: Network
    history: tuple[Epoch, ...]
    folder: Path | None
    resumed: int = 0

    @property
    def best_epoch(self) -> int | None:
        """Number of the epoch with the highest validation accuracy, if it was tested.

        With `out`, its checkpoint is ``epoch_<number>`` beside that of the last.
        """
        return best(self.history)


def train(
    net: Network,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    recipe: Recipe = NUMEROSITY,
    validation: Labelled | None = None,
    out: str | PathLike[str] | None = None,
    seed: int = 0,
    keep_all: bool = False,
    progress: bool = False,
) -> Trained:
    """Train all layers of a network to tell classes of images apart.

    Images are shuffled and mirrored as `seed` and the number of the epoch decide, so a
    training that was interrupted and goes on gives bit for bit what it would have given
    (on the same machine and versions).

    Batch normalisation takes the statistics of the batch, and keeps running ones for
    use; dropout is left out.

    Parameters
    ----------
    net : Network
        Where training begins; it stays as it is. If it has another number of classes,
        it gets a new last layer: see :func:`with_classes`.
    images : ndarray of uint8 (n, H, W) or (n, H, W, 3)
    labels : ndarray of int (n,)
        Class of every image: 0, 1, 2, ... without holes.
    recipe : Recipe
    validation : pair of ndarray, optional
        Images and labels on which accuracy is measured after each epoch.
    out : path, optional
        Folder for checkpoints, one after each epoch. If it holds some of the same
        training, that goes on; also to more epochs, if the rate does not decay.
    seed : int
        Of the order of images, of mirroring, and of a new last layer.
    keep_all : bool
        Keep the checkpoints of all epochs, not just the last one and the best in
        validation.
    progress : bool
        Show a progress bar with loss and accuracy.

    Returns
    -------
    Trained

    Raises
    ------
    ValueError
        If images or labels will not do, the network lacks weights, the loss is no
        longer a number, or `out` holds another training.
    FileExistsError
        If `out` holds something else.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> from jaxprune_ports.training import CIFAR
    >>> images = np.zeros((8, 32, 32), np.uint8)
    >>> images[4:] = 255
    >>> recipe = replace(CIFAR, name="brightness", lr=0.01, epochs=9)
    >>> labels = np.repeat([0, 1], 4)
    >>> trained = train(jpp.create("lenet5"), images, labels, recipe=recipe)
    >>> trained.history[-1].accuracy, str(trained.net.source)
    (1.0, 'brightness, epoch 9, from untrained, seed 0')
    """
    if net.missing:
        raise ValueError(
            f"net: {net.name} lacks {len(net.missing)} weights, the first is "
            f"{net.missing[0]}; give a complete checkpoint (with_classes makes the "
            "last layer)"
        )
    checks.whole("seed", seed, 0)
    n_classes = checked(images, labels)
    if validation is not None:
        checked(*validation, n_classes)
    if n_classes_of(net) != n_classes:
        net = with_classes(net, n_classes, seed)
    folder = None
    if out is not None:
        identity = _identity(net, (images, labels), validation, recipe, seed)
        folder = RunFolder(expanded(out), identity, keep_all)
    history = [*folder.open()] if folder else []
    resumed = len(history)
    if resumed > recipe.epochs:
        raise ValueError(
            f"epochs: expected {resumed} or more, which {out} holds, got "
            f"{recipe.epochs}; ask for more, or give another folder"
        )
    optimiser = sgd(recipe, len(images))
    graph, learner = start(net, optimiser)
    if folder and resumed:
        saved, momentum = folder.load(resumed, learner.momentum)
        graph, learner = start(saved, optimiser)
        learner = learner._replace(momentum=momentum)

    n_steps = -(-len(images) // recipe.batch_size)
    bar = progress_bar(
        total=n_steps * recipe.epochs,
        initial=n_steps * resumed,
        unit="step",
        disable=not progress,
    )
    with bar:
        for epoch in range(resumed + 1, recipe.epochs + 1):
            begin = time.monotonic()
            bar.set_description(f"epoch {epoch}/{recipe.epochs}", refresh=False)
            shuffled = batches(images, labels, recipe, seed, epoch)
            seen = Running(epoch, recipe.lr)
            learner = learn(graph, optimiser, learner, shuffled, seen, bar)
            reached = network_of(net, learner)
            tested = validation and accuracy(reached, *validation, recipe)
            seconds = round(time.monotonic() - begin, 3)
            history.append(Epoch(epoch, seen.loss, seen.accuracy, tested, seconds))
            if folder:
                reached.source = _source(net, recipe, history)
                folder.save(reached, learner.momentum, history)
    reached = network_of(net, learner)
    reached.source = _source(net, recipe, history)
    return Trained(
        reached,
        tuple(history),
        folder and folder.epoch(recipe.epochs),
        resumed,
    )


def _source(net: Network, recipe: Recipe, history: list[Epoch]) -> Source:
    """Where a trained network comes from: what it learned, how long and how well."""
    last = history[-1]
    training = f"{recipe.name}, epoch {last.epoch}"
    if last.validation_accuracy is not None:
        training += f", validation accuracy {last.validation_accuracy:.3f}"
    return replace(net.source, training=training)


def _identity(
    net: Network,
    shown: Labelled,
    validation: Labelled | None,
    recipe: Recipe,
    seed: int,
) -> dict[str, Any]:
    """Everything that decides on what is learned in an epoch."""
    settings = asdict(recipe)
    if not recipe.decay:
        del settings["epochs"]
    return {
        "network": net.name,
        "initial weights": weights_hash(net),
        **settings,
        "seed": seed,
        "images": fingerprint(shown),
        "validation": validation and fingerprint(validation),
    }

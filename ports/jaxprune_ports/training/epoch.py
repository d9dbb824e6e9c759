"""Once through images: to learn from them, or to be tested on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..extraction.activations import activations
from ..networks.network import LOGITS, Network
from .data import Labelled
from .history import Running
from .recipe import NUMEROSITY, Recipe
from .step import Learner, step


def learn(
    graph: Any,
    optimiser: Any,
    learner: Learner,
    shuffled: Iterable[Labelled],
    seen: Running,
    bar: Any,
) -> Learner:
    """Learn from all batches; `seen` and the bar are told how it goes."""
    pending = None
    for x, labels in shuffled:
        learner, loss, right = step(graph, optimiser, learner, x, labels)
        # The one before: this one is computed while the next batch is made.
        if pending:
            seen.add(*pending)
            bar.set_postfix(loss=f"{seen.loss:.3f}", accuracy=f"{seen.accuracy:.3f}")
        pending = loss, right, len(labels)
        bar.update()
    if pending:
        seen.add(*pending)
    return learner


def accuracy(
    net: Network, images: np.ndarray, labels: np.ndarray, recipe: Recipe = NUMEROSITY
) -> float:
    """Share of images whose class a network tells; none is mirrored.

    Parameters
    ----------
    net : Network
    images, labels
        As for :func:`train`.
    recipe : Recipe
        Gives preprocessing and batch size.
    """
    found = activations(
        net,
        images,
        [LOGITS],
        batch_size=recipe.batch_size,
        preprocessing=recipe.preprocessing,
    )
    return float((found[LOGITS].argmax(-1) == labels).mean())

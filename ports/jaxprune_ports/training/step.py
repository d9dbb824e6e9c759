"""One step of gradient descent, compiled."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from flax import nnx

from ..networks.network import LOGITS, Network
from .recipe import Recipe

# Batch normalisation while training, as in PyTorch: statistics of the batch, a tenth of
# which goes into the running ones. (PyTorch takes the unbiased variance for those: that
# of n values is larger by 1 / n, of 32 images at 7 x 7 positions by 0.06 %.)
BATCH_NORM = {
    "use_running_average": False,
    "momentum": 0.9,
    "use_fast_variance": False,  # as for group_norm
}


class Learner(NamedTuple):
    """What a step changes.

    Attributes
    ----------
    weights : nnx.State
    statistics : nnx.State
        Of batch normalisation; empty if there is none.
    momentum : pytree
        State of the optimiser.
    """

    weights: Any
    statistics: Any
    momentum: Any


def sgd(recipe: Recipe, n_images: int) -> optax.GradientTransformation:
    """Return the optimiser of a recipe, for so many images."""
    n_steps = -(-n_images // recipe.batch_size) * recipe.epochs
    return _sgd(recipe.lr, recipe.momentum, n_steps if recipe.decay else None)


@cache  # the same object for the same numbers, so that nothing is compiled twice
def _sgd(lr: float, momentum: float, decay: int | None) -> optax.GradientTransformation:
    rate = optax.cosine_decay_schedule(lr, decay) if decay else lr
    return optax.sgd(rate, momentum or None)


def start(net: Network, optimiser: optax.GradientTransformation) -> tuple[Any, Learner]:
    """Structure of a network that learns, and copies of what it changes."""
    learning = nnx.clone(net)
    learning.set_attributes(nnx.BatchNorm, raise_if_not_found=False, **BATCH_NORM)
    graph, weights, statistics = nnx.split(learning, nnx.Param, ...)
    # Steps overwrite their input: without copies, that of the network given.
    weights, statistics = jax.tree.map(jnp.array, (weights, statistics))
    return graph, Learner(weights, statistics, optimiser.init(weights))


def network_of(net: Network, learner: Learner) -> Network:
    """Make the network that has learned so far, for use; `net` is where it began.

    It is gone with the next step.
    """
    graph, *_ = nnx.split(net, nnx.Param, ...)
    return nnx.merge(graph, learner.weights, learner.statistics)


@partial(jax.jit, static_argnames=("graph", "optimiser"), donate_argnames=("learner",))
def step(
    graph: Any,
    optimiser: optax.GradientTransformation,
    learner: Learner,
    x: jax.Array,
    labels: jax.Array,
) -> tuple[Learner, jax.Array, jax.Array]:
    """Learn from a batch; also its loss and the number of right answers, before it."""

    def loss_of(weights: Any) -> tuple[jax.Array, tuple[Any, jax.Array]]:
        # A copy, because nnx changes no statistics from outside of the gradient.
        net = nnx.merge(graph, weights, learner.statistics, copy=True)
        logits = net.forward(x)[LOGITS]
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        right = (logits.argmax(-1) == labels).sum()
        return losses.mean(), (nnx.state(net, nnx.Not(nnx.Param)), right)

    learning = jax.value_and_grad(loss_of, has_aux=True)
    (loss, (statistics, right)), gradient = learning(learner.weights)
    updates, momentum = optimiser.update(gradient, learner.momentum)
    weights = optax.apply_updates(learner.weights, updates)
    return Learner(weights, statistics, momentum), loss, right

"""Networks in which every module takes the output of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, ClassVar

import jax
from flax import nnx

from .layers import average_pool, channel_first, max_pool
from .network import Network

POOLS = (max_pool, average_pool)


class Apply(nnx.Module):
    """A function in the place of a module: it has no weights, but a name and a number.

    >>> Apply(nnx.relu)(jax.numpy.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, function: Callable[..., jax.Array], **options: Any):
        self.function = function
        self.options = tuple(options.items())

    def __call__(self, x: jax.Array) -> jax.Array:
        """Apply the function with its options."""
        return self.function(x, **dict(self.options))


def relu() -> Apply:
    """ReLU; the layer before it is one of the `rectified`."""
    return Apply(nnx.relu)


def dropout() -> Apply:
    """Identity, which dropout is outside of training."""
    return Apply(_identity)


def _identity(x: jax.Array) -> jax.Array:
    return x


class Chain(Network):
    """Base of networks in which every module takes the output of the one before.

    All modules are layers. Those of an ``nnx.List`` are numbered from 0, as in PyTorch:
    ``features.0``, ``features.1``. A linear layer takes a map flattened channel-first.

    A subclass sets its modules in ``__init__``, calls :meth:`name_layers` at its end,
    and has an alias of the last module, ``"logits"``.

    Attributes
    ----------
    order : tuple of str
        Attributes that hold the modules, in the order of computation.
    """

    order: ClassVar[tuple[str, ...]] = ()

    def name_layers(self) -> None:
        """Set `layers`, `stages` and `rectified`."""
        steps = list(self.steps())
        self.layers = tuple(name for name, _ in steps)
        self.stages = tuple(name for name, module in steps if _is(module, *POOLS))
        self.rectified = frozenset(
            name for (name, _), (_, after) in pairwise(steps) if _is(after, nnx.relu)
        )

    def steps(self) -> Iterator[tuple[str, Any]]:
        """Layers by name and the modules that compute them, one after the other."""
        for attribute in self.order:
            for name, module in _numbered(attribute, getattr(self, attribute)):
                yield self.aliases.get(name, name), module

    def forward(self, x: jax.Array) -> dict[str, jax.Array]:
        """Return the output of every module.

        Raises
        ------
        ValueError
            If the images have a size that the network does not take.
        """
        return outputs(self.steps(), x, self.kept)


def outputs(
    steps: Iterable[tuple[str, Any]],
    x: jax.Array,
    kept: Callable[[str, jax.Array], jax.Array],
) -> dict[str, jax.Array]:
    """Outputs of modules by name, each of which takes what is kept of the one before.

    `kept` is that of the network.
    """
    taps = {}
    for name, module in steps:
        if isinstance(module, nnx.Linear):
            x = channel_first(x)
            if x.shape[1] != module.in_features:
                raise ValueError(
                    f"images: {name} gets {x.shape[1]} units of images of this size, "
                    f"and takes {module.in_features}; resize them as preprocess does"
                )
        x = taps[name] = kept(name, module(x))
        if 0 in x.shape:
            raise ValueError(f"images: so small that {name} has no unit left")
    return taps


def _numbered(name: str, module: Any) -> Iterator[tuple[str, Any]]:
    """Modules of a list, however deep, by their numbers; others by their name."""
    if not isinstance(module, nnx.List):
        yield name, module
        return
    for i, part in enumerate(module):
        yield from _numbered(f"{name}.{i}", part)


def _is(module: Any, *functions: Callable[..., jax.Array]) -> bool:
    return isinstance(module, Apply) and module.function in functions

"""What all networks have in common: taps, and a frozen spec of what is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from flax import nnx

from ..images.steps import Preprocessing

LOGITS = "logits"


@dataclass(frozen=True)
class Source:
    """Where the weights of a network come from.

    Two sources always compare equal: networks that differ in nothing else share their
    compiled code.

    Attributes
    ----------
    file : str or None
        Name of the checkpoint.
    sha256 : str or None
        Of that file.
    seed : int or None
        Of untrained weights.
    training : str or None
        What was learned since, and for how long.
    """

    file: str | None = field(default=None, compare=False)
    sha256: str | None = field(default=None, compare=False)
    seed: int | None = field(default=None, compare=False)
    training: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        begin = self.file or "arrays in memory"
        if self.seed is not None:
            begin = f"untrained, seed {self.seed}"
        return f"{self.training}, from {begin}" if self.training else begin


class Network(nnx.Module):
    """A network whose layers can be read.

    A network is one file: a subclass with `layers` and `forward`, and its
    :class:`Spec`.

    Attributes
    ----------
    layers : tuple of str
        Every layer that can be read, in the order of computation, ``"logits"`` last.
        A network with parts of its weights only has those that the parts can feed.
    aliases : mapping of str to str
        Further names of layers.
    stages : tuple of str
        Layers that end a stage of processing: the areas of a CORnet, the pooling
        layers of other networks.
    rectified : frozenset of str
        Layers that a ReLU follows immediately; see :func:`activations`.
    name : str
        In the registry.
    missing : tuple of str
        PyTorch names of the weights it has not got.
    unfed : tuple of str
        Layers that need some of them.
    source : Source
    """

    layers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    aliases: ClassVar[Mapping[str, str]] = {}
    rectified: frozenset[str] = frozenset()
    name: str = ""
    missing: tuple[str, ...] = ()
    unfed: tuple[str, ...] = ()
    source: Source = Source()

    def forward(self, x: jax.Array) -> dict[str, jax.Array]:
        """Return the output of every layer by name, ``"logits"`` among them."""
        raise NotImplementedError

    def __call__(self, x: jax.Array) -> tuple[jax.Array | None, dict[str, jax.Array]]:
        """Logits, and the output of every other layer.

        Parameters
        ----------
        x : Array (n, H, W, 3)
            Preprocessed images, float32.

        Returns
        -------
        logits : Array (n, n_classes) or None
            Class scores; None where the weights to compute them are missing.
        layers : dict of Array (n, h, w, channels) or (n, units)
            By name.
        """
        graph, state = nnx.split(self)
        outputs = evaluate(graph, self.layers, state, x)
        taps = dict(zip(self.layers, outputs, strict=True))
        return taps.pop(LOGITS, None), taps

    def find(self, layers: Sequence[str] | str | None) -> tuple[str, ...]:
        """Check names of layers; None and "all" stand for all of them.

        Raises
        ------
        ValueError
            If a name is unknown, or needs weights that are missing.
        """
        if layers is None or layers == "all":
            return self.layers
        names = (layers,) if isinstance(layers, str) else tuple(layers)
        for name in names:
            if self.aliases.get(name, name) not in self.layers:
                raise ValueError(self._unknown(name))
        return names

    def shapes(self, height: int, width: int) -> dict[str, tuple[int, ...]]:
        """Shape of every layer for an image: (channels, height, width), or (units,)."""
        graph, state = nnx.split(self)
        image = jax.ShapeDtypeStruct((1, height, width, 3), jnp.float32)
        outputs = jax.eval_shape(partial(evaluate, graph, self.layers), state, image)
        return {
            layer: unit_shape(output.shape)
            for layer, output in zip(self.layers, outputs, strict=True)
        }

    def _unknown(self, name: str) -> str:
        what = f"layers: {self.name or type(self).__name__} has no layer {name!r}"
        if self.aliases.get(name, name) in self.unfed:
            what = (
                f"layers: {name!r} needs weights that the checkpoint has not got "
                f"({len(self.missing)}, the first is {self.missing[0]})"
            )
        return f"{what}; expected some of {', '.join(self.layers)}"


@partial(jax.jit, static_argnames=("graph", "layers", "relu"))
def evaluate(
    graph: Any,
    layers: tuple[str, ...],
    state: Any,
    x: jax.Array,
    relu: bool = False,
) -> tuple[jax.Array, ...]:
    """Forward pass of a split network; layers not asked for are never computed."""
    net = nnx.merge(graph, state)
    taps = net.forward(x)
    out = []
    for name in layers:
        layer = net.aliases.get(name, name)
        value = taps[layer]
        out.append(nnx.relu(value) if relu and layer in net.rectified else value)
    return tuple(out)


@dataclass(frozen=True)
class Spec:
    """What is fixed about a network.

    Attributes
    ----------
    name : str
    build : callable
        Makes the network from ``n_classes`` and ``rngs``, untrained.
    paper : str
        Where the architecture was published.
    licence : str
        Of the original implementation and weights.
    initialisation : str
        Of untrained weights, in words.
    preprocessing : Preprocessing
        What the published network expects.
    n_classes : int
        Of the published network.
    head : str
        PyTorch name of the last linear layer, whose outputs are the classes.
    url, sha256 : str or None
        Of the official checkpoint; the hash may be the first digits only.
    """

    name: str
    build: Callable[..., Network]
    paper: str
    licence: str
    initialisation: str
    preprocessing: Preprocessing = Preprocessing()
    n_classes: int = 1000
    head: str = "decoder.linear"
    url: str | None = None
    sha256: str | None = None

    @property
    def input_size(self) -> int:
        """Height and width of the images in pixels."""
        size = self.preprocessing.crop or self.preprocessing.size
        if size is None:
            raise ValueError(f"{self.name}: its preprocessing fixes no size")
        return size

    def abstract(self, n_classes: int | None = None) -> Network:
        """Return the network with shapes in place of weights."""
        classes = n_classes or self.n_classes
        return nnx.eval_shape(lambda: self.build(n_classes=classes, rngs=nnx.Rngs(0)))

    @property
    def taps(self) -> dict[str, tuple[int, ...]]:
        """Shape of every layer for one image: (channels, height, width), or (units,).

        Examples
        --------
        >>> from jaxprune_ports.networks.registry import find
        >>> find("cornet_z").taps["IT"]
        (512, 7, 7)
        """
        return self.abstract().shapes(self.input_size, self.input_size)


def unit_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Shape of a layer's units, (channels, height, width) or (units,), from NHWC."""
    _, *rest = shape
    return (rest[2], rest[0], rest[1]) if len(rest) == 3 else tuple(rest)

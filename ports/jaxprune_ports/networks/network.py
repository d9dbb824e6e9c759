"""What all networks have in common: taps, and a frozen spec of what is published."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from ..images.images import Images
from ..images.opening import open_images
from ..images.steps import Preprocessing

LOGITS = "logits"
# Images computed at a time, unless told otherwise. On a CPU the time per image is flat
# up to 8 images of CORnet-Z at 224 pixels and doubles at 16: malloc does not keep
# buffers beyond 32 MiB, but asks the system for new pages each time. On an accelerator
# 32 such images take 170 MB (5.3 MB each for input, work space and areas).
CPU_BATCH, ACCELERATOR_BATCH = 8, 32
# Names of weights that differ from PyTorch's; the rest of a path is the same.
TORCH_LEAF = {
    "kernel": "weight",
    "scale": "weight",
    "mean": "running_mean",
    "var": "running_var",
}


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
        Of that file, or of all weights where there is no single file.
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


class Mask(nnx.Variable):
    """Which units of a layer are in, ``(units,)``, channel-first: 1 or 0."""


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
    preprocessing : Preprocessing
        What the published network expects.
    missing : tuple of str
        PyTorch names of the weights it has not got.
    unfed : tuple of str
        Layers that need some of them.
    source : Source
    token : None
        Outputs have no tokens.
    masks : nnx.Dict of Mask, or None
        By layer, of a network that :func:`pruned` made.
    """

    layers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    aliases: ClassVar[Mapping[str, str]] = {}
    rectified: frozenset[str] = frozenset()
    name: str = ""
    preprocessing: Preprocessing = Preprocessing()
    missing: tuple[str, ...] = ()
    unfed: tuple[str, ...] = ()
    source: Source = Source()
    token: str | None = None
    masks: nnx.Dict | None = None

    def forward(self, x: jax.Array) -> dict[str, jax.Array]:
        """Return the output of every layer by name, ``"logits"`` among them.

        What a layer puts out passes `kept` before the next one gets it.
        """
        raise NotImplementedError

    def kept(self, layer: str, values: jax.Array) -> jax.Array:
        """Output of a layer, where units were pruned with zeros in their place."""
        if self.masks is None or layer not in self.masks:
            return values
        mask = self.masks[layer][...]
        shape = unit_shape(values.shape)
        if mask.size != math.prod(shape):
            raise ValueError(
                f"units: those retained are of {mask.size:,} units, and {layer} has "
                f"{' x '.join(map(str, shape))} for images of this size"
            )
        mask = mask.reshape(shape)
        return values * (jnp.moveaxis(mask, 0, -1) if mask.ndim == 3 else mask)

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

    @property
    def batch_size(self) -> int:
        """Images computed at a time, unless told otherwise."""
        return CPU_BATCH if jax.default_backend() == "cpu" else ACCELERATOR_BATCH

    @property
    def computed(self) -> str:
        """Precision and device, in words."""
        return f"float32 on {jax.default_backend()}"

    def open(self, images: Any) -> Images:
        """Find what the network is shown: :func:`open_images`."""
        return open_images(images)

    def named_weights(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield all weights that are there, with their names in PyTorch."""
        for path, leaf in nnx.to_flat_state(nnx.split(self)[1]):
            name = torch_name(path)
            if name not in self.missing:
                yield name, np.asarray(leaf[...])

    @contextmanager
    def reading(
        self, layers: Sequence[str] | None, relu: bool, batch_size: int
    ) -> Iterator[Callable[[np.ndarray], dict[str, Any]]]:
        """Give a function from preprocessed images to the responses of layers.

        It may return before the responses are computed.
        """
        names, (graph, state) = self.find(layers), nnx.split(self)

        def read(x: np.ndarray) -> dict[str, jax.Array]:
            # A last batch of another size would be compiled again.
            x = np.pad(x, [(0, batch_size - len(x)), (0, 0), (0, 0), (0, 0)])
            values = evaluate(graph, names, state, x, relu)
            return dict(zip(names, values, strict=True))

        yield read

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


def torch_name(path: Sequence[Any]) -> str:
    """PyTorch name of the weight at a path of a Flax network.

    >>> torch_name(("features", 0, "kernel"))
    'features.0.weight'
    """
    *modules, leaf = map(str, path)
    return ".".join([*modules, TORCH_LEAF.get(leaf, leaf)])


def unit_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Shape of a layer's units, (channels, height, width) or (units,), from NHWC."""
    _, *rest = shape
    return (rest[2], rest[0], rest[1]) if len(rest) == 3 else tuple(rest)

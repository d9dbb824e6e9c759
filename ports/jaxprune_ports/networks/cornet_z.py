"""CORnet-Z: four areas of one convolution each."""

from __future__ import annotations

from typing import Any

import jax
from flax import nnx

from .chain import Chain
from .layers import conv, linear, max_pool, xavier_uniform, zeros
from .network import LOGITS, Spec

PAPER = (
    "Kubilius et al. (2018), CORnet: modeling the neural mechanisms of core object "
    "recognition, bioRxiv 408385"
)
XAVIER: dict[str, Any] = {"weights": xavier_uniform, "biases": zeros}


class Area(nnx.Module):
    """Convolution, ReLU, max pool; the output is after the pool."""

    def __init__(
        self, n_in: int, n_out: int, kernel: int, stride: int, *, rngs: nnx.Rngs
    ):
        self.conv = conv(n_in, n_out, kernel, stride=stride, rngs=rngs, **XAVIER)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``(n, H, W, n_in)`` to ``(n, H', W', n_out)``."""
        return max_pool(nnx.relu(self.conv(x)))


class Decoder(nnx.Module):
    """Average over positions, then a linear layer."""

    def __init__(self, n_in: int, n_out: int, *, rngs: nnx.Rngs, **initial):
        self.linear = linear(n_in, n_out, rngs=rngs, **initial)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``(n, H, W, n_in)`` to ``(n, n_out)``."""
        return self.linear(x.mean((1, 2)))


class CORnetZ(Chain):
    """CORnet-Z with its published untrained weights: Xavier-uniform, biases 0.

    Attribute paths are the names of the official checkpoint: ``V1.conv.kernel`` is its
    ``V1.conv.weight``.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights.

    References
    ----------
    .. [1] Kubilius et al. (2018), CORnet: modeling the neural mechanisms of core object
       recognition, bioRxiv 408385.

    Examples
    --------
    >>> import jax
    >>> from jaxprune_ports.networks.registry import create
    >>> net = create("cornet_z", seed=0)
    >>> logits, areas = net(jax.numpy.zeros((1, 64, 64, 3)))
    >>> logits.shape, areas["IT"].shape
    ((1, 1000), (1, 2, 2, 512))
    """

    order = ("V1", "V2", "V4", "IT", "decoder")
    aliases = {"decoder": LOGITS}

    def __init__(self, n_classes: int = 1000, *, rngs: nnx.Rngs):
        self.V1 = Area(3, 64, 7, 2, rngs=rngs)
        self.V2 = Area(64, 128, 3, 1, rngs=rngs)
        self.V4 = Area(128, 256, 3, 1, rngs=rngs)
        self.IT = Area(256, 512, 3, 1, rngs=rngs)
        self.decoder = Decoder(512, n_classes, rngs=rngs, **XAVIER)
        self.name_layers()
        self.stages = self.order[:-1]


SPECS = (
    Spec(
        "cornet_z",
        CORnetZ,
        paper=PAPER,
        licence="GPL-3.0",
        initialisation="Xavier-uniform, biases 0",
        url="https://s3.amazonaws.com/cornet-models/cornet_z-5c427c9c.pth",
        sha256="5c427c9c",
    ),
)

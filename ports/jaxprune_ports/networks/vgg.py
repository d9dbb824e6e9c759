"""VGG with 11 to 19 layers, with and without batch normalisation."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
from flax import nnx

from .chain import Apply, Chain, dropout, relu
from .layers import (
    adaptive_average_pool,
    batch_norm,
    conv,
    he_normal,
    linear,
    max_pool,
    zeros,
)
from .network import LOGITS, Spec

PAPER = (
    "Simonyan & Zisserman (2015), Very deep convolutional networks for large-scale "
    "image recognition, ICLR, arXiv:1409.1556"
)
# Convolutions of the five blocks by the number of layers, and their channels.
BLOCKS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
CHANNELS = (64, 128, 256, 512, 512)
CONV: dict[str, Any] = {"weights": he_normal("fan_out"), "biases": zeros}
LINEAR: dict[str, Any] = {"weights": jax.nn.initializers.normal(0.01), "biases": zeros}


class VGG(Chain):
    """VGG with torchvision's untrained weights and names.

    Every module of torchvision's network is a layer: ``features.0``, ``avgpool``,
    ``classifier.3``, and so on; ``classifier.6`` is another name of ``logits``. A layer
    is the output of that module alone, so ``classifier.3`` is not rectified, and
    ``classifier.4`` is. Attribute paths are torchvision's too:
    ``features[0].kernel`` is its ``features.0.weight``.

    Any size from 32 pixels will do: the last map is averaged over 7 x 7 windows.

    Parameters
    ----------
    depth : {11, 13, 16, 19}
        Number of layers with weights.
    norm : bool
        Batch normalisation after every convolution.
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights: convolutions from N(0, 2 / (9 * channels out)), linear
        layers from N(0, 0.01 ** 2), biases 0, norms 1 and 0.

    References
    ----------
    .. [1] Simonyan & Zisserman (2015), Very deep convolutional networks for large-scale
       image recognition, ICLR, arXiv:1409.1556.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> find("vgg16").taps["features.30"], find("vgg16_bn").taps["features.43"]
    ((512, 7, 7), (512, 7, 7))
    >>> net = find("vgg16").abstract()
    >>> net.layers[-3:], "classifier.3" in net.rectified
    (('classifier.4', 'classifier.5', 'logits'), True)
    """

    order = ("features", "avgpool", "classifier")
    aliases = {"classifier.6": LOGITS}

    def __init__(
        self,
        depth: int = 16,
        norm: bool = False,
        n_classes: int = 1000,
        *,
        rngs: nnx.Rngs,
    ):
        self.features = nnx.List(_features(depth, norm, rngs))
        self.avgpool = Apply(adaptive_average_pool, size=7)
        self.classifier = nnx.List(
            [
                linear(512 * 7 * 7, 4096, rngs=rngs, **LINEAR),
                relu(),
                dropout(),
                linear(4096, 4096, rngs=rngs, **LINEAR),
                relu(),
                dropout(),
                linear(4096, n_classes, rngs=rngs, **LINEAR),
            ]
        )
        self.name_layers()


def _features(depth: int, norm: bool, rngs: nnx.Rngs) -> list[nnx.Module]:
    """Five blocks of convolutions, each closed by a max pool."""
    modules: list[nnx.Module] = []
    n_in = 3
    for repeats, n_out in zip(BLOCKS[depth], CHANNELS, strict=True):
        for _ in range(repeats):
            modules.append(conv(n_in, n_out, 3, rngs=rngs, **CONV))
            if norm:
                modules.append(batch_norm(n_out, rngs=rngs))
            modules.append(relu())
            n_in = n_out
        modules.append(Apply(max_pool, window=2, stride=2, padding=0))
    return modules


def _spec(depth: int, norm: bool, sha256: str) -> Spec:
    name = f"vgg{depth}_bn" if norm else f"vgg{depth}"
    return Spec(
        name,
        partial(VGG, depth, norm),
        paper=PAPER,
        licence="BSD-3-Clause (torchvision)",
        initialisation=(
            "torchvision's: convolutions N(0, 2 / (kernel height * width * channels "
            "out)), linear layers N(0, 0.01 ** 2), biases 0, norms 1 and 0"
        ),
        head="classifier.6",
        url=f"https://download.pytorch.org/models/{name}-{sha256}.pth",
        sha256=sha256,
    )


SPECS = (
    _spec(11, False, "8a719046"),
    _spec(13, False, "19584684"),
    _spec(16, False, "397923af"),
    _spec(19, False, "dcbb9e9d"),
    _spec(11, True, "6002323d"),
    _spec(13, True, "abd245e5"),
    _spec(16, True, "6c64b313"),
    _spec(19, True, "c79401a0"),
)

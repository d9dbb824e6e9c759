"""AlexNet in torchvision's version: one column, no local response normalisation."""

from __future__ import annotations

from flax import nnx

from .chain import Apply, Chain, dropout, relu
from .layers import adaptive_average_pool, channel_first, conv, linear, max_pool
from .network import LOGITS, Spec


class AlexNet(Chain):
    """AlexNet with torchvision's untrained weights, PyTorch's defaults, and names.

    Every module of torchvision's network is a layer: ``features.0``, ``avgpool``,
    ``classifier.4``, and so on; ``classifier.6`` is another name of ``logits``. A layer
    is the output of that module alone, so ``classifier.4`` is not rectified, and
    ``classifier.5`` is. Attribute paths are torchvision's too:
    ``features[0].kernel`` is its ``features.0.weight``.

    Any size from 63 pixels will do: the last map is averaged over 6 x 6 windows.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights.

    References
    ----------
    .. [1] Krizhevsky (2014), One weird trick for parallelizing convolutional neural
       networks, arXiv:1404.5997.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> find("alexnet").taps["features.12"]
    (256, 6, 6)
    """

    order = ("features", "avgpool", "classifier")
    aliases = {"classifier.6": LOGITS}

    def __init__(self, n_classes: int = 1000, *, rngs: nnx.Rngs):
        self.features = nnx.List(
            [
                conv(3, 64, 11, stride=4, padding=2, rngs=rngs),
                relu(),
                _pool(),
                conv(64, 192, 5, rngs=rngs),
                relu(),
                _pool(),
                conv(192, 384, 3, rngs=rngs),
                relu(),
                conv(384, 256, 3, rngs=rngs),
                relu(),
                conv(256, 256, 3, rngs=rngs),
                relu(),
                _pool(),
            ]
        )
        self.avgpool = Apply(adaptive_average_pool, size=6)
        self.classifier = nnx.List(
            [
                # Dropout in torchvision's, of the map that is flattened before it.
                Apply(channel_first),
                linear(256 * 6 * 6, 4096, rngs=rngs),
                relu(),
                dropout(),
                linear(4096, 4096, rngs=rngs),
                relu(),
                linear(4096, n_classes, rngs=rngs),
            ]
        )
        self.name_layers()


def _pool() -> Apply:
    return Apply(max_pool, window=3, stride=2, padding=0)


SPECS = (
    Spec(
        "alexnet",
        AlexNet,
        paper=(
            "Krizhevsky (2014), One weird trick for parallelizing convolutional neural "
            "networks, arXiv:1404.5997"
        ),
        licence="BSD-3-Clause (torchvision)",
        initialisation="PyTorch's defaults: U(-b, b), b = fan_in ** -0.5",
        head="classifier.6",
        url="https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
        sha256="7be5be79",
    ),
)

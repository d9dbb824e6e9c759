"""AlexNet as first published: two groups, local response normalisation, 227 pixels."""

from __future__ import annotations

from typing import Any

from flax import nnx

from ..images.steps import CAFFE, Preprocessing
from .chain import Apply, Chain, relu
from .layers import conv, he_normal, linear, local_response_norm, max_pool, zeros
from .network import LOGITS, Spec

HE: dict[str, Any] = {"weights": he_normal("fan_in"), "biases": zeros}


class AlexNetKim(Chain):
    """Untrained AlexNet of Kim et al. (2021): He's normal weights, biases 0.

    It is the network of Krizhevsky et al. (2012) as Caffe and MATLAB have it, with
    their names: ``conv2``, ``conv4`` and ``conv5`` have two groups of channels, and a
    normalisation over 5 channels follows ``relu1`` and ``relu2``. The study reads
    ``relu5``, 43,264 units; ``fc8`` is another name of ``logits``.

    Images have 227 x 227 pixels.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights: N(0, 2 / fan_in), the fan of a group where there are two.
        The study draws those of the convolutions; here the linear layers, which it
        does not read, are drawn alike.

    References
    ----------
    .. [1] Kim et al. (2021), Visual number sense in untrained deep neural networks,
       Science Advances 7:eabd6127.
    .. [2] Krizhevsky et al. (2012), ImageNet classification with deep convolutional
       neural networks, NIPS.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> find("alexnet_kim").taps["relu5"]
    (256, 13, 13)
    """

    order = (
        *("conv1", "relu1", "norm1", "pool1"),
        *("conv2", "relu2", "norm2", "pool2"),
        *("conv3", "relu3"),
        *("conv4", "relu4"),
        *("conv5", "relu5", "pool5"),
        *("fc6", "relu6"),
        *("fc7", "relu7"),
        "fc8",
    )
    aliases = {"fc8": LOGITS}

    def __init__(self, n_classes: int = 1000, *, rngs: nnx.Rngs):
        self.conv1 = conv(3, 96, 11, stride=4, padding=0, rngs=rngs, **HE)
        self.conv2 = conv(96, 256, 5, groups=2, rngs=rngs, **HE)
        self.conv3 = conv(256, 384, 3, rngs=rngs, **HE)
        self.conv4 = conv(384, 384, 3, groups=2, rngs=rngs, **HE)
        self.conv5 = conv(384, 256, 3, groups=2, rngs=rngs, **HE)
        self.fc6 = linear(256 * 6 * 6, 4096, rngs=rngs, **HE)
        self.fc7 = linear(4096, 4096, rngs=rngs, **HE)
        self.fc8 = linear(4096, n_classes, rngs=rngs, **HE)
        self.relu1, self.relu2, self.relu3, self.relu4 = (relu() for _ in range(4))
        self.relu5, self.relu6, self.relu7 = (relu() for _ in range(3))
        self.norm1, self.norm2 = (_norm() for _ in range(2))
        self.pool1, self.pool2, self.pool5 = (_pool() for _ in range(3))
        self.name_layers()


def _norm() -> Apply:
    return Apply(local_response_norm, size=5, alpha=1e-4, beta=0.75, k=1.0)


def _pool() -> Apply:
    return Apply(max_pool, window=3, stride=2, padding=0)


SPECS = (
    Spec(
        "alexnet_kim",
        AlexNetKim,
        paper=(
            "Kim et al. (2021), Visual number sense in untrained deep neural networks, "
            "Science Advances 7:eabd6127"
        ),
        licence="none given with the study's code, of which nothing is used",
        initialisation="N(0, 2 / fan_in), biases 0",
        preprocessing=Preprocessing(227, None, CAFFE.scale, CAFFE.mean, CAFFE.std),
        head="fc8",
    ),
)

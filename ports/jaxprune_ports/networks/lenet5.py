"""LeNet-5 for colour images, with ReLUs and max pools."""

from __future__ import annotations

from flax import nnx

from ..images.steps import Preprocessing
from .chain import Apply, Chain, relu
from .layers import conv, linear, max_pool
from .network import LOGITS, Spec

HALF = (0.5, 0.5, 0.5)
# CIFAR-10 from 0..1 to -1..1.
CIFAR10 = Preprocessing(32, None, mean=HALF, std=HALF)


class LeNet5(Chain):
    """LeNet-5 of Truong & Hasson (2022), untrained: PyTorch's defaults.

    They read ``fc2``, 84 units, and applied its ReLU by hand: the layer itself is not
    rectified, ``relu4`` is. ``fc3`` is another name of ``logits``.

    Images have 32 x 32 pixels, with values from -1 to 1.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights.

    References
    ----------
    .. [1] LeCun et al. (1998), Gradient-based learning applied to document recognition,
       Proceedings of the IEEE 86:2278-2324.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> net = find("lenet5").abstract()
    >>> net.layers[-4:], "fc2" in net.rectified
    (('relu3', 'fc2', 'relu4', 'logits'), True)
    """

    order = (
        *("conv1", "relu1", "pool1"),
        *("conv2", "relu2", "pool2"),
        *("fc1", "relu3"),
        *("fc2", "relu4"),
        "fc3",
    )
    aliases = {"fc3": LOGITS}

    def __init__(self, n_classes: int = 10, *, rngs: nnx.Rngs):
        self.conv1 = conv(3, 6, 5, padding=0, rngs=rngs)
        self.conv2 = conv(6, 16, 5, padding=0, rngs=rngs)
        self.fc1 = linear(16 * 5 * 5, 120, rngs=rngs)
        self.fc2 = linear(120, 84, rngs=rngs)
        self.fc3 = linear(84, n_classes, rngs=rngs)
        self.relu1, self.relu2, self.relu3, self.relu4 = (relu() for _ in range(4))
        self.pool1, self.pool2 = (halve() for _ in range(2))
        self.name_layers()


def halve() -> Apply:
    """Max pool over 2 x 2 pixels; an odd last row or column is dropped."""
    return Apply(max_pool, window=2, stride=2, padding=0)


SPECS = (
    Spec(
        "lenet5",
        LeNet5,
        paper=(
            "LeCun et al. (1998), Gradient-based learning applied to document "
            "recognition, Proceedings of the IEEE 86:2278-2324; the version of Truong "
            "& Hasson (2022)"
        ),
        licence="none given with the study's code, of which nothing is used",
        initialisation="PyTorch's defaults: U(-b, b), b = fan_in ** -0.5",
        preprocessing=CIFAR10,
        n_classes=10,
        head="fc3",
    ),
)

"""A small network for CIFAR-10 with 108 units before its classes."""

from __future__ import annotations

from flax import nnx

from .chain import Apply, Chain, relu
from .layers import average_pool, conv, linear
from .lenet5 import CIFAR10, halve
from .network import LOGITS, Spec


class Student108(Chain):
    """A student's network of 2,320 parameters, untrained: PyTorch's defaults.

    Its number detectors were sought in ``avgpool``, 108 units: 12 channels at 3 x 3
    positions. The zeros around the 4 x 4 map before it count in the means, so a unit in
    a corner sees one value, one at an edge two and the one in the centre four, all
    divided by four. ``fc`` is another name of ``logits``.

    Images have 32 x 32 pixels, with values from -1 to 1.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights.

    References
    ----------
    .. [1] Unpublished; a replication of Nasr et al. (2019), Science Advances
       5:eaav7903, on CIFAR-10.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> find("student108").taps["avgpool"]
    (12, 3, 3)
    """

    order = (
        *("conv1", "relu1", "pool1"),
        *("conv2", "relu2", "pool2"),
        *("conv3", "relu3", "avgpool"),
        "fc",
    )
    aliases = {"fc": LOGITS}

    def __init__(self, n_classes: int = 10, *, rngs: nnx.Rngs):
        self.conv1 = conv(3, 5, 3, padding=0, rngs=rngs)
        self.conv2 = conv(5, 7, 3, padding=0, rngs=rngs)
        self.conv3 = conv(7, 12, 3, padding=0, rngs=rngs)
        self.fc = linear(12 * 3 * 3, n_classes, rngs=rngs)
        self.relu1, self.relu2, self.relu3 = (relu() for _ in range(3))
        self.pool1, self.pool2 = (halve() for _ in range(2))
        self.avgpool = Apply(average_pool, window=2, stride=2, padding=1)
        self.name_layers()


SPECS = (
    Spec(
        "student108",
        Student108,
        paper="unpublished; a student's replication of Nasr et al. (2019) on CIFAR-10",
        licence="no code or weights are public",
        initialisation="PyTorch's defaults: U(-b, b), b = fan_in ** -0.5",
        preprocessing=CIFAR10,
        n_classes=10,
        head="fc",
    ),
)

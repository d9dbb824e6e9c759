"""The network of Nasr, Viswanathan & Nieder: number detectors in its last layer."""

from __future__ import annotations

from flax import nnx

from ..images.steps import Preprocessing
from .chain import Apply, Chain, relu
from .layers import average_pool, batch_norm, conv, linear, local_response_norm
from .lenet5 import halve
from .network import LOGITS, Spec

# Channels and kernel of the convolutions; a pool follows the first five.
POOLED = ((32, 9), (48, 9), (96, 7), (192, 5), (384, 5))
UNPOOLED = ((768, 5), (768, 5), (768, 5))


class Nasr(Chain):
    """Network of Nasr, Viswanathan & Nieder (2019), untrained: PyTorch's defaults.

    Eight convolutions, each followed by batch normalisation, ReLU and a local response
    normalisation over 15 channels, the first five of them by a max pool too. The
    studies read the last normalisation, ``lrn8``: 37,632 units.

    Layers have the names of the code of [2]_, so that its checkpoints fit:
    ``features.0`` is the first convolution, ``features.1`` its batch normalisation,
    ``features.2.0`` its ReLU, ``features.2.1`` its local response normalisation, and
    ``features.3`` its pool. ``lrn1`` to ``lrn8`` are further names of the local
    response normalisations, ``classifier`` is one of ``logits``.

    Images have 224 x 224 pixels. The architecture is that of [2]_; the number of units
    is the same in [1]_.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights. The studies trained theirs, and state no initialisation.

    References
    ----------
    .. [1] Nasr, Viswanathan & Nieder (2019), Number detectors spontaneously emerge in a
       deep neural network designed for visual object recognition, Science Advances
       5:eaav7903.
    .. [2] Nasr & Nieder (2021), Spontaneous representation of numerosity zero in a deep
       neural network for visual object recognition, iScience 24:103301.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> spec = find("nasr")
    >>> spec.taps[spec.abstract().aliases["lrn8"]]
    (768, 7, 7)
    """

    order = ("features", "classifier")
    aliases = {
        "lrn1": "features.2.1",
        "lrn2": "features.6.1",
        "lrn3": "features.10.1",
        "lrn4": "features.14.1",
        "lrn5": "features.18.1",
        "lrn6": "features.22.1",
        "lrn7": "features.25.1",
        "lrn8": "features.28.1",
        "classifier": LOGITS,
    }

    def __init__(self, n_classes: int = 1000, *, rngs: nnx.Rngs):
        self.features = nnx.List(_features(rngs))
        self.classifier = linear(768, n_classes, rngs=rngs)
        self.name_layers()


def _features(rngs: nnx.Rngs) -> list[nnx.Module]:
    modules: list[nnx.Module] = []
    n_in = 3
    for n_out, kernel in POOLED + UNPOOLED:
        modules += [
            conv(n_in, n_out, kernel, rngs=rngs),
            batch_norm(n_out, rngs=rngs),
            nnx.List([relu(), _norm()]),
        ]
        if (n_out, kernel) in POOLED:
            modules.append(halve())
        n_in = n_out
    return [*modules, Apply(average_pool, window=7, stride=7, padding=0)]


def _norm() -> Apply:
    return Apply(local_response_norm, size=15, alpha=1.0, beta=0.75, k=1.0)


SPECS = (
    Spec(
        "nasr",
        Nasr,
        paper=(
            "Nasr, Viswanathan & Nieder (2019), Number detectors spontaneously emerge "
            "in a deep neural network designed for visual object recognition, Science "
            "Advances 5:eaav7903; as in Nasr & Nieder (2021), Spontaneous "
            "representation of numerosity zero in a deep neural network for visual "
            "object recognition, iScience 24:103301"
        ),
        licence="none given with the studies' code, of which nothing is used",
        initialisation=(
            "none is published; PyTorch's defaults: U(-b, b), b = fan_in ** -0.5, "
            "norms 1 and 0"
        ),
        preprocessing=Preprocessing(
            224, None, mean=(0.4914, 0.4822, 0.4465), std=(0.2023, 0.1994, 0.2010)
        ),
        head="classifier",
    ),
)

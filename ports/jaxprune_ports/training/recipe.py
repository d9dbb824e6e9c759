"""How a network is trained, in numbers: the published recipes, and one of our own."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

from ..images.steps import AS_THEY_ARE, Preprocessing, is_number
from ..networks.lenet5 import CIFAR10


@dataclass(frozen=True)
class Recipe:
    """Stochastic gradient descent on the cross-entropy of classes.

    Attributes
    ----------
    name : str
        Of the version of the network that comes of it.
    lr : float
        Learning rate.
    momentum : float
        As in PyTorch: v = momentum * v + gradient, weights less lr * v. 0 for none.
    batch_size : int
        Images a step; the last batch of an epoch has what is left.
    epochs : int
        How often all images are seen.
    decay : bool
        Lower the rate from step to step, along half a cosine, from `lr` to 0.
    flip : float
        Probability that an image is mirrored, left to right.
    preprocessing : Preprocessing
        Of the images, before they are mirrored.

    Examples
    --------
    >>> Recipe("slow", lr=1e-4, epochs=3).batch_size
    32
    >>> Recipe("none", lr=0)
    Traceback (most recent call last):
    ValueError: lr: expected a positive number, got 0
    """

    name: str
    lr: float = 1e-3
    momentum: float = 0.0
    batch_size: int = 32
    epochs: int = 100
    decay: bool = False
    flip: float = 0.5
    preprocessing: Preprocessing = Preprocessing()

    def __post_init__(self) -> None:
        if not (is_number(self.lr) and self.lr > 0):
            raise ValueError(f"lr: expected a positive number, got {self.lr}")
        if not 0 <= self.momentum < 1:
            raise ValueError(
                f"momentum: expected 0 or more and less than 1, got {self.momentum}"
            )
        if not 0 <= self.flip <= 1:
            raise ValueError(
                f"flip: expected a probability, from 0 to 1, got {self.flip}"
            )
        for name in ("batch_size", "epochs"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or value < 1:
                raise ValueError(f"{name}: expected 1 or more, got {value}")


def resized(size: int) -> Preprocessing:
    """Images resized to ``(size, size)``, 0..1, not normalised.

    >>> resized(64).mean
    (0.0, 0.0, 0.0)
    """
    return Preprocessing(size, None, **AS_THEY_ARE)


# Truong, Noei & Karami (2024): a CORnet with ImageNet weights and a new head learns the
# number of dots, one of ten. All of its layers are trained.
NUMEROSITY = Recipe("numerosity", preprocessing=resized(300))

# Our own, for networks without ImageNet weights. At the published rate they learn
# nothing (the loss of CORnet-Z stays at log 10 for epochs), and at a constant one from
# which they learn, accuracy jumps: number is ordered, and the answers to all images
# shift by a class from one step to the next.
NUMEROSITY_SCRATCH = Recipe(
    "numerosity_scratch",
    lr=0.01,
    momentum=0.9,
    epochs=8,
    decay=True,
    preprocessing=resized(64),
)

# PyTorch's tutorial on CIFAR-10, with which a student trained a network of 108 units.
CIFAR = Recipe(
    "cifar10",
    momentum=0.9,
    batch_size=4,
    epochs=2,
    flip=0.0,
    preprocessing=CIFAR10,
)

"""What a run looks at, and how closely."""

from __future__ import annotations

from dataclasses import dataclass

from ...io import SUFFIXES
from .. import framework
from ..framework import option, seeds
from ..framework.sets import check_names, parsed_set


@dataclass(frozen=True)
class ImageSet:
    """Responses of a layer to a set of images, and what people make of these.

    Attributes
    ----------
    name : str
        With the name of a published category (``"animals"`` for example), the
        published values stand beside it.
    features : str
        File that `jaxprune.io.load_features` reads: ``(n_images, n_units)``, after the
        ReLU.
    target : str
        File that `jaxprune.io.load_target` reads: the human similarities or
        dissimilarities of the images; of several matrices the mean is taken. Squares
        hide which of the two it is.

    Examples
    --------
    >>> ImageSet.parse("animals=vgg.npy,people.npy")
    ImageSet(name='animals', features='vgg.npy', target='people.npy')
    """

    name: str
    features: str
    target: str

    @classmethod
    def parse(cls, text: str) -> ImageSet:
        """Read ``NAME=FEATURES,TARGET``.

        Raises
        ------
        ValueError
            If it does not look like that.
        """
        return cls(*parsed_set(text, "FEATURES", "animals=vgg16.npy,people.npy"))


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    images : str or None
        CIFAR-10 for experiment 1: an NPZ file or a folder with ``x_train``,
        ``y_train``, ``x_test`` and ``y_test``, or the folder of its binary version.
        With None, dot arrays of one to ten dots.
    seeds : tuple of int
        Initialisations of LeNet-5, each of which is trained. None for no training.
    weights : tuple of str
        Trained LeNet-5 networks: folders of ``jaxprune convert``, or PyTorch files.
    n_instances : int
        Training images of each class, at most.
    epochs : int
        Of training.
    sets : tuple of ImageSet
        For experiment 2. None to leave it out.
    n_orders : int
        Random orders of the units, from which p-values come.

    Raises
    ------
    ValueError
        A number out of range, or nothing to look at.
    """

    images: str | None = option(
        None,
        "CIFAR-10: .npz or folder with x_train, y_train, x_test and y_test, or the "
        "folder of its binary version",
    )
    seeds: tuple[int, ...] = seeds(0, 1, 2, 3, 4, filled=False)
    weights: tuple[str, ...] = option(
        (),
        "a trained LeNet-5: folder of `jaxprune convert`, or a file: .pth, .pt or "
        ".safetensors",
        repeated=True,
    )
    # A class mean of the test images needs some, of which there are a fifth.
    n_instances: int = option(
        600, "training images of each class, at most", least=5, flag="--instances"
    )
    epochs: int = option(12, "of training", least=1)
    sets: tuple[ImageSet, ...] = option(
        (),
        "experiment 2: responses to images after the ReLU and what people make of "
        f"these, similarities or dissimilarities ({' '.join(SUFFIXES)})",
        metavar="NAME=FEATURES,TARGET",
        read=lambda texts: tuple(map(ImageSet.parse, texts)),
        repeated=True,
    )
    n_orders: int = option(1000, "random orders", least=1, flag="--orders")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.seeds or self.weights or self.sets):
            raise ValueError(
                "seeds, weights and sets are all empty; expected at least one seed or "
                "trained network for experiment 1, or one set for experiment 2."
            )
        check_names(one.name for one in self.sets)

    @property
    def tracks(self) -> bool:
        """Whether experiment 1 is done."""
        return bool(self.seeds or self.weights)


SMALL = Options()
# As published: 50 networks, 50,000 training images.
FULL = Options(seeds=tuple(range(50)), n_instances=5000)

"""What a run looks at: a network, two of its layers, and sets of images."""

from __future__ import annotations

from dataclasses import dataclass

from ...inference.cross_validation import PROTOCOLS
from .. import framework
from ..framework import option
from ..framework.sets import check_names, parsed_set

# Seeds of the folds, as published.
SEEDS: tuple[int, ...] = PROTOCOLS["tarigopula2023"]["seed"]
# Maps after the last convolution and its pool, and where the RDM is read. A pool takes
# each map for itself, so that its output without a map is that of the layer without it;
# and the linear layer that follows is declared, which makes removals subtractions.
LAYERS = {
    "lenet5": ("pool2", "relu4"),
    "alexnet": ("features.12", "classifier.5"),
    "vgg16": ("features.30", "classifier.5"),
    "vgg19": ("features.36", "classifier.5"),
}


@dataclass(frozen=True)
class ImageSet:
    """Images, and what people make of them.

    Attributes
    ----------
    name : str
        With the name of a published set (``"animals"`` for example), the published
        values stand beside it.
    images : str
        Folder or file that ``jaxprune_ports.open_images`` reads.
    target : str
        File that :func:`jaxprune.io.load_target` reads: similarities or
        dissimilarities; of several matrices the mean is taken. The square of the score
        hides which of the two it is.

    Examples
    --------
    >>> ImageSet.parse("animals=pictures,people.npy")
    ImageSet(name='animals', images='pictures', target='people.npy')
    """

    name: str
    images: str
    target: str

    @classmethod
    def parse(cls, text: str) -> ImageSet:
        """Read ``NAME=IMAGES,TARGET``.

        Raises
        ------
        ValueError
            If it does not look like that.
        """
        return cls(*parsed_set(text, "IMAGES", "animals=pictures,people.npy"))


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    network : str
    weights : str or None
        Of the trained network; None for random ones.
    layer, readout : str or None
        Whose maps are removed, and where the RDM is read; by default those of `LAYERS`.
    sets : tuple of ImageSet
        None of them: images of classes, which are similar if they are of one class.
    cifar : str or None
        CIFAR-10 for these; with None dot arrays.
    n_images : int
        Of each class.
    n_splits : int
        How often images are split into five folds.
    n_orders : int
        Random orders of the maps.
    n_sizes : int
        Numbers of maps that are scored, on a grid; 0 for all.
    """

    network: str = option(
        "lenet5",
        f"whose maps: {', '.join(LAYERS)}; of others give --layer and --readout "
        "(default lenet5, with --full vgg16)",
        metavar="NAME",
    )
    weights: str | None = option(
        None,
        "folder of `jaxprune convert`, or a file: .pth, .pt or .safetensors; random "
        "weights without",
    )
    layer: str | None = option(None, "whose maps are removed", metavar="NAME")
    readout: str | None = option(
        None, "where the RDM is read, after it", metavar="NAME"
    )
    sets: tuple[ImageSet, ...] = option(
        (),
        "images, and what people make of them, similarities or dissimilarities",
        metavar="NAME=IMAGES,TARGET",
        read=lambda texts: tuple(map(ImageSet.parse, texts)),
        repeated=True,
    )
    cifar: str | None = option(
        None,
        "without --sets: CIFAR-10, .npz or folder with x_test and y_test, or the "
        "folder of its binary version; images of one class are similar",
    )
    # A fifth of them is scored: some have to be of one class.
    n_images: int = option(12, "images of each class", least=5, flag="--instances")
    n_splits: int = option(2, "times that images are split", least=1, flag="--splits")
    n_orders: int = option(20, "random orders of the maps", least=1, flag="--orders")
    n_sizes: int = option(
        32, "numbers of maps scored, on a grid; 0 for all", least=0, flag="--sizes"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_splits > len(SEEDS):
            raise ValueError(
                f"n_splits={self.n_splits}: expected at most {len(SEEDS)}, the "
                "published seeds."
            )
        check_names(one.name for one in self.sets)
        if self.network not in LAYERS and not (self.layer and self.readout):
            raise ValueError(
                f"network={self.network!r}: its layers are not known here; expected "
                f"one of {', '.join(LAYERS)}, or layer and readout with it."
            )

    @property
    def layers(self) -> tuple[str, str]:
        """Whose maps are removed, and where the RDM is read."""
        first, second = LAYERS.get(self.network, ("", ""))
        return self.layer or first, self.readout or second


SMALL = Options()
FULL = Options(network="vgg16", n_splits=len(SEEDS), n_orders=100, n_sizes=0)

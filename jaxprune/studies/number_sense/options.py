"""What a run looks at, and how closely."""

from __future__ import annotations

from dataclasses import dataclass

from .. import framework
from ..framework import option, seeds, trained
from ..framework.networks import at_least_one
from ..framework.options import listed
from .networks import SUBJECTS

NETWORKS = ("alexnet_kim", "nasr")


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    networks : tuple of str
        Untrained networks, of ``"alexnet_kim"`` (Kim et al. 2021), ``"nasr"`` (that of
        Nasr et al. 2019) and ``"alexnet"`` (that of torchvision).
    seeds : tuple of int
        Of stimuli and of random weights; trained networks see the stimuli of the
        first.
    weights : tuple of str
        Folders of trained networks, from ``jaxprune convert``.
    kim_images, nasr_images : int
        Images of each of the 48 conditions, of which as many again are drawn for
        tuning curves and tasks.
    area_images : int
        Images of each combination of 16 numbers and 8 total areas.
    n_draws : int
        Of units, to compare numbers with.
    n_repeats : int
        Of match-to-sample.
    n_pairs : int
        Pairs of images for each number, to train and to test with.
    n_runs : int
        Of the summation model.

    Raises
    ------
    ValueError
        An unknown network, a number out of range, or nothing to look at.
    """

    networks: tuple[str, ...] = option(
        NETWORKS,
        f"untrained ones: {', '.join(NETWORKS)}, both (with a comma), or none",
        choices=tuple(SUBJECTS),
        metavar="NAMES",
        read=listed,
    )
    seeds: tuple[int, ...] = seeds(0)
    weights: tuple[str, ...] = trained()
    # An analysis of variance needs two images of a condition, and pairs to train and
    # to test with need two each of a number: one of every area, of 8.
    kim_images: int = option(
        10, "images of each condition", least=2, flag="--instances"
    )
    nasr_images: int = option(
        7, "images of each condition", least=2, flag="--instances"
    )
    area_images: int = option(4, least=1)
    n_draws: int = option(10, least=1)
    n_repeats: int = option(10, least=1)
    n_pairs: int = option(100, least=2)
    n_runs: int = option(50, least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self.networks, self.weights, NETWORKS)


SMALL = Options()
# As published, but for the number of networks, of which Kim et al. had 100.
FULL = Options(
    seeds=(0, 1, 2), kim_images=50, area_images=10, n_repeats=50, n_runs=1000
)

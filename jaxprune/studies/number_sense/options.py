"""What a run looks at, and how closely."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .networks import SUBJECTS

NETWORKS = ("alexnet_kim", "nasr")


@dataclass(frozen=True)
class Options:
    """Settings of the study.

    Attributes
    ----------
    networks : tuple of str
        Untrained networks, of ``"alexnet_kim"`` (Kim et al. 2021) and ``"nasr"`` (that
        of Nasr et al. 2019).
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
        An unknown network, or a number out of range.
    """

    networks: tuple[str, ...] = NETWORKS
    seeds: tuple[int, ...] = (0,)
    weights: tuple[str, ...] = ()
    kim_images: int = 10
    nasr_images: int = 7
    area_images: int = 4
    n_draws: int = 10
    n_repeats: int = 10
    n_pairs: int = 100
    n_runs: int = 50

    def __post_init__(self) -> None:
        for name in ("networks", "seeds", "weights"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        unknown = [name for name in self.networks if name not in SUBJECTS]
        if unknown or len(set(self.networks)) < len(self.networks):
            raise ValueError(
                f"networks={self.networks!r}: expected some of {', '.join(NETWORKS)}, "
                "each once."
            )
        if not (self.networks or self.weights):
            raise ValueError(
                "networks and weights are both empty; expected at least one network, "
                f"of {', '.join(NETWORKS)}, or the folder of a trained one."
            )
        if not self.seeds or min(self.seeds) < 0:
            raise ValueError(
                f"seeds={self.seeds!r}: expected one or more whole numbers, not "
                "negative."
            )
        # An analysis of variance needs two images of a condition, and pairs to train
        # and to test with need two each of a number: one of every area, of 8.
        least = {"kim_images": 2, "nasr_images": 2, "n_pairs": 2}
        for name in (*least, "area_images", "n_draws", "n_repeats", "n_runs"):
            if getattr(self, name) < least.get(name, 1):
                raise ValueError(
                    f"{name}={getattr(self, name)}: expected at least "
                    f"{least.get(name, 1)}."
                )

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name."""
        return asdict(self)


SMALL = Options()
# As published, but for the number of networks, of which Kim et al. had 100.
FULL = Options(
    seeds=(0, 1, 2), kim_images=50, area_images=10, n_repeats=50, n_runs=1000
)

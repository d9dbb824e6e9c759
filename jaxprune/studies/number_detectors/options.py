"""What a run looks at, and how closely."""

from __future__ import annotations

from dataclasses import dataclass

NETWORKS = ("cornet_z", "cornet_s")
LAYERS = ("V1", "V2", "V4", "IT")
# Of the random sets of units that are averaged.
N_RANDOM = 100


@dataclass(frozen=True)
class Options:
    """Settings of the study.

    Attributes
    ----------
    networks : tuple of str
        Networks to look at before training, of ``"cornet_z"`` and ``"cornet_s"``.
    seeds : tuple of int
        Of stimuli and of random weights; trained networks see the stimuli of the
        first.
    weights : tuple of str
        Folders of trained networks, from ``jaxprune convert`` or ``jaxprune train``.
        What was learned is read there: ImageNet (the version ``pretrained``), or
        ``numerosity`` and ``numerosity_scratch``.
    layers : tuple of str
    n_instances : int
        Images of each of the 32 conditions.
    size : int
        Height and width of the images in pixels; the number of units goes with it.
    n_folds : int
        Folds of held-out conditions.
    n_random : int
        Random sets of units.

    Raises
    ------
    ValueError
        An unknown network or layer, or a number out of range.
    """

    networks: tuple[str, ...] = ("cornet_z",)
    seeds: tuple[int, ...] = (0,)
    weights: tuple[str, ...] = ()
    layers: tuple[str, ...] = LAYERS
    n_instances: int = 50
    size: int = 224
    n_folds: int = 4
    n_random: int = N_RANDOM

    def __post_init__(self) -> None:
        for name in ("networks", "seeds", "weights", "layers"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        _known("networks", self.networks, NETWORKS)
        _known("layers", self.layers, LAYERS)
        if not self.seeds or min(self.seeds) < 0:
            raise ValueError(
                f"seeds={self.seeds!r}: expected one or more whole numbers of at "
                "least 0."
            )
        if not (self.networks or self.weights):
            raise ValueError(
                "networks and weights are both empty; expected at least one network, "
                f"of {', '.join(NETWORKS)}, or the folder of a trained one."
            )
        # An analysis of variance needs two images of a condition.
        for name, least in (("n_instances", 2), ("size", 1), ("n_random", 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"{name}={getattr(self, name)}: expected at least {least}."
                )


def _known(name: str, values: tuple[str, ...], choices: tuple[str, ...]) -> None:
    unknown = [value for value in values if value not in choices]
    if unknown or len(set(values)) < len(values):
        raise ValueError(
            f"{name}={values!r}: expected some of {', '.join(choices)}, each once."
        )


SMALL = Options()
FULL = Options(networks=NETWORKS, seeds=(0, 1, 2, 3, 4), n_instances=100)

"""Networks that the study looks at: which layer, which images, and its responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...base.paths import expanded
from ...numerosity import CellMoments
from ...stimuli import StimulusSet, kim, nasr
from ..framework import WeightedNetwork

UNTRAINED, TRAINED = "untrained", "trained"
# Images whose responses of all units are held at a time: 45 MB of AlexNet's relu5.
CHUNK = 256
# Of the first of two sets of images; those of the second are drawn with another seed.
HELD_OUT = 1_000_003


@dataclass(frozen=True)
class Subject:
    """A network of the registry, as the study sees it.

    Attributes
    ----------
    title : str
    layer : str
        Whose units are looked at.
    design : callable
        Stimuli, called with the number of images, a seed and a size.
    images : str
        Which of the options is that number.
    size : int
        Height and width of images that the network takes; none is resized.
    below, conv : str
        Layer before, and attribute of the convolution between the two; empty where the
        origin of tuning is not looked for, nor the effect of area.
    """

    title: str
    layer: str
    design: Callable[..., StimulusSet]
    images: str
    size: int
    below: str = ""
    conv: str = ""


SUBJECTS = {
    "alexnet_kim": Subject(
        "AlexNet", "relu5", kim, "kim_images", 227, "relu4", "conv5"
    ),
    "nasr": Subject("Nasr's network", "lrn8", nasr, "nasr_images", 224),
    "alexnet": Subject(
        "AlexNet of torchvision",
        *("features.11", kim, "kim_images", 227),
        *("features.9", "features.10"),
    ),
}


@dataclass(frozen=True)
class Case(WeightedNetwork):
    """One network, with one set of weights, that sees the stimuli of one seed."""

    def __str__(self) -> str:
        return f"{self.subject.title}, {self.version}, seed {self.seed}"

    @property
    def subject(self) -> Subject:
        """What is looked at."""
        return SUBJECTS[self.network]

    def stimuli(self, n_images: int, held_out: bool = False) -> StimulusSet:
        """Draw images of the three sets."""
        seed = self.seed + HELD_OUT * held_out
        return self.subject.design(n_images, seed, self.subject.size)


def cases_of(
    networks: tuple[str, ...], seeds: tuple[int, ...], weights: tuple[str, ...]
) -> tuple[Case, ...]:
    """All networks, trained ones first.

    Raises
    ------
    FileNotFoundError
        If a folder holds no network.
    ValueError
        If it holds one that this study does not know, or one that another holds too.
    """
    trained = [_trained(path, seeds[0]) for path in weights]
    for case in trained:
        if [other.network for other in trained].count(case.network) > 1:
            raise ValueError(
                f"weights holds {case.network} more than once; expected one set of "
                "weights of each network. Run the study for each, in folders of their "
                "own."
            )
    untrained = [Case(name, UNTRAINED, seed) for name in networks for seed in seeds]
    return (*trained, *untrained)


def _trained(path: str, seed: int) -> Case:
    """What a folder holds; loaded once here, so that nothing fails hours later."""
    import jaxprune_ports as jpp

    net = jpp.load(expanded(path))
    subject = SUBJECTS.get(net.name)
    if subject is None or net.aliases.get(subject.layer, subject.layer) in net.unfed:
        raise ValueError(
            f"weights: {path} holds {net.name} with layers {', '.join(net.layers)}; "
            f"expected one of {', '.join(SUBJECTS)} with the layer that the study "
            "looks at."
        )
    return Case.trained(net, TRAINED, seed, path)


def moments(
    net: Any, layer: str, stimuli: StimulusSet, *, progress: bool = False
) -> CellMoments:
    """Moments of all units of a layer, summed while the images stream by."""
    import jaxprune_ports as jpp

    found = jpp.extract(
        net,
        stimuli.images,
        stimuli.condition,
        [layer],
        preprocessing=_preprocessing(net),
        moments=True,
        progress=progress,
    )
    assert found.m2 is not None
    return CellMoments(
        found.count, found.features[layer], found.m2[layer], stimuli.factors
    )


def responses(
    net: Any,
    images: np.ndarray,
    wanted: Mapping[str, np.ndarray | slice],
    *,
    progress: bool = False,
) -> dict[str, np.ndarray]:
    """Responses ``(n, units)`` of some units of each layer to single images.

    Other units are dropped while the images stream by: all 43,264 of AlexNet take
    415 MB for 2,400 images.
    """
    import jaxprune_ports as jpp

    parts: dict[str, list[np.ndarray]] = {layer: [] for layer in wanted}
    for start in range(0, len(images), CHUNK):
        found = jpp.activations(
            net,
            images[start : start + CHUNK],
            list(wanted),
            preprocessing=_preprocessing(net),
            progress=progress,
        )
        for layer, units in wanted.items():
            parts[layer].append(found[layer][:, units])
    return {layer: np.concatenate(part) for layer, part in parts.items()}


def _preprocessing(net: Any) -> Any:
    """What the network expects of images that have the right size."""
    from jaxprune_ports.networks.registry import find

    expected = find(net.name).preprocessing
    return replace(expected, size=None, crop=None)

"""Networks that the study looks at: untrained ones by seed, trained ones by folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ...base.paths import expanded
from ..framework import WeightedNetwork

# Both networks of the paper.
NETWORKS = ("cornet_z", "cornet_s")
NAMES = {"cornet_z": "CORnet-Z", "cornet_s": "CORnet-S", "vgg16": "VGG-16"}
UNTRAINED, PRETRAINED = "untrained", "pretrained"
TRAINED = ("numerosity", "numerosity_scratch")
# Whether images are normalised: not at all, or as for ImageNet.
PLAIN, NORMALISED = "none", "imagenet"
NORMALISE = (PLAIN, NORMALISED)


@dataclass(frozen=True)
class Case(WeightedNetwork):
    """One network, with one set of weights, that sees the stimuli of one seed.

    Attributes
    ----------
    normalise : {"none", "imagenet"}
        Images are 0..1, and nothing else; or ImageNet's mean is subtracted, and they
        are divided by its deviation. Pretrained networks see them as their
        publication says.
    layers : tuple of str
    """

    normalise: str = PLAIN
    layers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{title(self.network, self.version, self.normalise)}, seed {self.seed}"

    @property
    def prefix(self) -> str:
        """Names of its parts begin so."""
        seen = [NORMALISED] * (self.normalise != PLAIN)
        return "-".join([self.network, self.version, *seen, f"seed{self.seed}"])

    def preprocessing(self) -> Any:
        """What is done with the images, whose size is that of the study."""
        from jaxprune_ports.images.steps import AS_THEY_ARE, IMAGENET
        from jaxprune_ports.networks.registry import find

        steps = replace(find(self.network).preprocessing, size=None, crop=None)
        if self.version == PRETRAINED:
            return steps
        ways = {PLAIN: AS_THEY_ARE, NORMALISED: IMAGENET}
        return replace(steps, **ways[self.normalise])

    def as_dict(self) -> dict[str, Any]:
        """What ``summary.json`` says of it."""
        return {
            **super().as_dict(),
            "normalise": self.normalise,
            "layers": list(self.layers),
        }


def title(network: str, version: str, normalise: str) -> str:
    """Name of a version of a network, for headings.

    >>> title("cornet_z", "numerosity_scratch", "none")
    'CORnet-Z, numerosity scratch'
    >>> title("cornet_s", "untrained", "imagenet")
    'CORnet-S, untrained, images normalised'
    """
    name = f"{NAMES.get(network, network)}, {version.replace('_', ' ')}"
    seen_so_by_itself = version != PRETRAINED and normalise == NORMALISED
    return name + ", images normalised" * seen_so_by_itself


def cases_of(
    networks: tuple[str, ...],
    seeds: tuple[int, ...],
    weights: tuple[str, ...],
    normalise: tuple[str, ...] = (PLAIN,),
    layers: tuple[str, ...] = (),
) -> tuple[Case, ...]:
    """All networks, trained ones first, then those of one seed in a row.

    Trained networks see images as they did in training, untrained ones in every way
    that `normalise` holds. Without `layers` each has its stages.

    Raises
    ------
    FileNotFoundError
        If a folder holds no network.
    ValueError
        If a network or layer is not known, a folder holds weights that this study does
        not compare, or two are the same version.
    """
    trained = [_trained(path, seeds[0], layers) for path in weights]
    versions = [(case.network, case.version, case.normalise) for case in trained]
    for name in versions:
        if versions.count(name) > 1:
            raise ValueError(
                f"weights holds {title(*name)} {versions.count(name)} times; expected "
                "one network of each version. Run the study for each, in folders of "
                "their own."
            )
    return (*trained, *_untrained(networks, seeds, normalise, layers))


def _untrained(
    networks: tuple[str, ...],
    seeds: tuple[int, ...],
    normalise: tuple[str, ...],
    layers: tuple[str, ...],
) -> Iterator[Case]:
    from jaxprune_ports.networks.registry import find

    nets = {name: find(name).abstract() for name in networks}
    for seed in seeds:
        for name, net in nets.items():
            net.name = name
            for way in normalise:
                case = Case(name, UNTRAINED, seed)
                yield replace(
                    case, normalise=way, layers=net.find(layers or net.stages)
                )


def _trained(path: str, seed: int, layers: tuple[str, ...]) -> Case:
    """What a folder holds; loaded once here, so that nothing fails hours later."""
    import jaxprune_ports as jpp

    net = jpp.load(expanded(path))
    version = _version(path, net.source)
    return replace(
        Case.trained(net, version, seed, path),
        normalise=NORMALISED if version == PRETRAINED else PLAIN,
        layers=net.find(layers or net.stages),
    )


def _version(path: str, source: Any) -> str:
    """Name of a version, by what was learned."""
    learned = (source.training or "").partition(",")[0]
    if learned in TRAINED:
        return learned
    if learned or source.seed is not None:
        raise ValueError(
            f"weights: {path} holds a network with weights {source}; expected one that "
            "learned ImageNet or numerosity. Untrained ones are made by seeds."
        )
    return PRETRAINED

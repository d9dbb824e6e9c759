"""Networks that the study looks at: untrained ones by seed, trained ones by folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...base.paths import expanded
from ..framework import WeightedNetwork

NETWORKS = ("cornet_z", "cornet_s")
NAMES = {"cornet_z": "CORnet-Z", "cornet_s": "CORnet-S"}
LAYERS = ("V1", "V2", "V4", "IT")
UNTRAINED, PRETRAINED = "untrained", "pretrained"
TRAINED = ("numerosity", "numerosity_scratch")


@dataclass(frozen=True)
class Case(WeightedNetwork):
    """One network, with one set of weights, that sees the stimuli of one seed."""

    def __str__(self) -> str:
        return f"{title(self.network, self.version)}, seed {self.seed}"

    def preprocessing(self) -> Any:
        """As published: 0..1, normalised as for ImageNet only if trained with it."""
        import jaxprune_ports as jpp

        if self.version == PRETRAINED:
            return jpp.Preprocessing(None, None)
        return jpp.Preprocessing(None, None, mean=(0, 0, 0), std=(1, 1, 1))


def title(network: str, version: str) -> str:
    """Name of a version of a network, for headings.

    >>> title("cornet_z", "numerosity_scratch")
    'CORnet-Z, numerosity scratch'
    """
    return f"{NAMES[network]}, {version.replace('_', ' ')}"


def cases_of(
    networks: tuple[str, ...], seeds: tuple[int, ...], weights: tuple[str, ...]
) -> tuple[Case, ...]:
    """All networks, trained ones first, then those of one seed in a row.

    Raises
    ------
    FileNotFoundError
        If a folder holds no network.
    ValueError
        If it holds one that this study does not compare, or two are the same version.
    """
    trained = [_trained(path, seeds[0]) for path in weights]
    versions = [(case.network, case.version) for case in trained]
    for name in versions:
        if versions.count(name) > 1:
            raise ValueError(
                f"weights holds {title(*name)} {versions.count(name)} times; expected "
                "one network of each version. Run the study for each, in folders of "
                "their own."
            )
    untrained = [Case(name, UNTRAINED, seed) for seed in seeds for name in networks]
    return (*trained, *untrained)


def _trained(path: str, seed: int) -> Case:
    """What a folder holds; loaded once here, so that nothing fails hours later."""
    import jaxprune_ports as jpp

    net = jpp.load(expanded(path))
    if net.name not in NETWORKS or not set(LAYERS) <= set(net.layers):
        raise ValueError(
            f"weights: {path} holds {net.name} with layers {', '.join(net.layers)}; "
            f"expected {' or '.join(NETWORKS)} with {', '.join(LAYERS)}."
        )
    return Case.trained(net, _version(path, net.source), seed, path)


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

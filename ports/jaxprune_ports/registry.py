"""Networks by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flax import nnx

from .cornet_z import CORnetZ

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Network:
    """What is fixed about a network.

    Attributes
    ----------
    build : callable
        Module of flax.nnx, made from ``nnx.Rngs``.
    mean, std : tuple of 3 float
        Of RGB in 0..1, as the network was trained with.
    """

    build: Callable[[nnx.Rngs], nnx.Module]
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD


NETWORKS = {"cornet_z": Network(CORnetZ)}


def available() -> tuple[str, ...]:
    """Names that :func:`create` knows.

    Examples
    --------
    >>> available()
    ('cornet_z',)
    """
    return tuple(NETWORKS)


def find(name: str) -> Network:
    """Entry of a network; ValueError with the known names if there is none."""
    if name not in NETWORKS:
        raise ValueError(
            f"network: {name!r} is not known; expected one of {available()}"
        )
    return NETWORKS[name]


def create(name: str, seed: int = 0) -> nnx.Module:
    """Make an untrained network, initialised as its publication says.

    Parameters
    ----------
    name : str
        One of :func:`available`.
    seed : int
        Seed of the weights.

    Returns
    -------
    nnx.Module
        Called as ``logits, areas = net(x)``.

    Raises
    ------
    ValueError
        If the name is not known.

    Examples
    --------
    >>> create("cornet_z", seed=1).V1.conv.kernel.shape
    (7, 7, 3, 64)
    """
    return find(name).build(nnx.Rngs(seed))

"""Networks by name."""

from __future__ import annotations

from functools import cache, partial
from numbers import Integral
from typing import Any

import jax
from flax import nnx

from . import (
    alexnet,
    alexnet_kim,
    cornet_r,
    cornet_s,
    cornet_z,
    lenet5,
    nasr,
    student,
    vgg,
)
from .layers import random_key
from .network import Network, Source, Spec

NETWORKS: dict[str, Spec] = {
    spec.name: spec
    for module in (
        *(cornet_z, cornet_s, cornet_r),
        *(vgg, alexnet, alexnet_kim, lenet5, nasr, student),
    )
    for spec in module.SPECS
}


def available() -> tuple[str, ...]:
    """Names that :func:`create` knows.

    Examples
    --------
    >>> "cornet_z" in available()
    True
    """
    return tuple(NETWORKS)


def find(name: str) -> Spec:
    """Spec of a network; ValueError with the known names if there is none.

    Examples
    --------
    >>> find("cornet_z").licence
    'GPL-3.0'
    """
    if name not in NETWORKS:
        raise ValueError(
            f"network: {name!r} is not known; expected one of {', '.join(available())}"
        )
    return NETWORKS[name]


def create(name: str, seed: int = 0, *, n_classes: int | None = None) -> Network:
    """Make an untrained network, initialised as its publication says.

    Parameters
    ----------
    name : str
        One of :func:`available`.
    seed : int
        Seed of the weights, from 0 to 2**32 - 1.
    n_classes : int, optional
        Number of logits, by default that of the published network.

    Returns
    -------
    Network
        Called as ``logits, layers = net(x)``.

    Raises
    ------
    ValueError
        If the name is not known, the seed out of range, or ``n_classes`` not positive.

    Examples
    --------
    >>> create("cornet_z", seed=1).V1.conv.kernel.shape
    (7, 7, 3, 64)
    """
    spec = find(name)
    whole = n_classes is None or isinstance(n_classes, Integral)
    if not whole or (n_classes is not None and n_classes < 1):
        raise ValueError(f"n_classes: expected a positive number, got {n_classes}")
    graph, weights = _initialiser(spec, n_classes or spec.n_classes)
    return named(nnx.merge(graph, weights(random_key(seed))), name, Source(seed=seed))


@cache
def _initialiser(spec: Spec, n_classes: int) -> tuple[Any, Any]:
    """Structure, and a compiled function from a key to the weights.

    Compiled as a whole: one by one, the small initialisers take seconds to compile.
    """
    build = partial(spec.build, n_classes=n_classes)
    graph, _ = nnx.split(spec.abstract(n_classes))
    return graph, jax.jit(lambda key: nnx.split(build(rngs=nnx.Rngs(key)))[1])


def named(net: Network, name: str, source: Source) -> Network:
    """Note in a network what it is, and where its weights come from."""
    net.name, net.source = name, source
    net.preprocessing = find(name).preprocessing
    return net

"""Another number of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
from flax import nnx

from ..networks.layers import random_key, torch_uniform
from ..networks.network import Network
from ..networks.registry import find
from ..weights.convert import fill, torch_name


def with_classes(net: Network, n_classes: int, seed: int = 0) -> Network:
    """Copy a network, but for a new last linear layer.

    Parameters
    ----------
    net : Network
        Of the registry. It may lack the weights of its last layer.
    n_classes : int
        Number of logits of the copy.
    seed : int
        Of the new layer, initialised as PyTorch does by default.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If `n_classes` is not positive, or the network not of the registry.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> net = with_classes(jpp.create("cornet_z", seed=2), 3)
    >>> net.decoder.linear.bias.shape, net.source.seed
    ((3,), 2)
    """
    spec = find(net.name)
    if n_classes < 1:
        raise ValueError(f"n_classes: expected 1 or more, got {n_classes}")
    old = dict(nnx.to_flat_state(nnx.state(net)))
    new = dict(nnx.to_flat_state(nnx.state(spec.abstract(n_classes))))
    shapes = {torch_name(path): leaf.shape for path, leaf in new.items()}
    head = f"{spec.head}.weight", f"{spec.head}.bias"
    n_in, _ = shapes[head[0]]
    keys = dict(zip(head, jax.random.split(random_key(seed)), strict=True))

    def weight(path: Sequence[Any]) -> Any:
        name = torch_name(path)
        if name in keys:
            return torch_uniform(n_in)(keys[name], shapes[name])
        return None if name in net.missing else old[tuple(path)][...]

    return fill(spec, n_classes, weight, net.source)


def n_classes_of(net: Network) -> int:
    """Number of classes that a network tells apart."""
    (found,) = (
        leaf.shape[0]
        for path, leaf in nnx.to_flat_state(nnx.state(net))
        if torch_name(path) == f"{find(net.name).head}.bias"
    )
    return found

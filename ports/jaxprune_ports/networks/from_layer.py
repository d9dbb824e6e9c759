"""The part of a network between two layers, as a function of the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import jax
from flax import nnx

from jaxprune.base.linear_readout import LinearReadout

from .chain import Apply, Chain, dropout, outputs
from .layers import adaptive_average_pool, channel_first
from .network import Network
from .registry import find

Steps = list[tuple[str, Any]]


def from_layer(
    net: Network, layer: str, to: str, *, shape: Sequence[int] | None = None
) -> Callable[[jax.Array], jax.Array]:
    """Return what a network makes of one layer, up to another: a read-out.

    Parameters
    ----------
    net : Network
        One whose modules follow one another: all but CORnet-S and CORnet-R.
    layer : str
        Where units are removed.
    to : str
        Where the RDM is read, after it.
    shape : sequence of int, optional
        ``(channels, height, width)`` of the first layer, by default that of images of
        the size that the network was published with.

    Returns
    -------
    callable
        From units ``(n, C * H * W)`` to units ``(n, M)``, both channel-first as
        :func:`activations` has them: ``readout=`` of :func:`jaxprune.prune`. Where a
        linear layer comes first, it is a :class:`jaxprune.LinearReadout`.

    Raises
    ------
    ValueError
        A layer that is not known, or not after the other; a network that is no chain.

    Notes
    -----
    In PyTorch's VGG and AlexNet a ReLU changes the layer before it in place: what is
    saved as ``classifier.3`` is often ``classifier.4`` here.

    A pool takes each map for itself. Where whole maps are removed from a rectified
    layer, the pooled layer without them gives the same patterns, and comes before a
    linear layer in VGG: ``"features.30"`` in place of ``"features.29"``.

    Examples
    --------
    >>> import numpy as np, jaxprune_ports as jpp
    >>> net = jpp.create("lenet5")
    >>> readout = from_layer(net, "pool2", to="relu4")
    >>> readout(np.ones((3, 400), np.float32)).shape, type(readout).__name__
    ((3, 84), 'LinearReadout')
    """
    steps = _between(net, layer, to)
    if shape is None:
        shape = find(net.name).taps[net.aliases.get(layer, layer)]
    shape = tuple(int(side) for side in shape)
    while steps and _changes_nothing(steps[0][1], shape):
        steps = steps[1:]
    name = f"{net.name} from {layer} to {to}"
    whole = net.masks is None
    if whole and steps and isinstance(first := steps[0][1], nnx.Linear):
        assert first.bias is not None
        rest = _function(net, steps[1:], (first.out_features,), name)
        return LinearReadout(first.kernel[...], first.bias[...], rest)
    return _function(net, steps, shape, name)


def _between(net: Network, layer: str, to: str) -> Steps:
    """Modules after a layer, up to another."""
    first, last = (net.aliases.get(name, name) for name in net.find([layer, to]))
    if not isinstance(net, Chain):
        raise ValueError(
            f"net: the modules of {net.name or type(net).__name__} do not follow one "
            "another; expected a network in which they do, such as a VGG, AlexNet or "
            "CORnet-Z"
        )
    steps = list(net.steps())
    names = [name for name, _ in steps]
    start, stop = names.index(first) + 1, names.index(last) + 1
    if stop <= start:
        raise ValueError(
            f"to: {to!r} does not come after {layer!r}; expected one of "
            f"{', '.join(names[start:]) or 'none: it is the last layer'}"
        )
    return steps[start:stop]


def _changes_nothing(module: Any, shape: tuple[int, ...]) -> bool:
    """Whether a module passes on units as they are."""
    if not isinstance(module, Apply):
        return False
    if module.function is adaptive_average_pool:
        size = dict(module.options)["size"]
        return shape[1:] == (size, size)
    return module.function in (channel_first, dropout().function)


def _function(
    net: Network, steps: Steps, shape: tuple[int, ...], name: str
) -> Callable[[jax.Array], jax.Array]:
    def read(x: jax.Array) -> jax.Array:
        n_units = prod(shape)
        if x.ndim != 2 or x.shape[1] != n_units:
            raise ValueError(
                f"readout, {name}: got units of shape {x.shape}; expected (n, "
                f"{n_units}), of {' x '.join(map(str, shape))}. Of images of another "
                "size, pass shape=(channels, height, width) to from_layer"
            )
        if len(shape) == 3:
            x = x.reshape(-1, *shape).transpose(0, 2, 3, 1)
        return channel_first([x, *outputs(steps, x, net.kept).values()][-1])

    read.__name__ = name
    return read

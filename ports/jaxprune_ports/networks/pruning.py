"""A network that runs with some of its units."""

from __future__ import annotations

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
from flax import nnx

from .network import Mask, Network


def pruned(net: Network, layer: str, mask: np.ndarray) -> Network:
    """Return the network with zeros in place of all units of a layer but some.

    What comes after the layer is computed from these alone. The weights are shared with
    `net`, which stays as it is; other layers of the result can be pruned, too.

    Parameters
    ----------
    net : Network
    layer : str
    mask : ndarray of bool (N,)
        Whether a unit is retained, channel-first: ``result.mask`` of a pruning.

    Returns
    -------
    Network
        For :func:`activations`, :func:`extract` and everything else but saving.

    Raises
    ------
    ValueError
        If there is no such layer, or the mask is none; and, when the network runs, if
        the layer has another number of units for images of that size.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> images = np.full((2, 32, 32), 200, np.uint8)
    >>> some = jpp.pruned(jpp.create("lenet5"), "relu3", np.arange(120) < 60)
    >>> bool(jpp.activations(some, images, ["relu3"])["relu3"][:, 60:].any())
    False
    """
    if not isinstance(layer, str) or layer not in net.find(layer):
        raise ValueError(
            f"layer: expected one of {', '.join(net.layers)}, got {layer!r}"
        )
    mask = np.asarray(mask)
    if mask.dtype != bool or mask.ndim != 1:
        raise ValueError(
            f"mask: expected one bool for each unit of {layer}, as result.mask has it, "
            f"got {mask.dtype} of shape {mask.shape}"
        )
    name = net.aliases.get(layer, layer)
    copy = nnx.merge(*nnx.split(net))
    before = {} if copy.masks is None else dict(copy.masks.items())
    copy.masks = nnx.Dict({**before, name: Mask(jnp.asarray(mask, jnp.float32))})
    said = [f"{name} pruned to {int(mask.sum()):,} units", net.source.training]
    copy.source = replace(net.source, training=", ".join(filter(None, said)))
    return copy

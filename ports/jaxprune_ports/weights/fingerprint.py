"""Which weights a network has, as a short text."""

from __future__ import annotations

import hashlib

import numpy as np
from flax import nnx

from ..networks.network import Network
from .convert import torch_name


def weights_hash(net: Network) -> str:
    """SHA-256 of all weights that are there."""
    total = hashlib.sha256()
    for path, leaf in nnx.to_flat_state(nnx.split(net)[1]):
        name = torch_name(path)
        if name not in net.missing:
            total.update(name.encode())
            total.update(np.asarray(leaf[...]).tobytes())
    return total.hexdigest()

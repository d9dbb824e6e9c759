"""Errors of the networks relative to PyTorch.

``python -m tests.ports.parity``, from the root of the repository, prints the table of
ports/README.md.
"""

import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.networks.registry import find
from jaxprune_ports.weights.convert import torch_name
from tests.ports.torch_networks import MODULES


def randomise(module, seed):
    """Weights that keep the size of activations, and no bias or norm at its default."""
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")
    generator = torch.Generator().manual_seed(seed)
    for key, value in module.state_dict().items():
        leaf = key.rpartition(".")[-1]
        if value.ndim > 1:
            scale = (2 / value[0].numel()) ** 0.5
            value.normal_(0, scale, generator=generator)
        elif leaf in ("bias", "running_mean"):
            value.normal_(0, 0.3, generator=generator)
        elif leaf in ("weight", "running_var"):
            value.uniform_(0.5, 1.5, generator=generator)
        else:  # a counter of batches
            value.zero_()
    return module


def weights_of(net):
    """Weights by PyTorch's names, in the order of axes of Flax."""
    flat = nnx.to_flat_state(nnx.state(net))
    return {torch_name(path): np.asarray(leaf[...]) for path, leaf in flat}


def errors(name, size, seed=0):
    """Largest error of every layer over its largest value, for one image of noise."""
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")
    with torch.device("meta"):  # PyTorch's own initial weights would take seconds
        module = MODULES[name]()
    randomise(module.to_empty(device="cpu"), seed)
    shape = (1, size, size, 3)
    x = np.random.default_rng(seed).standard_normal(shape, np.float32)
    with torch.no_grad():
        logits, taps = module(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))
    theirs = {**taps, "logits": logits}
    net = jpp.from_torch(name, module.state_dict())
    logits, taps = net(x)
    ours = {**taps, "logits": logits}
    assert list(ours) == list(net.layers)
    assert sorted(ours) == sorted(theirs)
    return {layer: error(ours[layer], theirs[layer].numpy()) for layer in ours}


def error(ours, theirs):
    """Largest difference over the largest value, of NHWC and of NCHW."""
    ours = np.moveaxis(np.asarray(ours), -1, 1)
    assert ours.shape == theirs.shape
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def main():
    print(
        "| network | input | layers | largest error, in layer | error of the logits |"
    )
    print("|---|---|---|---|---|")
    for name in jpp.available():
        size = find(name).input_size
        found = errors(name, size)
        worst = max(found, key=found.__getitem__)
        print(
            f"| `{name}` | {size} x {size} | {len(found)} | {found[worst]:.1e}, "
            f"`{worst}` | {found['logits']:.1e} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

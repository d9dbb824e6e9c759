"""Networks in PyTorch to compare with: torchvision's, or written from published facts.

`MODULES` makes them: each returns ``(logits, taps)``, NCHW, by the names of the Flax
networks. Where PyTorch is not installed, the test that asks for one is skipped.
"""

from functools import partial

import pytest

from tests.load_torchvision import load_torchvision
from tests.ports import torch_cornet


def _nn():
    return pytest.importorskip("torch", reason="parity is checked against PyTorch").nn


def tapped(network):
    """Make a network return, beside its logits, the output of each of its modules."""
    nn = _nn()
    outputs = {}

    def keep(name):
        # A copy, because a ReLU in place overwrites what came before it.
        return lambda module, inputs, out: outputs.__setitem__(name, out.clone())

    for name, module in network.named_modules():
        if not list(module.children()) and not isinstance(module, nn.Flatten):
            module.register_forward_hook(keep(name))
            last = name

    class Tapped(nn.Module):
        def __init__(self):
            super().__init__()
            # Named as by DataParallel: conversion removes it from the names of weights.
            self.module = network

        def forward(self, x):
            outputs.clear()
            logits = self.module(x)
            return logits, {k: v for k, v in outputs.items() if k != last}

    return Tapped().eval()


def torchvision_network(name):
    models = load_torchvision().models
    options = {"init_weights": False} if name.startswith("vgg") else {}
    return tapped(models.get_model(name, weights=None, **options))


def chain(make):
    """Network of the modules that `make` yields by name, one after the other."""
    nn = _nn()
    network = nn.Sequential()
    for name, module in make(nn):
        network.add_module(name, module)
    return tapped(network)


def alexnet_kim(nn):
    yield "conv1", nn.Conv2d(3, 96, 11, 4)
    yield "relu1", nn.ReLU()
    yield "norm1", nn.LocalResponseNorm(5, 1e-4, 0.75, 1)
    yield "pool1", nn.MaxPool2d(3, 2)
    yield "conv2", nn.Conv2d(96, 256, 5, padding=2, groups=2)
    yield "relu2", nn.ReLU()
    yield "norm2", nn.LocalResponseNorm(5, 1e-4, 0.75, 1)
    yield "pool2", nn.MaxPool2d(3, 2)
    yield "conv3", nn.Conv2d(256, 384, 3, padding=1)
    yield "relu3", nn.ReLU()
    yield "conv4", nn.Conv2d(384, 384, 3, padding=1, groups=2)
    yield "relu4", nn.ReLU()
    yield "conv5", nn.Conv2d(384, 256, 3, padding=1, groups=2)
    yield "relu5", nn.ReLU()
    yield "pool5", nn.MaxPool2d(3, 2)
    yield "flatten", nn.Flatten()
    yield "fc6", nn.Linear(9216, 4096)
    yield "relu6", nn.ReLU()
    yield "fc7", nn.Linear(4096, 4096)
    yield "relu7", nn.ReLU()
    yield "fc8", nn.Linear(4096, 1000)


def lenet5(nn):
    yield "conv1", nn.Conv2d(3, 6, 5)
    yield "relu1", nn.ReLU()
    yield "pool1", nn.MaxPool2d(2)
    yield "conv2", nn.Conv2d(6, 16, 5)
    yield "relu2", nn.ReLU()
    yield "pool2", nn.MaxPool2d(2)
    yield "flatten", nn.Flatten()
    yield "fc1", nn.Linear(400, 120)
    yield "relu3", nn.ReLU()
    yield "fc2", nn.Linear(120, 84)
    yield "relu4", nn.ReLU()
    yield "fc3", nn.Linear(84, 10)


def student108(nn):
    yield "conv1", nn.Conv2d(3, 5, 3)
    yield "relu1", nn.ReLU()
    yield "pool1", nn.MaxPool2d(2)
    yield "conv2", nn.Conv2d(5, 7, 3)
    yield "relu2", nn.ReLU()
    yield "pool2", nn.MaxPool2d(2)
    yield "conv3", nn.Conv2d(7, 12, 3)
    yield "relu3", nn.ReLU()
    yield "avgpool", nn.AvgPool2d(2, padding=1)
    yield "flatten", nn.Flatten()
    yield "fc", nn.Linear(108, 10)


def nasr(nn):
    def block(n_in, n_out, kernel):
        yield nn.Conv2d(n_in, n_out, kernel, padding=kernel // 2)
        yield nn.BatchNorm2d(n_out)
        yield nn.Sequential(nn.ReLU(), nn.LocalResponseNorm(15, 1, 0.75, 1))

    features = [*block(3, 32, 9), nn.MaxPool2d(2), *block(32, 48, 9), nn.MaxPool2d(2)]
    features += [*block(48, 96, 7), nn.MaxPool2d(2)]
    features += [*block(96, 192, 5), nn.MaxPool2d(2)]
    features += [*block(192, 384, 5), nn.MaxPool2d(2)]
    features += [*block(384, 768, 5), *block(768, 768, 5), *block(768, 768, 5)]
    yield "features", nn.Sequential(*features, nn.AvgPool2d(7))
    yield "flatten", nn.Flatten()
    yield "classifier", nn.Linear(768, 1000)


VGGS = tuple(f"vgg{depth}{norm}" for norm in ("", "_bn") for depth in (11, 13, 16, 19))
TORCHVISION = (*VGGS, "alexnet")
CHAINS = {f.__name__: f for f in (alexnet_kim, lenet5, student108, nasr)}
MODULES = {
    **torch_cornet.MODULES,
    **{name: partial(torchvision_network, name) for name in TORCHVISION},
    **{name: partial(chain, make) for name, make in CHAINS.items()},
}

"""The steps of a training are those of PyTorch."""

from dataclasses import replace

import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.images.steps import Preprocessing
from jaxprune_ports.networks.layers import batch_norm, conv, linear
from jaxprune_ports.networks.network import LOGITS, Network
from jaxprune_ports.training import (
    Recipe,
)
from jaxprune_ports.training.step import network_of, sgd, start, step
from tests.ports.parity import randomise, weights_of
from tests.ports.torch_networks import MODULES

AS_IT_IS = Preprocessing(None, None)
QUICK = Recipe("bright", lr=0.01, momentum=0.9, batch_size=8, epochs=3)
QUICK = replace(QUICK, preprocessing=AS_IT_IS)


def learn_both(module, net, recipe, size, n_steps):
    """Weights by name after some steps on noise, ours and PyTorch's."""
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")
    rng = np.random.default_rng(1)
    optimiser = sgd(recipe, 8)
    graph, learner = start(net, optimiser)
    theirs = torch.optim.SGD(module.parameters(), recipe.lr, recipe.momentum)
    for _ in range(n_steps):
        x = rng.standard_normal((8, size, size, 3), np.float32)
        labels = rng.integers(0, 3, 8)
        learner, loss, _ = step(graph, optimiser, learner, x, labels)
        theirs.zero_grad()
        logits = module(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))
        logits = logits[0] if isinstance(logits, tuple) else logits
        expected = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels))
        expected.backward()
        theirs.step()
        assert float(loss) == pytest.approx(expected.item(), rel=1e-5)
    learned = {
        name.removeprefix("module."): value.detach().numpy()
        for name, value in module.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    return weights_of(network_of(net, learner)), learned


def assert_close(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        mine = ours[name]
        if mine.ndim > 1:
            mine = np.moveaxis(np.moveaxis(mine, -1, 0), -1, 1)
        bound = 1e-5 * max(1.0, np.abs(value).max())
        np.testing.assert_allclose(mine, value, rtol=0, atol=bound, err_msg=name)


@pytest.mark.parametrize(
    ("name", "size", "momentum", "n_steps"),
    [
        ("lenet5", 32, 0.9, 5),
        ("cornet_z", 48, 0.0, 1),
    ],
)
def test_steps_are_those_of_pytorch(name, size, momentum, n_steps):
    module = MODULES[name]()
    if name == "lenet5":  # of three classes, for which the step is compiled already
        module.module.fc3 = type(module.module.fc3)(84, 3)
    randomise(module, 0)
    net = jpp.from_torch(name, module.state_dict())
    recipe = replace(QUICK, lr=0.01, momentum=momentum)
    assert_close(*learn_both(module, net, recipe, size, n_steps))


class Normed(Network):
    """Convolution, batch normalisation, and a linear layer."""

    layers = (LOGITS,)

    def __init__(self, rngs):
        self.conv = conv(3, 4, 3, bias=False, rngs=rngs)
        self.norm = batch_norm(4, rngs=rngs)
        self.linear = linear(4, 10, rngs=rngs)

    def forward(self, x):
        x = nnx.relu(self.norm(self.conv(x)))
        return {LOGITS: self.linear(x.mean((1, 2)))}


def test_batch_normalisation_is_that_of_pytorch():
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 4, 3, padding=1, bias=False)
            self.norm = torch.nn.BatchNorm2d(4)
            self.linear = torch.nn.Linear(4, 10)

        def forward(self, x):
            return self.linear(self.norm(self.conv(x)).relu().mean((2, 3)))

    net = Normed(nnx.Rngs(0))
    module = Module().train()
    theirs = {
        name: torch.from_numpy(value.transpose(FROM_FLAX[value.ndim]).copy())
        for name, value in weights_of(net).items()
    }
    module.load_state_dict(theirs, strict=False)
    ours, theirs = learn_both(module, net, QUICK, 16, 3)
    # PyTorch keeps the unbiased variance: see BATCH_NORM.
    n = 8 * 16 * 16
    kept = 0.9**3
    ours["norm.running_var"] = (ours["norm.running_var"] - kept) * n / (n - 1) + kept
    assert_close(ours, theirs)
    # Nothing of it stays behind in the network that began, nor in what is used.
    np.testing.assert_array_equal(weights_of(net)["norm.running_mean"], 0)
    assert net.norm.use_running_average


FROM_FLAX = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}

"""Parity with a PyTorch network that this file writes from the published facts."""

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp

LAYERS = ("V1", "V2", "V4", "IT")


def torch_network(state_dict):
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")
    nn = torch.nn

    class Area(nn.Module):
        def __init__(self, n_in, n_out, kernel, stride):
            super().__init__()
            self.conv = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2)
            self.pool = nn.MaxPool2d(3, 2, 1)

        def forward(self, x):
            return self.pool(torch.relu(self.conv(x)))

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.V1, self.V2 = Area(3, 64, 7, 2), Area(64, 128, 3, 1)
            self.V4, self.IT = Area(128, 256, 3, 1), Area(256, 512, 3, 1)
            self.decoder = nn.ModuleDict({"linear": nn.Linear(512, 1000)})

        def forward(self, x):
            areas = {}
            for layer in LAYERS:
                x = areas[layer] = getattr(self, layer)(x)
            return self.decoder["linear"](x.mean((2, 3))), areas

    network = Network().eval()
    network.load_state_dict({k: torch.from_numpy(v) for k, v in state_dict.items()})
    return torch, network


def relative_error(ours, theirs):
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


# Odd sizes tell apart paddings that agree on even ones, and the reverse.
@pytest.mark.parametrize("size", [224, 99])
def test_parity_of_every_area_and_of_the_logits(weights, size):
    torch, theirs = torch_network(weights)
    x = np.random.default_rng(1).standard_normal((2, size, size, 3), np.float32)
    with torch.no_grad():
        their_logits, their_areas = theirs(torch.from_numpy(x.transpose(0, 3, 1, 2)))
    ours = jpp.from_torch("cornet_z", weights)
    logits, areas = ours(jnp.asarray(x))
    assert relative_error(np.asarray(logits), their_logits.numpy()) <= 1e-5
    units = jpp.activations(ours, x)
    assert tuple(areas) == tuple(units) == LAYERS
    for layer in LAYERS:
        expected = their_areas[layer].numpy()
        nchw = np.asarray(areas[layer]).transpose(0, 3, 1, 2)
        assert relative_error(nchw, expected) <= 1e-5
        assert relative_error(units[layer], expected.reshape(2, -1)) <= 1e-5


def test_numbers_of_units_and_parameters():
    net = jpp.create("cornet_z")
    units = jpp.activations(net, np.zeros((1, 224, 224), np.uint8))
    assert [units[k].shape[1] for k in LAYERS] == [200_704, 100_352, 50_176, 25_088]
    parameters = [leaf.size for _, leaf in nnx.to_flat_state(nnx.split(net)[1])]
    assert sum(parameters) == 2_071_656


def test_untrained_weights_are_xavier_uniform_and_biases_zero():
    net = jpp.create("cornet_z", seed=0)
    for path, leaf in nnx.to_flat_state(nnx.split(net)[1]):
        value = np.asarray(leaf[...])
        if path[-1] == "bias":
            assert not value.any()
            continue
        positions = np.prod(value.shape[:-2])
        bound = np.sqrt(6 / (positions * (value.shape[-2] + value.shape[-1])))
        assert 0.99 * bound < np.abs(value).max() <= bound
        # SD of a uniform variable; its own sampling error is below 1 % from 1e4 draws.
        np.testing.assert_allclose(value.std(), bound / np.sqrt(3), rtol=0.02)
        assert abs(value.mean()) < 5 * value.std() / np.sqrt(value.size)


def test_seed_decides_the_weights():
    kernels = [
        np.asarray(jpp.create("cornet_z", seed=seed).V1.conv.kernel[...])
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert (kernels[0] != kernels[2]).any()


def test_unknown_network():
    with pytest.raises(ValueError, match=r"'cornet_q' is not known.*cornet_z"):
        jpp.create("cornet_q")

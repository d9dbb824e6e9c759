"""Pools and ReLU pass on what is not finite, and share gradients, as PyTorch's do."""

import jax
import numpy as np
import pytest
from flax import nnx

from jaxprune_ports.networks.layers import average_pool, max_pool

torch = pytest.importorskip("torch", reason="PyTorch is what they are held against")
functional = torch.nn.functional


@pytest.fixture(scope="module")
def x():
    """Few levels, so that windows have ties; some values are not finite."""
    rng = np.random.default_rng(0)
    x = rng.integers(-2, 3, (2, 9, 8, 3)).astype(np.float32)
    for value in (np.nan, np.inf, -np.inf):
        x[rng.random(x.shape) < 0.03] = value
    return x


def tensor(x):
    return torch.from_numpy(x.transpose(0, 3, 1, 2).copy())


def array(x):
    return x.detach().numpy().transpose(0, 2, 3, 1)


@pytest.mark.parametrize("window", [(3, 2, 1), (3, 2, 0), (2, 2, 0)])
def test_max_pool(x, window):
    ours = jax.jit(lambda x: max_pool(nnx.relu(x), *window))(x)
    theirs = functional.max_pool2d(torch.relu(tensor(x)), *window)
    np.testing.assert_array_equal(ours, array(theirs))
    assert np.isnan(ours).any()
    assert np.isinf(ours).any()


@pytest.mark.parametrize("window", [(3, 2, 1), (2, 2, 0)])
def test_gradient_of_max_pool_goes_to_the_first_of_equal_ones(x, window):
    x = np.nan_to_num(x, nan=1.0, posinf=2.0, neginf=-2.0)
    ours = jax.jit(jax.grad(lambda x: (max_pool(x, *window) ** 2).sum()))(x)
    given = tensor(x).requires_grad_()
    (functional.max_pool2d(given, *window) ** 2).sum().backward()
    np.testing.assert_array_equal(ours, array(given.grad))


def test_average_pool(x):
    ours = jax.jit(lambda x: average_pool(x, 2, 2, 1))(x)
    theirs = array(functional.avg_pool2d(tensor(x), 2, 2, 1))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert np.isnan(ours).any()


def test_maps_smaller_than_the_window():
    assert max_pool(np.zeros((1, 1, 2, 3), np.float32), 3, 2, 0).shape == (1, 0, 0, 3)

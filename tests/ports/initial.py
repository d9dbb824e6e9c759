"""Untrained weights, without drawing all of them."""

import jax
import numpy as np
from flax import nnx

from jaxprune_ports.networks.registry import find


def initial(name, *weights, seed=0):
    """Draw some weights by their paths, ``"features.0.kernel"``; a list of arrays."""

    @jax.jit  # what is not returned is not computed
    def draw(key):
        net = find(name).build(rngs=nnx.Rngs(key))
        flat = {
            ".".join(map(str, path)): leaf[...]
            for path, leaf in nnx.to_flat_state(nnx.state(net))
        }
        return [flat[weight] for weight in weights]

    return [np.asarray(value) for value in draw(jax.random.key(seed))]


def n_parameters(name):
    """Number of trained weights of a network."""
    net = find(name).abstract()
    return sum(leaf.size for _, leaf in nnx.to_flat_state(nnx.state(net, nnx.Param)))


def assert_normal(values, scale):
    """Check mean, deviation and tails of 10,000 or more draws."""
    np.testing.assert_allclose(values.std(), scale, rtol=0.02)
    assert abs(values.mean()) < 5 * scale / values.size**0.5
    assert 3.5 * scale < np.abs(values).max() < 7 * scale


def assert_uniform(values, bound):
    """Check mean, deviation and the bound itself, of 50 or more draws."""
    few = 3 / values.size**0.5
    np.testing.assert_allclose(values.std(), bound / 3**0.5, rtol=few)
    assert abs(values.mean()) < 3 * bound / values.size**0.5
    assert (1 - few) * bound < np.abs(values).max() <= bound

"""What is published about CORnet-Z."""

import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.networks.registry import find
from tests.ports.initial import n_parameters

AREAS = ("V1", "V2", "V4", "IT")


def test_numbers_of_units_and_parameters():
    spec = find("cornet_z")
    assert [np.prod(spec.taps[k]) for k in AREAS] == [200_704, 100_352, 50_176, 25_088]
    assert n_parameters("cornet_z") == 2_071_656


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


@pytest.mark.parametrize("seed", [-1, 2**32, 99999999999999999999, 1.0, "1", True])
def test_seeds_that_are_none(seed):
    with pytest.raises(ValueError, match=f"seed={seed!r}: expected"):
        jpp.create("cornet_z", seed)

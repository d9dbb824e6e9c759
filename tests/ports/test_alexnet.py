"""AlexNet: torchvision's, and the grouped one of Kim et al. (2021)."""

from functools import partial

import jax
import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.networks.network import evaluate
from jaxprune_ports.networks.registry import find
from tests.ports.initial import assert_normal, assert_uniform, initial, n_parameters
from tests.ports.parity import randomise


def test_untrained_weights_are_pytorchs_defaults():
    kernel, bias, linear = initial(
        "alexnet", "features.3.kernel", "features.3.bias", "classifier.6.kernel"
    )
    assert_uniform(kernel, (64 * 25) ** -0.5)
    assert_uniform(bias, (64 * 25) ** -0.5)
    assert_uniform(linear, 4096**-0.5)


def test_rectified_layers_are_what_a_hook_sees_that_does_not_copy(torchvision):
    import torch

    with torch.device("meta"):
        network = torchvision.models.alexnet(weights=None)
    randomise(network.to_empty(device="cpu").eval(), 0)
    seen = {}
    for name in ("features.0", "features.2", "classifier.4"):
        network.get_submodule(name).register_forward_hook(
            lambda module, inputs, out, name=name: seen.update({name: out.detach()})
        )
    x = np.random.default_rng(0).standard_normal((1, 99, 99, 3), np.float32)
    network(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))
    net = jpp.from_torch("alexnet", network.state_dict())
    units = jpp.activations(net, x, [*seen, "classifier.5"], relu=True)
    for name, value in seen.items():
        expected = value.flatten(1).numpy()
        atol = 1e-5 * np.abs(expected).max()
        np.testing.assert_allclose(units[name], expected, rtol=0, atol=atol)
    np.testing.assert_array_equal(units["classifier.4"], units["classifier.5"])


def test_kim_has_the_published_units_and_parameters():
    taps = find("alexnet_kim").taps
    assert taps["relu5"] == (256, 13, 13)
    assert np.prod(taps["relu5"]) == 43_264
    assert taps["conv1"] == (96, 55, 55)
    assert taps["pool5"] == (256, 6, 6)
    assert n_parameters("alexnet_kim") == 60_965_224


def test_kim_starts_with_normal_weights_of_a_group_and_biases_at_0():
    kernel, bias, linear = initial(
        "alexnet_kim", "conv2.kernel", "conv2.bias", "fc8.kernel"
    )
    assert kernel.shape == (5, 5, 48, 256)
    assert_normal(kernel, np.sqrt(2 / (25 * 48)))
    assert_normal(linear, np.sqrt(2 / 4096))
    assert not bias.any()


def test_kim_sees_0_to_255_less_the_mean_colour():
    white = jpp.preprocess(np.full((1, 30, 30), 255, np.uint8), "alexnet_kim")
    assert white.shape == (1, 227, 227, 3)
    expected = 255 - np.float32([123.68, 116.779, 103.939])
    np.testing.assert_array_equal(white[0, 0, 0], expected)


def test_images_that_are_too_small():
    graph, state = nnx.split(find("alexnet").abstract())
    x = jax.ShapeDtypeStruct((1, 40, 40, 3), np.float32)
    with pytest.raises(ValueError, match=r"so small that features\.12 has no unit"):
        jax.eval_shape(partial(evaluate, graph, ("logits",)), state, x)

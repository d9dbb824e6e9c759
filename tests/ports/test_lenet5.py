"""LeNet-5, and with it what all networks share that are chains of modules."""

import numpy as np
import pytest

import jaxprune_ports as jpp
from jaxprune_ports.networks.registry import find
from tests.ports.initial import assert_uniform, initial, n_parameters


@pytest.fixture(scope="module")
def net():
    return jpp.from_torch("lenet5", weights())


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)


def weights():
    rng = np.random.default_rng(0)
    shapes = {
        "conv1": (6, 3, 5, 5),
        "conv2": (16, 6, 5, 5),
        "fc1": (120, 400),
        "fc2": (84, 120),
        "fc3": (10, 84),
    }
    out = {}
    for name, shape in shapes.items():
        out[f"{name}.weight"] = rng.standard_normal(shape)
        out[f"{name}.bias"] = rng.standard_normal(shape[0])
    return out


def test_units_and_parameters():
    taps = find("lenet5").taps
    assert taps["pool1"] == (6, 14, 14)
    assert taps["pool2"] == (16, 5, 5)
    assert (taps["fc1"], taps["fc2"], taps["logits"]) == ((120,), (84,), (10,))
    assert n_parameters("lenet5") == 62_006


def test_untrained_weights_are_pytorchs_defaults():
    kernel, linear, bias = initial("lenet5", "conv2.kernel", "fc1.kernel", "fc1.bias")
    assert_uniform(kernel, (6 * 25) ** -0.5)
    assert_uniform(linear, 400**-0.5)
    assert_uniform(bias, 400**-0.5)


def test_layers_are_rectified_on_demand(net, images):
    layers = ["fc2", "relu4", "conv1", "relu1", "logits"]
    plain = jpp.activations(net, images, layers)
    rectified = jpp.activations(net, images, layers, relu=True)
    for layer, after in (("fc2", "relu4"), ("conv1", "relu1")):
        assert (plain[layer] < 0).any()
        np.testing.assert_array_equal(rectified[layer], plain[after])
        np.testing.assert_array_equal(rectified[layer], np.maximum(plain[layer], 0))
    np.testing.assert_array_equal(rectified["logits"], plain["logits"])


def test_the_last_module_is_another_name_of_the_logits(net, images):
    units = jpp.activations(net, images, ["fc3", "logits"])
    np.testing.assert_array_equal(units["fc3"], units["logits"])


def test_a_part_names_what_is_missing():
    full = weights()
    part = {k: v for k, v in full.items() if not k.startswith(("fc2", "fc3"))}
    net = jpp.from_torch("lenet5", part, partial=True)
    assert net.layers[-2:] == ("fc1", "relu3")
    assert net.unfed == ("fc2", "relu4", "logits")
    for layer in ("fc2", "logits", "fc3"):
        match = rf"{layer}' needs weights .* has not got \(4, the first is fc2"
        with pytest.raises(ValueError, match=match):
            net.find([layer])
    with pytest.raises(ValueError, match=r"lenet5 has no layer 'fc4'"):
        net.find(["fc4"])
    x = np.ones((1, 32, 32, 3), np.float32)
    np.testing.assert_array_equal(
        net(x)[1]["relu3"], jpp.from_torch("lenet5", full)(x)[1]["relu3"]
    )


def test_images_of_another_size(net):
    with pytest.raises(ValueError, match=r"fc1 gets 784 units .* takes 400; resize"):
        net(np.zeros((1, 40, 40, 3), np.float32))


def test_images_are_from_minus_1_to_1():
    x = jpp.preprocess(np.uint8([[[0, 255], [0, 255]]]), "lenet5")
    assert x.shape == (1, 32, 32, 3)
    assert (x.min(), x.max()) == (-1, 1)

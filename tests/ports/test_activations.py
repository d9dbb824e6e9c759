import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.activations import _areas


@pytest.fixture(scope="module")
def net():
    return jpp.create("cornet_z", seed=3)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (11, 64, 64), np.uint8)


def test_order_is_channel_first(net, images):
    x = jpp.preprocess(images[:2])
    raw = np.asarray(net(x)[1]["IT"])
    units = jpp.activations(net, x, ["IT"])["IT"]
    n, height, width, channels = raw.shape
    for channel, row, column in [(0, 0, 1), (1, 0, 0), (channels - 1, 1, 0)]:
        unit = (channel * height + row) * width + column
        np.testing.assert_allclose(units[:, unit], raw[:, row, column, channel], 1e-6)


@pytest.mark.parametrize("batch_size", [1, 4, 11, 50])
def test_batches_do_not_matter(net, images, batch_size):
    whole = jpp.activations(net, images, ["V1", "IT"], batch_size=11)
    parts = jpp.activations(net, images, ["V1", "IT"], batch_size=batch_size)
    for layer, expected in whole.items():
        assert parts[layer].dtype == np.float32
        np.testing.assert_allclose(parts[layer], expected, rtol=1e-4, atol=1e-6)


def test_8_bit_images_are_preprocessed(net, images):
    for normalise in (True, False):
        x = jpp.preprocess(images, normalise=normalise)
        np.testing.assert_array_equal(
            jpp.activations(net, images, ["IT"], normalise=normalise)["IT"],
            jpp.activations(net, x, ["IT"])["IT"],
        )


@pytest.mark.parametrize("batch_size", [3, 32])
def test_condition_means_are_means_of_activations(net, images, batch_size):
    # Neither sorted nor equally many per condition.
    condition = np.array([2, 0, 1, 1, 2, 0, 0, 3, 1, 0, 2])
    every = jpp.activations(net, images)
    means = jpp.condition_means(net, images, condition, batch_size=batch_size)
    assert tuple(means) == tuple(every) == ("V1", "V2", "V4", "IT")
    for layer, value in means.items():
        assert value.dtype == np.float64
        expected = [every[layer][condition == c].mean(0, float) for c in range(4)]
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-6)


def test_areas_not_asked_for_are_not_computed(net):
    graph, state = nnx.split(net)
    x = np.zeros((2, 64, 64, 3), np.float32)

    def flops(*layers):
        return _areas.lower(graph, layers, state, x).compile().cost_analysis()["flops"]

    assert flops("V1") < 0.5 * flops("V1", "IT")


@pytest.mark.parametrize(
    ("condition", "match"),
    [
        ([0, 1], "one integer for each of 11"),
        (np.zeros(11), "float64"),
        ([0, 2] + [0] * 9, r"no image belongs to \[1\]"),
        ([0, -1] + [0] * 9, "got -1"),
    ],
)
def test_conditions_are_checked(net, images, condition, match):
    with pytest.raises(ValueError, match=match):
        jpp.condition_means(net, images, condition)


def test_options_are_checked(net, images):
    with pytest.raises(ValueError, match=r"layers: .*'V3'"):
        jpp.activations(net, images, ["V3"])
    with pytest.raises(ValueError, match="batch_size"):
        jpp.activations(net, images, batch_size=0)
    with pytest.raises(ValueError, match="at least one image"):
        jpp.activations(net, images[:0])
    with pytest.raises(ValueError, match="see preprocess"):
        jpp.activations(net, images.astype(np.float32))


def test_preprocess_is_what_torchvision_does():
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3), np.uint8)
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    out = jpp.preprocess(images, "cornet_z")
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, (images / np.float32(255) - mean) / std)
    np.testing.assert_array_equal(
        jpp.preprocess(images, normalise=False), images / np.float32(255)
    )
    grey = jpp.preprocess(images[..., 0])
    np.testing.assert_array_equal(grey[..., 0], out[..., 0])
    assert grey.shape == images.shape


@pytest.mark.parametrize(
    "images", [np.zeros((2, 5, 5)), np.zeros((2, 3, 5, 5), np.uint8)]
)
def test_preprocess_refuses_other_images(images):
    with pytest.raises(ValueError, match="expected uint8 of shape"):
        jpp.preprocess(images)


def test_preprocess_knows_the_networks():
    with pytest.raises(ValueError, match="'lenet' is not known"):
        jpp.preprocess(np.zeros((1, 2, 2), np.uint8), "lenet")

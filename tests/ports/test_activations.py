import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.networks.network import evaluate

PLAIN = jpp.Preprocessing(None, None)


@pytest.fixture(scope="module")
def net():
    return jpp.create("cornet_z", seed=3)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (11, 64, 64), np.uint8)


def test_order_is_channel_first(net, images):
    x = PLAIN(images[:2])
    raw = np.asarray(net(x)[1]["IT"])
    units = jpp.activations(net, x, ["IT"])["IT"]
    n, height, width, channels = raw.shape
    for channel, row, column in [(0, 0, 1), (1, 0, 0), (channels - 1, 1, 0)]:
        unit = (channel * height + row) * width + column
        np.testing.assert_allclose(units[:, unit], raw[:, row, column, channel], 1e-6)


@pytest.mark.parametrize("batch_size", [1, 4, 11, 50])
def test_batches_do_not_matter(net, images, batch_size):
    options = {"layers": ["V1", "IT"], "preprocessing": PLAIN}
    whole = jpp.activations(net, images, batch_size=11, **options)
    parts = jpp.activations(net, images, batch_size=batch_size, **options)
    for layer, expected in whole.items():
        assert parts[layer].dtype == np.float32
        np.testing.assert_allclose(parts[layer], expected, rtol=1e-4, atol=1e-6)


def test_8_bit_images_are_preprocessed(net, images):
    for steps in (PLAIN, jpp.Preprocessing(70, 64), jpp.CAFFE):
        np.testing.assert_array_equal(
            jpp.activations(net, images[:3], ["V1"], preprocessing=steps)["V1"],
            jpp.activations(net, steps(images[:3]), ["V1"])["V1"],
        )


def test_networks_bring_their_preprocessing(net, images):
    expected = jpp.preprocess(images[:2], "cornet_z")
    np.testing.assert_array_equal(
        jpp.activations(net, images[:2], ["V1"])["V1"],
        jpp.activations(net, expected, ["V1"])["V1"],
    )


@pytest.mark.parametrize("batch_size", [3, 32])
def test_condition_means_are_means_of_activations(net, images, batch_size):
    # Neither sorted nor equally many per condition.
    condition = np.array([2, 0, 1, 1, 2, 0, 0, 3, 1, 0, 2])
    every = jpp.activations(net, images, preprocessing=PLAIN)
    means = jpp.condition_means(
        net, images, condition, batch_size=batch_size, preprocessing=PLAIN
    )
    assert tuple(means) == tuple(every) == ("V1", "V2", "V4", "IT", "logits")
    for layer, value in means.items():
        assert value.dtype == np.float64
        expected = [every[layer][condition == c].mean(0, float) for c in range(4)]
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-6)


def test_areas_not_asked_for_are_not_computed(net):
    graph, state = nnx.split(net)
    x = np.zeros((2, 64, 64, 3), np.float32)

    def flops(*layers):
        lowered = evaluate.lower(graph, layers, state, x)
        return lowered.compile().cost_analysis()["flops"]

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
    # Pixels of another type than uint8 are no preprocessed images.
    with pytest.raises(ValueError, match="float32 .* got int64 of shape .*see preproc"):
        jpp.activations(net, np.zeros((2, 64, 64, 3), np.int64))
    with pytest.raises(ValueError, match="expected an array, got a list"):
        jpp.activations(net, ["a.png"])


class Means(jpp.Network):
    """Mean colour, twice."""

    layers = ("here", "logits")
    rectified = frozenset(["here"])

    def forward(self, x):
        return dict.fromkeys(self.layers, x.mean((1, 2)))


def test_relu_is_for_layers_that_one_follows():
    # Less than the mean red and green that CAFFE subtracts, more than the mean blue.
    images = np.full((2, 8, 8), 110, np.uint8)
    plain = jpp.activations(Means(), images, preprocessing=jpp.CAFFE)
    found = jpp.activations(Means(), images, preprocessing=jpp.CAFFE, relu=True)
    assert np.sign(plain["here"][0]).tolist() == [-1, -1, 1]
    np.testing.assert_array_equal(found["logits"], plain["logits"])
    np.testing.assert_array_equal(found["here"], np.maximum(plain["here"], 0))


@pytest.mark.parametrize("relu", [False, True])
def test_responder(relu):
    net = jpp.create("lenet5")
    x = np.random.default_rng(1).normal(size=(3, 32, 32, 3)).astype(np.float32)
    for layer in ("conv1", "fc1"):
        found = jpp.responder(net, layer, relu)(x)
        expected = jpp.activations(net, x, [layer], batch_size=3, relu=relu)[layer]
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match="layer: expected one, got 'all'"):
        jpp.responder(net, "all")
    with pytest.raises(ValueError, match="has no layer 'fc9'"):
        jpp.responder(net, "fc9")


def test_preprocessed_images_are_finite(net, images):
    x = PLAIN(images[:3])
    x[1, 0, 0, 0], x[2, 0, 0, 0] = np.nan, np.inf
    with pytest.raises(ValueError, match=r"images: 2 of 3 hold NaN .* numbers 1, 2;"):
        jpp.activations(net, x, ["IT"])

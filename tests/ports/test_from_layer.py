"""`from_layer` against the whole network, layer by layer."""

import numpy as np
import pytest

import jaxprune as jp
import jaxprune_ports as jpp

IMAGES = np.random.default_rng(0).normal(size=(3, 64, 64, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("lenet5", [("conv1", "pool2"), ("pool2", "relu4"), ("relu3", "fc3")]),
        pytest.param(
            "vgg11",
            [("features.19", "classifier.5"), ("avgpool", "classifier.4")],
            marks=pytest.mark.slow,  # 133 million weights
        ),
        ("cornet_z", [("V1", "V4"), ("IT", "decoder")]),
    ],
)
def test_equals_the_whole_network(name, pairs):
    net = jpp.create(name)
    images = IMAGES[:, :32, :32] if name == "lenet5" else IMAGES
    _, taps = net(images)
    taps[net.layers[-1]] = net(images)[0]
    known = jpp.activations(net, images)
    for layer, to in pairs:
        shape = taps[net.aliases.get(layer, layer)].shape[1:]
        shape = shape[-1:] + shape[:-1]
        readout = jpp.from_layer(net, layer, to=to, shape=shape)
        got = np.asarray(readout(known[net.aliases.get(layer, layer)]))
        wanted = known[net.aliases.get(to, to)]
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


def test_first_step_is_declared_where_it_is_linear():
    net = jpp.create("lenet5")
    linear = jpp.from_layer(net, "pool2", to="fc1")
    assert isinstance(linear, jp.LinearReadout)
    assert linear.weight.shape == (400, 120)
    assert not isinstance(jpp.from_layer(net, "relu2", to="fc1"), jp.LinearReadout)


@pytest.mark.slow
def test_what_changes_nothing_is_passed_over():
    """VGG averages 7 x 7 windows, which a map of that size is already."""
    net = jpp.create("vgg11")
    for layer, shape, linear in (
        ("features.20", (512, 7, 7), True),
        ("features.20", (512, 2, 2), False),
        ("features.19", (512, 14, 14), False),
    ):
        readout = jpp.from_layer(net, layer, to="classifier.5", shape=shape)
        assert isinstance(readout, jp.LinearReadout) is linear


def test_maps_are_removed_as_the_network_would():
    """Zero a map before the pool: what follows is that of the network."""
    net = jpp.create("lenet5")
    images = IMAGES[:, :32, :32]
    maps = jpp.activations(net, images, ["relu2"])["relu2"]
    readout = jpp.from_layer(net, "relu2", to="relu4")
    channel = jp.groups_of((16, 10, 10))
    target = np.array([0.1, 0.7, 0.4])
    got = jp.leave_one_out(maps, target, groups=channel, readout=readout)
    for k in (0, 9):
        patterns = np.asarray(readout(np.where(channel == k, 0, maps)))
        score = jp.score(patterns, target)
        assert got.scores[k] == pytest.approx(score, abs=1e-5)


def test_bad_layers():
    net = jpp.create("lenet5")
    with pytest.raises(ValueError, match="'pool2' does not come after 'relu4'"):
        jpp.from_layer(net, "relu4", to="pool2")
    with pytest.raises(ValueError, match="has no layer 'fc9'"):
        jpp.from_layer(net, "pool2", to="fc9")
    with pytest.raises(ValueError, match="cornet_s do not follow one another"):
        jpp.from_layer(jpp.create("cornet_s"), "V1", to="IT")
    with pytest.raises(ValueError, match="got units of shape .*pass shape="):
        jpp.from_layer(net, "relu2", to="pool2")(np.zeros((2, 5)))

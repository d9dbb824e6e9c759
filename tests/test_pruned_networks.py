"""Networks that run with the units that a pruning retained."""

import numpy as np
import pytest

import jaxprune as jp
import jaxprune_ports as jpp

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
SLOW = pytest.mark.slow
PLAIN = jpp.Preprocessing(None, None)


def run(net, layers):
    return jpp.activations(net, IMAGES, layers, preprocessing=PLAIN)


@pytest.mark.parametrize(
    ("name", "layer", "after"),
    [
        ("lenet5", "pool2", ("fc1", "logits")),
        ("lenet5", "fc3", ()),
        ("cornet_z", "V4", ("IT", "logits")),
        pytest.param("cornet_s", "V4[1]", ("V4[2]", "V4", "IT"), marks=SLOW),
        pytest.param("cornet_r", "V4[1]", ("IT[1]", "V4[2]", "IT"), marks=SLOW),
        pytest.param("cornet_rt", "V2[1]", ("V2[2]", "V4[2]", "IT"), marks=SLOW),
    ],
)
def test_flax(name, layer, after):
    net = jpp.create(name, seed=0)
    before = tuple(net.layers[: net.layers.index(net.aliases.get(layer, layer))])
    layers = [*before[-1:], layer, *after]
    whole = run(net, layers)
    mask = np.random.default_rng(1).random(whole[layer].shape[1]) < 0.5
    half = jpp.pruned(net, layer, mask)
    found = run(half, layers)
    np.testing.assert_array_equal(found[layer], whole[layer] * mask)
    for other in after:
        assert (found[other] != whole[other]).any()
    for other in before[-1:]:
        np.testing.assert_array_equal(found[other], whole[other])
    # All units: the network as it was, which has not changed.
    same = run(jpp.pruned(net, layer, np.ones_like(mask)), layers)
    for other, values in run(net, layers).items():
        np.testing.assert_array_equal(values, whole[other])
        np.testing.assert_allclose(same[other], whole[other], rtol=1e-5, atol=1e-6)


def test_two_layers_and_provenance(tmp_path):
    net = jpp.create("lenet5", seed=0)
    some = jpp.pruned(net, "fc1", np.arange(120) < 60)
    both = jpp.pruned(some, "fc2", np.arange(84) < 10)
    found = run(both, ["fc1", "fc2"])
    assert not found["fc1"][:, 60:].any()
    assert not found["fc2"][:, 10:].any()
    assert found["fc1"][:, :60].any()
    assert str(both.source) == (
        "fc2 pruned to 10 units, fc1 pruned to 60 units, from untrained, seed 0"
    )
    with pytest.raises(ValueError, match="which is not saved"):
        jpp.save(both, tmp_path / "net")
    with pytest.raises(ValueError, match="layer: expected one of conv1"):
        jpp.pruned(net, "all", np.ones(3, bool))
    with pytest.raises(ValueError, match="mask: expected one bool .* got int64"):
        jpp.pruned(net, "fc1", np.arange(3))
    wrong = jpp.pruned(net, "fc1", np.ones(3, bool))
    with pytest.raises(ValueError, match="retained are of 3 units, and fc1 has 120"):
        run(wrong, ["fc1"])


# --- PyTorch --------------------------------------------------------------------------


@pytest.fixture
def result(features, targets):
    return jp.prune(features(), targets())


@pytest.mark.parametrize("shape", [(24,), (6, 2, 2), (3, 8), (5, 24)])
def test_torch(result, shape):
    torch = pytest.importorskip("torch", reason="needs torch")
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(2, *shape)))
    net = torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Softplus())
    whole, mask = x.tanh(), torch.from_numpy(result.mask)
    # Of a layer with tokens, the units may be those of one.
    ours = mask if mask.numel() != np.prod(shape) else mask.reshape(shape)
    with result.to_torch_mask(net[0]):
        found = net(x)
    torch.testing.assert_close(found, torch.nn.functional.softplus(whole * ours))
    torch.testing.assert_close(net(x), torch.nn.functional.softplus(whole))


def test_torch_channels_last(result):
    torch = pytest.importorskip("torch", reason="needs torch")
    layer, x = torch.nn.Identity(), torch.ones(2, 2, 2, 6)
    with result.to_torch_mask(layer, channels_last=True):
        found = layer(x)
    np.testing.assert_array_equal(
        found.movedim(-1, 1).reshape(2, 24), np.stack([result.mask] * 2)
    )


def test_torch_layer_of_another_size(result, features, targets):
    torch = pytest.importorskip("torch", reason="needs torch")
    layer = torch.nn.Identity()
    handle = result.to_torch_mask(layer)
    with pytest.raises(ValueError, match=r"shape \(2, 23\), and .* of 24 units"):
        layer(torch.zeros(2, 23))
    with pytest.raises(ValueError, match="output is a dict"):
        layer({})
    out = layer((torch.zeros(1, dtype=int), torch.ones(1, 24), None))
    assert out[1].sum() == len(result.retained)
    handle.remove()
    several = jp.prune(features(), targets(2))
    with pytest.raises(ValueError, match="target=None: each of 2 targets"):
        several.to_torch_mask(layer)
    with several.to_torch_mask(layer, target=1):
        assert layer(torch.ones(1, 24)).sum() == len(several.retained[1])

"""What is published about CORnet-R and CORnet-RT, and their layers."""

import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.networks.layers import group_norm
from jaxprune_ports.networks.network import evaluate
from jaxprune_ports.networks.registry import find
from jaxprune_ports.weights.convert import _slots
from tests.ports.initial import assert_uniform, initial, n_parameters

NAMES = ("cornet_r", "cornet_rt")
SHAPES = {
    "V1": (64, 56, 56),
    "V2": (128, 28, 28),
    "V4": (256, 14, 14),
    "IT": (512, 7, 7),
}
EARLIER = [f"{area}[{t}]" for t in range(4) for area in SHAPES]
LAYERS = [*EARLIER, *SHAPES, "logits"]


def checkpoint():
    """Names and shapes of both official checkpoints."""
    shapes = {"decoder.linear.weight": (1000, 512), "decoder.linear.bias": (1000,)}
    for area, n_in, n, size in (
        ("V1", 3, 64, 7),
        ("V2", 64, 128, 3),
        ("V4", 128, 256, 3),
        ("IT", 256, 512, 3),
    ):
        shapes[f"{area}.conv_input.weight"] = (n, n_in, size, size)
        shapes[f"{area}.conv1.weight"] = (n, n, 3, 3)
        for vector in ("conv_input.bias", "norm_input.weight", "norm_input.bias"):
            shapes[f"{area}.{vector}"] = (n,)
        for vector in ("norm1.weight", "norm1.bias"):
            shapes[f"{area}.{vector}"] = (n,)
    return shapes


def weights(without=()):
    """Zeros in the form of the checkpoint; `without` are beginnings of names."""
    return {
        f"module.{key}": np.zeros(shape, np.float32)
        for key, shape in checkpoint().items()
        if not key.startswith(tuple(without))
    }


@pytest.mark.parametrize("name", NAMES)
def test_names_and_shapes_are_those_of_the_official_checkpoint(name):
    assert _slots(find(name).abstract()) == checkpoint()
    assert jpp.from_torch(name, {"state_dict": weights()}).missing == ()


@pytest.mark.parametrize("name", NAMES)
def test_layers_and_numbers_of_parameters(name):
    spec = find(name)
    shapes = SHAPES | {"logits": (1000,)}
    assert spec.taps == {layer: shapes[layer.split("[")[0]] for layer in LAYERS}
    assert list(spec.taps) == list(spec.abstract().layers) == LAYERS
    assert n_parameters(name) == 5_208_936


@pytest.fixture(scope="module")
def responses():
    """Of both networks with the same weights to two images."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 50, 64, 3), np.float32)
    content = {
        key: rng.normal(0, max(np.prod(shape[1:]), 4) ** -0.5, shape)
        for key, shape in checkpoint().items()
    }
    names = [f"{area}[{t}]" for t in range(5) for area in SHAPES]
    return {
        name: jpp.activations(jpp.from_torch(name, content), x, names) for name in NAMES
    }


# Time step at which an area first sees the image.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arrival"),
    [
        pytest.param("cornet_r", (0, 1, 1, 1), marks=pytest.mark.slow),
        ("cornet_rt", (0, 1, 2, 3)),
    ],
)
def test_when_the_image_arrives(responses, name, arrival):
    for area, first in zip(SHAPES, arrival, strict=True):
        for t in range(5):
            images = responses[name][f"{area}[{t}]"]
            assert (images[0] != images[1]).any() == (t >= first), (area, t)


def test_without_input_the_response_is_the_same_everywhere():
    bias = np.random.default_rng(0).standard_normal(512)
    content = weights() | {"module.IT.norm1.bias": bias}
    out = jpp.activations(
        jpp.from_torch("cornet_r", content),
        np.ones((1, 65, 33, 3), np.float32),
        "IT[0]",
    )["IT[0]"]
    # 65 x 33 pixels are 3 x 2 positions in IT.
    np.testing.assert_allclose(
        out.reshape(512, 6), np.repeat(np.maximum(bias, 0)[:, None], 6, 1), rtol=1e-6
    )


def test_both_share_their_first_time_step(responses):
    r, rt = (responses[name] for name in NAMES)
    for layer in r:
        same = layer.endswith("[0]") or layer.startswith("V1")
        assert (r[layer] == rt[layer]).all() == same, layer


def test_last_time_step_has_two_names():
    for name in NAMES:
        net = find(name).abstract()
        assert net.aliases == {f"{area}[4]": area for area in SHAPES}
        assert net.find(["IT[4]", "IT[0]"]) == ("IT[4]", "IT[0]")
        with pytest.raises(ValueError, match=r"no layer 'IT\[5\]'"):
            net.find("IT[5]")


@pytest.mark.parametrize("name", NAMES)
def test_time_steps_not_asked_for_are_not_computed(name):
    graph, state = nnx.split(find(name).abstract())
    x = np.zeros((1, 32, 32, 3), np.float32)

    def flops(layer):
        lowered = evaluate.lower(graph, (layer,), state, x)
        return lowered.compile().cost_analysis()["flops"]

    assert flops("V4[1]") < 0.5 * flops("V4")


def test_untrained_weights_are_the_defaults_of_pytorch():
    fan_in = {
        "V1.conv_input.kernel": 49 * 3,
        "V1.conv_input.bias": 49 * 3,
        "IT.conv1.kernel": 9 * 512,
        "decoder.linear.kernel": 512,
        "decoder.linear.bias": 512,
    }
    *drawn, scale, bias = initial(
        "cornet_r", *fan_in, "V4.norm1.scale", "V4.norm1.bias"
    )
    for n, values in zip(fan_in.values(), drawn, strict=True):
        assert_uniform(values, n**-0.5)
    assert (scale == 1).all()
    assert (bias == 0).all()


def test_seed_decides_the_weights_of_both():
    path = "V2.conv1.kernel"
    kernel, again, other = (
        initial(name, path, seed=seed)[0]
        for name, seed in (("cornet_r", 0), ("cornet_rt", 0), ("cornet_r", 1))
    )
    np.testing.assert_array_equal(kernel, again)
    assert (kernel != other).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("without", "lost"),
    [
        (["decoder"], ["logits"]),
        (["IT.conv1"], [k for k in LAYERS if k.startswith(("IT", "logits"))]),
        # At t = 0 nothing comes in.
        (["IT.conv_input"], ["IT[1]", "IT[2]", "IT[3]", "IT", "logits"]),
    ],
)
def test_parts_of_a_checkpoint(name, without, lost):
    part = jpp.from_torch(name, weights(without), partial=True)
    assert list(part.layers) == [layer for layer in LAYERS if layer not in lost]


def test_parts_do_not_touch_what_is_missing():
    part = jpp.from_torch("cornet_rt", weights(["IT.conv_input"]), partial=True)
    out = jpp.activations(part, np.ones((1, 32, 32, 3), np.float32))
    assert all(np.isfinite(value).all() for value in out.values())


def test_norm_keeps_its_digits_where_responses_vary_little():
    x = 100 + np.random.default_rng(0).standard_normal((1, 9, 9, 64), np.float32)
    groups = x.astype(float).reshape(1, 81, 32, 2)
    mean, var = (f(groups, (1, 3), keepdims=True) for f in (np.mean, np.var))
    expected = ((groups - mean) / np.sqrt(var + 1e-5)).reshape(x.shape)
    out = group_norm(64, rngs=nnx.Rngs(0))(x)
    np.testing.assert_allclose(out, expected, atol=5e-5)

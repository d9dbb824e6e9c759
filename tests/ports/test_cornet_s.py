"""What is published about CORnet-S, and its layers."""

import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.networks.network import evaluate
from jaxprune_ports.networks.registry import find
from jaxprune_ports.weights.convert import _slots
from tests.ports.initial import assert_normal, assert_uniform, initial, n_parameters

# In the order of computation.
LAYERS = ["V1", "V2[0]", "V2", "V4[0]", "V4[1]", "V4[2]", "V4", "IT[0]", "IT", "logits"]
TIMES = {"V2": 2, "V4": 4, "IT": 2}


def checkpoint():
    """Names and shapes of the official checkpoint, without counts of batches."""
    shapes = {
        "V1.conv1.weight": (64, 3, 7, 7),
        "V1.conv2.weight": (64, 64, 3, 3),
        "decoder.linear.weight": (1000, 512),
        "decoder.linear.bias": (1000,),
    }
    norms = {"V1.norm1": 64, "V1.norm2": 64}
    for area, n_in, n, times in (
        ("V2", 64, 128, 2),
        ("V4", 128, 256, 4),
        ("IT", 256, 512, 2),
    ):
        shapes[f"{area}.conv_input.weight"] = (n, n_in, 1, 1)
        shapes[f"{area}.skip.weight"] = (n, n, 1, 1)
        shapes[f"{area}.conv1.weight"] = (4 * n, n, 1, 1)
        shapes[f"{area}.conv2.weight"] = (4 * n, 4 * n, 3, 3)
        shapes[f"{area}.conv3.weight"] = (n, 4 * n, 1, 1)
        norms[f"{area}.norm_skip"] = n
        for t in range(times):
            for i, channels in ((1, 4 * n), (2, 4 * n), (3, n)):
                norms[f"{area}.norm{i}_{t}"] = channels
    for norm, channels in norms.items():
        for leaf in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{norm}.{leaf}"] = (channels,)
    return shapes


def weights(without=()):
    """Zeros in the form of the checkpoint; `without` are beginnings of names."""
    return {
        f"module.{key}": np.zeros(shape, np.float32)
        for key, shape in checkpoint().items()
        if not key.startswith(tuple(without))
    }


def test_names_and_shapes_are_those_of_the_official_checkpoint():
    assert _slots(find("cornet_s").abstract()) == checkpoint()
    content = weights() | {"module.V2.norm1_0.num_batches_tracked": np.array(5)}
    assert jpp.from_torch("cornet_s", {"state_dict": content}).missing == ()


def test_layers_and_numbers_of_parameters():
    spec = find("cornet_s")
    shapes = {"V1": (64, 56, 56), "V2": (128, 28, 28), "V4": (256, 14, 14)}
    shapes |= {"IT": (512, 7, 7), "logits": (1000,)}
    assert spec.taps == {layer: shapes[layer.split("[")[0]] for layer in LAYERS}
    assert list(spec.taps) == list(spec.abstract().layers) == LAYERS
    assert n_parameters("cornet_s") == 53_416_616


@pytest.mark.slow
def test_time_steps_and_their_names():
    content = weights()
    for area, times in TIMES.items():
        for t in range(times):
            content[f"module.{area}.norm3_{t}.bias"] += 2**t
    net = jpp.from_torch("cornet_s", content)
    names = [f"{area}[{t}]" for area, times in TIMES.items() for t in range(times)]
    # Convolutions are silent: every time step adds its bias to what was there.
    expected = [1, 3, 1, 3, 7, 15, 1, 3]
    out = jpp.activations(net, np.ones((1, 64, 32, 3), np.float32), [*names, *TIMES])
    assert list(out) == [*names, *TIMES]
    assert [np.unique(out[name]).tolist() for name in names] == [[v] for v in expected]
    for area, times in TIMES.items():
        np.testing.assert_array_equal(out[area], out[f"{area}[{times - 1}]"])
    with pytest.raises(ValueError, match=r"no layer 'V2\[2\]'"):
        net.find(["V2[2]"])


def test_time_steps_not_asked_for_are_not_computed():
    graph, state = nnx.split(find("cornet_s").abstract())
    x = np.zeros((1, 32, 32, 3), np.float32)

    def flops(layer):
        lowered = evaluate.lower(graph, (layer,), state, x)
        return lowered.compile().cost_analysis()["flops"]

    first, last = flops("V2[0]"), flops("IT")
    assert first < 0.5 * last


@pytest.mark.slow
def test_untrained_weights_are_those_published():
    # Kernel size and channels out.
    convolutions = {
        "V1.conv2.kernel": (3, 64),
        "V2.skip.kernel": (1, 128),
        "V4.conv_input.kernel": (1, 256),
        "V4.conv1.kernel": (1, 1024),
        "IT.conv2.kernel": (3, 2048),
    }
    linear = ["decoder.linear.kernel", "decoder.linear.bias"]
    fixed = {"scale": 1, "bias": 0, "mean": 0, "var": 1}
    norm = [f"V4.norm2_3.{leaf}" for leaf in fixed]
    paths = [*convolutions, *linear, *norm]
    drawn = dict(zip(paths, initial("cornet_s", *paths), strict=True))
    for path, (size, n_out) in convolutions.items():
        assert_normal(drawn[path], (2 / (size**2 * n_out)) ** 0.5)
    for path in linear:
        assert_uniform(drawn[path], 512**-0.5)
    for path, value in zip(norm, fixed.values(), strict=True):
        assert (drawn[path] == value).all()


def test_seed_decides_the_weights():
    kernel, again, other = (
        initial("cornet_s", "V2.conv3.kernel", seed=seed)[0] for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(kernel, again)
    assert (kernel != other).any()


@pytest.mark.parametrize(
    ("without", "n_layers"),
    [
        (["decoder"], 9),  # the trunk alone: all areas, no logits
        (["V4.norm2_2"], 5),  # V4[1] is the last that does not need it
        (["V2.skip", "IT"], 1),
    ],
)
def test_parts_of_a_checkpoint(without, n_layers):
    part = jpp.from_torch("cornet_s", weights(without), partial=True)
    assert list(part.layers) == LAYERS[:n_layers]

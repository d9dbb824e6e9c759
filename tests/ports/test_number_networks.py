"""The networks in which detectors of number were found."""

import numpy as np

import jaxprune_ports as jpp
from jaxprune_ports.networks.layers import local_response_norm
from jaxprune_ports.networks.registry import find
from tests.ports.initial import assert_uniform, initial, n_parameters


def test_nasr_has_37632_units_in_the_last_normalisation():
    spec = find("nasr")
    net = spec.abstract()
    assert spec.taps[net.aliases["lrn8"]] == (768, 7, 7)
    assert np.prod(spec.taps["features.28.1"]) == 37_632
    assert net.layers[-2:] == ("features.29", "logits")


def test_nasr_names_its_normalisations():
    net = find("nasr").abstract()
    norms = [
        name
        for name, module in net.steps()
        if getattr(module, "function", None) is local_response_norm
    ]
    assert norms == [net.aliases[f"lrn{i}"] for i in range(1, 9)]


def test_nasr_has_the_parameters_of_its_description():
    kernels = ((3, 32, 9), (32, 48, 9), (48, 96, 7), (96, 192, 5), (192, 384, 5))
    kernels += ((384, 768, 5), (768, 768, 5), (768, 768, 5))
    # Weights, biases, and scale and shift of the norm.
    expected = sum(n_in * n * k**2 + 3 * n for n_in, n, k in kernels)
    assert n_parameters("nasr") == expected + 769 * 1000


def test_nasr_starts_with_pytorchs_defaults():
    kernel, bias, scale, shift = initial(
        "nasr",
        "features.4.kernel",
        "features.4.bias",
        "features.5.scale",
        "features.5.bias",
    )
    assert_uniform(kernel, (32 * 81) ** -0.5)
    assert np.abs(bias).max() <= (32 * 81) ** -0.5
    assert (scale == 1).all()
    assert not shift.any()


def test_nasr_sees_the_mean_and_deviation_of_cifar():
    white = jpp.preprocess(np.full((1, 30, 30), 255, np.uint8), "nasr")
    assert white.shape == (1, 224, 224, 3)
    mean, std = (
        np.float32([0.4914, 0.4822, 0.4465]),
        np.float32([0.2023, 0.1994, 0.201]),
    )
    np.testing.assert_allclose(white[0, 0, 0], (1 - mean) / std, rtol=1e-6)


def test_student_has_108_units_and_2320_parameters():
    taps = find("student108").taps
    assert [taps[k][1] for k in ("conv1", "pool1", "conv2", "pool2", "conv3")] == [
        *(30, 15, 13, 6, 4)
    ]
    assert taps["avgpool"] == (12, 3, 3)
    assert n_parameters("student108") == 2_320


def test_corners_of_the_student_see_one_value_edges_two_the_centre_four():
    before = np.random.default_rng(0).random((4, 4, 12), np.float32)
    after = np.asarray(find("student108").abstract().avgpool(before[None]))[0]
    np.testing.assert_allclose(after[0, 0], before[0, 0] / 4, rtol=1e-6)
    np.testing.assert_allclose(after[0, 1], before[0, 1:3].sum(0) / 4, rtol=1e-6)
    np.testing.assert_allclose(after[1, 1], before[1:3, 1:3].sum((0, 1)) / 4, rtol=1e-6)

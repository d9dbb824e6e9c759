"""VGG, as torchvision has it."""

from itertools import pairwise

import numpy as np
import pytest

from jaxprune_ports.networks.registry import find
from tests.ports.initial import assert_normal, initial, n_parameters

NAMES = [f"vgg{depth}{norm}" for depth in (11, 13, 16, 19) for norm in ("", "_bn")]


@pytest.mark.parametrize("name", [*NAMES, "alexnet"])
def test_facts_are_those_of_torchvision(torchvision, name):
    spec = find(name)
    weights = torchvision.models.get_model_weights(name).IMAGENET1K_V1
    assert spec.url == weights.url
    assert spec.url.endswith(f"-{spec.sha256}.pth")
    assert len(spec.sha256) == 8
    assert n_parameters(name) == weights.meta["num_params"]
    transforms = weights.transforms()
    ours = spec.preprocessing
    assert [ours.size, ours.crop] == [*transforms.resize_size, *transforms.crop_size]
    assert ours.mean == tuple(transforms.mean)
    assert ours.std == tuple(transforms.std)


@pytest.mark.parametrize("name", [*NAMES, "alexnet"])
def test_layers_are_the_modules_of_torchvision(torchvision, name):
    import torch

    with torch.device("meta"):
        network = torchvision.models.get_model(name, weights=None)
    modules = {k: m for k, m in network.named_modules() if not list(m.children())}
    net = find(name).abstract()
    names = [net.aliases.get(k, k) for k in modules]
    assert net.layers == tuple(names)
    assert net.aliases == {list(modules)[-1]: "logits"}
    assert net.rectified == {
        before
        for before, after in pairwise(names)
        if isinstance(modules.get(after), torch.nn.ReLU)
    }


@pytest.mark.parametrize(
    ("name", "last"),
    [("vgg11", 20), ("vgg13_bn", 34), ("vgg16", 30), ("vgg19", 36), ("vgg19_bn", 52)],
)
def test_shapes(name, last):
    taps = find(name).taps
    assert taps["features.0"] == (64, 224, 224)
    assert taps[f"features.{last}"] == taps["avgpool"] == (512, 7, 7)
    assert f"features.{last + 1}" not in taps
    assert taps["classifier.3"] == (4096,)
    assert taps["logits"] == (1000,)


def test_untrained_weights_are_those_of_torchvision():
    kernel, bias, scale, shift, mean, variance, linear, linear_bias = initial(
        "vgg11_bn",
        "features.8.kernel",
        "features.8.bias",
        "features.9.scale",
        "features.9.bias",
        "features.9.mean",
        "features.9.var",
        "classifier.6.kernel",
        "classifier.6.bias",
    )
    assert kernel.shape == (3, 3, 128, 256)  # fan in and fan out differ
    assert_normal(kernel, np.sqrt(2 / (9 * 256)))
    assert_normal(linear, 0.01)
    for zeros in (bias, shift, mean, linear_bias):
        assert not zeros.any()
    for ones in (scale, variance):
        assert (ones == 1).all()

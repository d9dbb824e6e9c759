"""Trained weights and what they are known to give; skipped where they are absent."""

import numpy as np
import pytest

import jaxprune_ports as jpp
from jaxprune_ports.networks.registry import find


@pytest.fixture
def real(data_dir):
    """Function of a name in the folder of real data, giving its path."""

    def path(name):
        if not (data_dir / name).exists():
            pytest.skip(f"needs the real data: no {name} in {data_dir}")
        return data_dir / name

    return path


@pytest.fixture
def trunk(real):
    pytest.importorskip("torch", reason="reads a .pth file")
    return jpp.from_torch("vgg16", real("vgg16_features_imagenet.pth"), partial=True)


@pytest.mark.parametrize("n_images", [8, pytest.param(92, marks=pytest.mark.slow)])
def test_pool5_of_vgg16(real, trunk, n_images):
    images = np.load(real("objects92/images.npz"))["images"][:n_images]
    expected = np.load(real("objects92/vgg16_pool5.npz"))["x"][:n_images]
    units = jpp.activations(trunk, images, ["features.30"], preprocessing=jpp.CAFFE)
    error = np.abs(units["features.30"] - expected).max() / expected.max()
    assert error <= 1e-4


def test_a_trunk_has_no_classifier(trunk):
    complete = find("vgg16").abstract().layers
    assert trunk.layers == complete[: complete.index("avgpool") + 1]
    assert trunk.unfed == complete[len(trunk.layers) :]
    assert trunk.missing[0] == "classifier.0.bias"
    assert len(trunk.missing) == 6
    for layer in ("logits", "classifier.6", "classifier.3"):
        with pytest.raises(ValueError, match=f"{layer}' needs weights that the check"):
            trunk.find([layer])
    with pytest.raises(ValueError, match="vgg16 has no layer 'features.31'"):
        trunk.find(["features.31"])


def test_accuracy_of_lenet5(real):
    pytest.importorskip("torch", reason="reads a .pt file")
    net = jpp.from_torch("lenet5", real("lenet5_cifar10.pt"))
    data = np.load(real("cifar10_6102.npz"))
    logits = jpp.activations(net, data["x_test"], ["logits"], batch_size=1017)["logits"]
    accuracy = (logits.argmax(1) == data["y_test"]).mean()
    assert len(data["y_test"]) == 1017
    assert round(100 * accuracy, 1) == 59.5

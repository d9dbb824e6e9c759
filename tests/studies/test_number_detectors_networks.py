"""Networks of the study of number detectors: versions, treatments, weights."""

import json
import shutil
from dataclasses import replace

import pytest

import jaxprune_ports as jpp
from jaxprune.studies.number_detectors import STUDY, Options, networks

OPTIONS = Options(layers=("IT",), n_instances=2, size=112, n_random=5, n_folds=2)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Folders of networks with the same weights, said to come from elsewhere."""
    folder = tmp_path_factory.mktemp("weights")
    one = jpp.save(jpp.create("cornet_z", 0), folder / "untrained")
    manifest = json.loads((one / "manifest.json").read_text())
    for name, source in {
        "imagenet": {"file": "cornet_z.pth"},
        "numerosity": {"file": "a.pth", "training": "numerosity, epoch 3"},
        "scratch": {"seed": 0, "training": "numerosity_scratch, epoch 12"},
        "cifar": {"seed": 0, "training": "cifar10, epoch 2"},
    }.items():
        copied = shutil.copytree(one, folder / name)
        manifest["source"] = source
        (copied / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_versions_are_read_from_the_weights(weights):
    names = "imagenet", "numerosity", "scratch"
    paths = tuple(str(weights / name) for name in names)
    them = networks.cases_of(("cornet_z",), (3, 4), paths)
    versions = ["pretrained", "numerosity", "numerosity_scratch", *["untrained"] * 2]
    assert [case.version for case in them] == versions
    assert [case.seed for case in them] == [3, 3, 3, 3, 4]
    assert them[0].preprocessing() == jpp.Preprocessing(None, None)
    plain = jpp.Preprocessing(None, None, mean=(0, 0, 0), std=(1, 1, 1))
    assert [case.preprocessing() for case in them[1:]] == [plain] * 4
    assert {case.layers for case in them} == {("V1", "V2", "V4", "IT")}
    # Of the weights alone, wherever they lie.
    assert len({case.weights for case in them[:3]}) == 1
    assert them[0].weights != them[3].weights == ""


def test_untrained_networks_see_images_in_every_way_asked_for():
    ways = ("none", "imagenet")
    them = networks.cases_of(("cornet_s", "vgg16"), (0,), (), ways)
    said = [
        "cornet_s-untrained-seed0",
        "cornet_s-untrained-imagenet-seed0",
        "vgg16-untrained-seed0",
        "vgg16-untrained-imagenet-seed0",
    ]
    assert [case.prefix for case in them] == said
    assert them[1].preprocessing() == jpp.Preprocessing(None, None)
    assert str(them[1]) == "CORnet-S, untrained, images normalised, seed 0"
    assert them[2].layers == tuple(f"features.{i}" for i in (4, 9, 16, 23, 30))
    (other,) = networks.cases_of(("alexnet",), (0,), (), layers=("features.0",))
    assert other.layers == ("features.0",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"networks": ("resnet",)}, "'resnet' is not known; expected one of cornet_z"),
        ({"layers": ("V3",)}, "cornet_z has no layer 'V3'; expected some of V1"),
    ],
)
def test_networks_and_layers_that_are_not_known(given, message):
    with pytest.raises(ValueError, match=message):
        STUDY.run(replace(OPTIONS, **given))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["cifar"], "cifar10, epoch 2.*expected one that learned ImageNet"),
        (["untrained"], "untrained, seed 0.*made by seeds"),
        (["imagenet", "imagenet"], "CORnet-Z, pretrained 2 times"),
    ],
)
def test_weights_that_do_not_fit(weights, names, message):
    options = replace(OPTIONS, weights=tuple(str(weights / name) for name in names))
    with pytest.raises(ValueError, match=message):
        STUDY.run(options)


def test_weights_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no network"):
        STUDY.run(replace(OPTIONS, weights=(str(tmp_path),)))

"""`jaxprune extract`, on images of 64 pixels."""

import argparse
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

import jaxprune_ports as jpp
from jaxprune.cli import main
from jaxprune.cli.commands._steps import described, steps_of
from jaxprune.io import load_features
from jaxprune_ports.networks.registry import find

SMALL = ["--size", "64", "--crop", "none"]


def extract(*options, layers="IT", images="pictures", out="out.h5"):
    argv = ["extract", "cornet_z", "--images", images, "--out", out, *SMALL]
    return main([*argv, *(["--layers", layers] if layers else []), *options])


def error(capsys):
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert err.startswith("jaxprune: error: ")
    return err


def test_same_as_python(here, capsys):
    assert extract("--weights", "cornet_z", layers="V4, IT") == 0
    out, err = capsys.readouterr()
    assert err == ""
    steps = jpp.Preprocessing(64, None)
    net = jpp.load("cornet_z")
    expected = jpp.extract(net, "pictures", layers=["V4", "IT"], preprocessing=steps)
    for layer, shape in (("V4", (256, 4, 4)), ("IT", (512, 2, 2))):
        found = load_features("out.h5", layer)
        np.testing.assert_array_equal(found.values, expected.features[layer])
        assert found.labels == ("apple", "bear", "cup", "dog")
        assert found.shape == shape
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.isascii() for line in lines)
    assert "images        pictures: 8 images" in lines
    assert "conditions    4 (folder names), 2 images each" in lines
    assert "preprocessing resized to 64 x 64, 0..1, mean and std of ImageNet" in lines
    assert "V4     256 x 4 x 4  4,096" in lines
    assert lines[-1] == "file          out.h5: means"


def test_weights_of_files_and_folders_are_the_same(here):
    for k, weights in enumerate(("cornet_z", "cornet_z.safetensors")):
        assert extract("--weights", weights, "--quiet", out=f"{k}.h5") == 0
    assert extract("--weights=trunk.safetensors", "--partial", out="2.h5") == 0
    first, *others = (load_features(f"{k}.h5").values for k in range(3))
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_untrained(here, capsys):
    assert extract("--untrained", "--seed", "1", "--relu") == 0
    out = capsys.readouterr().out
    assert "network       cornet_z, untrained, seed 1\n" in out
    assert "relu          applied where one follows a layer\n" in out
    assert extract("--weights", "cornet_z", out="same.h5") == 0
    one, other = (load_features(f"{name}.h5").values for name in ("out", "same"))
    np.testing.assert_array_equal(one, other)


def test_moments_and_every_image(here, capsys):
    assert extract("--untrained", "--moments", "--whole", layers="IT,IT") == 0
    assert "out.h5: means, moments, every image\n" in capsys.readouterr().out
    with h5py.File("out.h5") as file:
        assert file["moments/IT"].shape == (4, 2048)
        assert file["activations/IT"].shape == (8, 2048)
        assert file["count"][()].tolist() == [2, 2, 2, 2]
    # The layer is the only array of features in it.
    assert load_features("out.h5").values.shape == (4, 2048)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("image", "8 (one per image), 1 image each"),
        ("table.csv", "2 (file table.csv), 2 to 6 images each"),
        ("numbers.npy", "2 (file numbers.npy), 4 images each"),
    ],
)
def test_conditions(here, capsys, given, said):
    names = [
        f"{name}/{i}.png" for name in ("apple", "bear", "cup", "dog") for i in "12"
    ]
    rows = [f"{name},{'fruit' if 'apple' in name else 'thing'}" for name in names]
    Path("table.csv").write_text("\n".join(["image,condition", *rows]))
    np.save("numbers.npy", [0, 1] * 4)
    assert extract("--untrained", "--conditions", given) == 0
    assert f"conditions    {said}\n" in capsys.readouterr().out


def test_arrays_of_images(here, capsys):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 64, 64), dtype=np.uint8)
    np.savez("two.npz", one=pixels, two=pixels)
    assert extract("--untrained", images="two.npz") == 2
    assert "holds 2 arrays" in error(capsys)
    assert extract("--untrained", "--images-key", "two", images="two.npz") == 0
    out = capsys.readouterr().out
    assert "images        two.npz [two]: 8 images\n" in out
    assert "conditions    8 (one per image), 1 image each\n" in out


@pytest.fixture
def broken(here):
    """The pictures, the third of which is cut off."""
    for path in Path("pictures").resolve().rglob("*.png"):
        copy = Path("broken", path.parent.name, path.name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (here / "broken/bear/1.png").write_bytes(copy.read_bytes()[:900])
    return here


def test_broken_image_stops(broken, capsys):
    assert extract("--untrained", images="broken") == 2
    line = error(capsys)
    assert "broken/bear/1.png could not be read" in line
    assert "--on-error skip" in line
    assert not Path("out.h5").exists()


def test_broken_image_is_skipped_and_reported(broken, capsys):
    assert extract("--untrained", "--on-error", "skip", images="broken") == 0
    out, err = capsys.readouterr()
    assert err.startswith("jaxprune: warning: 1 of 8 images could not be read")
    assert err.count("\n") == 1
    assert "'bear/1.png'" in err
    assert "images        broken: 8 images, 1 skipped\n" in out
    assert "1 to 2 images each" in out


def test_files_that_are_left_out_are_said(broken, capsys):
    Path("broken/bear/1.png").rename("broken/bear/1.heic")
    assert extract("--untrained", images="broken") == 0
    out, err = capsys.readouterr()
    assert err.startswith("jaxprune: warning: images: 1 file of broken left out")
    assert "'bear/1.heic'" in err
    assert "images        broken: 7 images, 1 other file left out\n" in out
    Path("broken/bear/2.png").unlink()
    assert extract("--untrained", "--quiet", images="broken") == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("jaxprune: error: conditions: 'bear' in broken would be a")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "weights: neither of --weights and --untrained given"),
        (["--untrained", "--weights", "cornet_z"], "weights: both of --weights and"),
        (["--weights", "cornet_z", "--seed", "1"], "--seed was given with --weights"),
        (["--weights", "absent"], "absent does not exist; expected a folder that"),
        (["--weights", "pictures"], "pictures holds no network"),
        (["--weights", "trunk.safetensors"], "allow that with --partial; missing:"),
        (["--weights", "cut.safetensors"], "could not be read; is it complete?"),
        (["--untrained", "--images", "empty"], "images: empty holds no image"),
        (["--untrained", "--images", "absent"], "images: absent does not exist"),
        (["--untrained", "--layers", "V4,V3"], "cornet_z has no layer 'V3'; expected"),
        (["--untrained", "--conditions", "some.csv"], "no condition for 7 images"),
        (["--untrained", "--conditions", "absent.csv"], "no file absent.csv"),
        (["--untrained", "--out", "out.npz"], "out.npz ends in '.npz'"),
        (["--untrained", "--size", "0"], "size: expected a positive number"),
        (["--untrained", "--std", "0", "1", "1"], "scale and std: expected positive"),
    ],
)
def test_user_errors(here, capsys, options, said):
    whole = Path("cornet_z.safetensors").read_bytes()
    Path("cut.safetensors").write_bytes(whole[:1000])
    Path("empty").mkdir()
    Path("some.csv").write_text("image,condition\napple/1.png,fruit\n")
    assert extract(*options) == 2
    assert said in error(capsys)


def test_weights_of_another_network(here, capsys):
    options = ["--weights", "cornet_z", "--images", "pictures", "--layers", "IT"]
    assert main(["extract", "cornet_s", *options, "--out", "out.h5"]) == 2
    assert "weights: cornet_z holds cornet_z, expected cornet_s" in error(capsys)


def test_missing_options(here, capsys):
    assert extract("--untrained", layers=None) == 2
    said = error(capsys)
    assert "layers: none given; expected --layers all, or some of V1,V2,V4,IT" in said
    assert main(["extract", "cornet_z", "--untrained", "--out", "out.h5"]) == 2
    assert "images: none given; expected --images" in error(capsys)


@pytest.mark.parametrize("value", ["--size=big", "--scale=1/0", "--on-error=ignore"])
def test_values_that_make_no_sense(here, capsys, value):
    with pytest.raises(SystemExit) as stop:
        extract("--untrained", value)
    assert stop.value.code == 2
    assert value.partition("=")[0] in error(capsys)


def test_patterns_of_layers(here, capsys):
    assert extract("--weights", "cornet_z", "--quiet", layers="I*,IT") == 0
    assert load_features("out.h5").shape == (512, 2, 2)
    assert extract("--weights", "cornet_z", layers="X*", out="no.h5") == 2
    assert "no layer is called 'X*'; expected one of 'V1'" in capsys.readouterr().err


def test_preprocessing_options():
    none = dict.fromkeys(("size", "crop", "scale", "mean", "std", "normalise"))

    def steps(network="cornet_z", caffe=False, **given):
        options = argparse.Namespace(**{**none, **given}, caffe=caffe)
        return steps_of(options, find(network))

    assert steps() == find("cornet_z").preprocessing
    assert steps(caffe=True) == jpp.CAFFE
    assert steps(size=300, crop="none") == jpp.Preprocessing(300, None)
    unscaled = steps(caffe=True, mean=[0, 0, 0], size="none")
    assert described(unscaled) == "0..255, not normalised"
    dots = steps(size=100, scale=0.5, mean=[0.5, 0, 0], std=[2, 2, 2], crop=90)
    assert described(dots) == (
        "shorter side 100, centre 90 x 90, 0..127.5, less 0.5 0 0, divided by 2 2 2"
    )
    plain = steps(normalise="none", size=64, crop="none")
    assert described(plain) == "resized to 64 x 64, 0..1, not normalised"
    normalised = steps("lenet5", normalise="imagenet")
    assert described(normalised).endswith("0..1, mean and std of ImageNet")
    with pytest.raises(ValueError, match=r"--mean was given with --normalise none"):
        steps(normalise="none", mean=[0, 0, 0])
    with pytest.raises(ValueError, match=r"--caffe was given with --normalise"):
        steps(normalise="none", caffe=True)


def test_a_centre_larger_than_the_image_is_said():
    none = dict.fromkeys(("crop", "scale", "mean", "std", "normalise"))
    options = argparse.Namespace(**none, size=64, caffe=False)
    with pytest.warns(UserWarning, match="--size 64 .* 224 pixels adds black borders"):
        steps_of(options, find("cornet_z"))


def test_provenance_is_in_the_file(here):
    assert extract("--weights", "cornet_z.safetensors", "--quiet") == 0
    with h5py.File("out.h5") as file:
        about = dict(file.attrs)
    assert about["network"] == "cornet_z"
    assert about["weights"] == "cornet_z.safetensors"
    assert json.loads(about["preprocessing"])["size"] == 64

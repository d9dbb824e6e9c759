"""`jaxprune prune --network`: images to pruned layers, without a file in between."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import jaxprune as jp
import jaxprune_ports as jpp
from jaxprune.cli import main

SMALL = ["--size", "64", "--crop", "none", "--no-figure"]
FILES = {
    *("units.csv", "curve.csv", "conditions.csv", "result.npz", "summary.json"),
    "report.html",
}


def prune(*options, layers="IT", images="pictures", target="subjects.mat", out="out"):
    argv = ["prune", "--network", "cornet_z", "--images", images, "--layers", layers]
    argv += ["--target", target, "--out", out, *SMALL]
    weights = [] if "--untrained" in options else ["--weights", "cornet_z"]
    return main([*argv, *weights, *options])


def error(capsys):
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert err.startswith("jaxprune: error: ")
    return err


def table(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def features(layer):
    steps = jpp.Preprocessing(64, None)
    net = jpp.load("cornet_z")
    return jpp.extract(net, "pictures", layers=[layer], preprocessing=steps)


def names(folder):
    return {path.name for path in Path(folder).iterdir()}


def test_one_layer(here, capsys):
    assert prune() == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = features("IT")
    expected = jp.prune(found.features["IT"], np.load("in_order.npy"))
    saved = jp.Pruning.load("out")
    np.testing.assert_array_equal(saved.importance, expected.importance)
    np.testing.assert_array_equal(saved.curve, expected.curve)
    assert saved.conditions == ("apple", "bear", "cup", "dog")
    assert names("out") == FILES
    units = table("out/units.csv")
    assert list(units[0])[:4] == ["unit", "channel", "y", "x"]
    positions = [[int(row[name]) for name in ("channel", "y", "x")] for row in units]
    np.testing.assert_array_equal(positions, found.units("IT"))
    labels = [row["label"] for row in table("out/conditions.csv")]
    assert labels == ["apple", "bear", "cup", "dog"]
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24
    assert "images        pictures: 8 images" in lines
    assert "features      cornet_z [IT]: 4 conditions x 2,048 units" in lines
    said = "conditions    4 (folder names), 2 images each; matched by label"
    assert said in lines
    inputs = json.loads(Path("out/summary.json").read_text())["inputs"]
    assert inputs["layer_shape"] == [512, 2, 2]
    assert inputs["images_per_condition"] == [2, 2, 2, 2]


@pytest.mark.slow
def test_groups_of_a_layer(here, capsys):
    assert prune("--groups", "channel", layers="V4,IT") == 0
    assert "layer  groups" in capsys.readouterr().out
    layers = table("out/layers.csv")
    assert {row["layer"]: row["groups"] for row in layers} == {"V4": "256", "IT": "512"}
    found = features("IT")
    x, t, channels = found.features["IT"], np.load("in_order.npy"), found.units("IT")
    saved = jp.Pruning.load("out/IT")
    expected = jp.prune(x, t, groups=channels[:, 0])
    np.testing.assert_array_equal(saved.importance, expected.importance)
    np.testing.assert_array_equal(saved.mask, expected.mask)
    units = table("out/IT/units.csv")
    assert [row["group"] for row in units] == [row["channel"] for row in units]
    assert len(table("out/IT/groups.csv")) == 512
    # A file of features knows its layer, too.
    argv = ["extract", "cornet_z", "--weights", "cornet_z", "--images", "pictures"]
    assert main([*argv, "--layers", "IT", "--out", "x.h5", *SMALL[:-1]]) == 0
    options = ["--out", "places", "--groups", "position", "--no-figure"]
    assert main(["prune", "x.h5", "subjects.mat", *options]) == 0
    assert jp.Pruning.load("places").groups.tolist() == [0, 1, 2, 3]


def test_a_file_of_features_gives_the_same(here):
    argv = ["extract", "cornet_z", "--weights", "cornet_z", "--images", "pictures"]
    assert main([*argv, "--layers", "IT", "--out", "x.h5", *SMALL[:-1]]) == 0
    options = ["--out", "from_file", "--no-figure"]
    assert main(["prune", "x.h5", "subjects.mat", *options]) == 0
    assert prune() == 0
    for file in ("units.csv", "curve.csv", "conditions.csv"):
        assert Path("out", file).read_text() == Path("from_file", file).read_text()


def test_several_layers(here, capsys):
    assert prune("--target-kind", "similarity", layers="IT,logits") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert names("out") == {"layers.csv", "summary.json", "IT", "logits"}
    rows = table("out/layers.csv")
    assert [row["layer"] for row in rows] == ["IT", "IT", "logits", "logits"]
    assert [row["target"] for row in rows] == ["0", "1"] * 2
    for layer in ("IT", "logits"):
        assert names(f"out/{layer}") == FILES
        saved = jp.Pruning.load(f"out/{layer}")
        assert saved.settings.target_kind == "similarity"
        best = [float(row["best_score"]) for row in rows if row["layer"] == layer]
        np.testing.assert_array_equal(best, saved.best_score)
    assert [row["y"] for row in table("out/logits/units.csv")] == ["0"] * 1000
    summary = json.loads(Path("out/summary.json").read_text())
    assert list(summary["layers"]) == ["IT", "logits"]
    assert (summary["failed"], summary["conditions_matched"]) == ([], "by label")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1].split() == ["layers.csv", "summary.json", "IT/", "logits/"]
    assert "Medians of 2 targets; layers.csv has a row for each." in lines
    (shown,) = [line.split() for line in lines if line.startswith("IT ")]
    full = np.median(jp.Pruning.load("out/IT").full_score)
    assert shown[1:3] == ["2,048", f"{full:.3f}"]


def test_again(here, capsys):
    assert prune(layers="IT,logits") == 0
    assert "replaced" not in capsys.readouterr().out
    assert prune("--untrained", "--pool", "mean", layers="IT,logits") == 0
    out = capsys.readouterr().out
    assert "an earlier result was replaced" in out
    assert "Medians" not in out
    assert list(table("out/layers.csv")[0])[:3] == ["layer", "units", "full_score"]


@pytest.fixture
def silent(here):
    """Weights with which IT, and so the logits, are constant."""
    weights = load_file("cornet_z.safetensors")
    weights["IT.conv.weight"] *= 0
    save_file(weights, "silent.safetensors")
    return "--weights=silent.safetensors"


def test_a_layer_that_fails_does_not_cost_the_others(silent, capsys):
    assert prune(silent, layers="V4,IT") == 1
    out, err = capsys.readouterr()
    assert err.startswith("jaxprune: error: layer IT: features is constant")
    assert err.count("\n") == 1
    assert "V4" in out
    assert names("out") == {"layers.csv", "summary.json", "V4"}
    assert {row["layer"] for row in table("out/layers.csv")} == {"V4"}
    assert json.loads(Path("out/summary.json").read_text())["failed"] == ["IT"]


def test_no_layer_can_be_pruned(silent, capsys):
    assert prune(silent, layers="IT,logits") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "none of IT, logits could be pruned" in err.splitlines()[-1]
    assert not Path("out").exists()
    assert prune(silent) == 2
    assert "features is constant" in error(capsys)


def test_conditions_without_names_are_assumed_to_be_in_order(here, capsys):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 64, 64), dtype=np.uint8)
    np.save("images.npy", pixels)
    assert prune("--untrained", images="images.npy") == 0
    said = "4 (one per image), 1 image each; assumed to be in the same order"
    assert said in " ".join(capsys.readouterr().out.split())
    # The names of the target are those of the conditions then.
    labels = [row["label"] for row in table("out/conditions.csv")]
    assert labels == ["cup", "apple", "dog", "bear"]


@pytest.fixture
def computing(monkeypatch):
    """Fails if anything is computed."""

    def never(*_, **__):
        raise AssertionError("computed before everything was checked")

    monkeypatch.setattr("jaxprune_ports.extract", never)


def test_labels_that_differ_cost_no_time(here, capsys, computing):
    assert prune("--conditions", "image") == 2
    line = error(capsys)
    assert "pictures lacks 4 of 4 conditions" in line
    assert "of subjects.mat [RDMs]: 'cup', 'apple', 'dog', 'bear'" in line
    assert "It has 'apple/1.png', 'apple/2.png'" in line


@pytest.mark.slow
def test_images_that_the_target_lacks_are_left_out(here, capsys):
    with open("pairs.csv", "w", encoding="utf-8") as file:
        file.write("dog,cup,3\napple,cup,1\ndog,apple,2.5\n")
    assert prune(target="pairs.csv") == 0
    out, _ = capsys.readouterr()
    assert "note          pictures: 1 of 4 conditions that pairs.csv lacks left" in out
    x = features("IT").features["IT"][[0, 2, 3]]
    expected = jp.prune(x, [1.0, 2.5, 3.0])
    saved = jp.Pruning.load("out")
    assert saved.conditions == ("apple", "cup", "dog")
    np.testing.assert_array_equal(saved.importance, expected.importance)


@pytest.mark.parametrize("place", ["out", "out/IT"])
def test_files_of_others_cost_no_time(here, capsys, computing, place):
    Path(place).mkdir(parents=True)
    Path(place, "summary.json").write_text("mine")
    assert prune(layers="V4,IT") == 2
    assert f"{place} holds summary.json but no" in error(capsys)
    assert Path(place, "summary.json").read_text() == "mine"


NETWORK = ["--network", "cornet_z"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "features: none given; expected FEATURES TARGET, or --network"),
        (["x.npy"], "target: none given; expected TARGET after FEATURES"),
        (
            ["x.npy", "t.npy", "--target", "t.npy"],
            "both TARGET t.npy and --target t.npy",
        ),
        (["x.npy", "t.npy", "--images", "i"], "images: i does not exist"),
        (["x.npy", "t.npy", "--relu"], "--relu was given without --network"),
        (["x.npy", "t.npy", *NETWORK], "x.npy was given with --network"),
        (["t.npy", *NETWORK], "if it is the target: --target t.npy"),
        (NETWORK, "target: none given; expected --target TARGET"),
        ([*NETWORK, "--target", "t.npy", "--features-key", "x"], "--features-key was"),
        ([*NETWORK, "--target", "t.npy"], "t.npy does not exist"),
        ([*NETWORK, "--target", "subjects.mat"], "images: none given"),
    ],
)
def test_mixes(here, capsys, argv, said):
    assert main(["prune", "--out", "out", *argv]) == 2
    assert said in error(capsys)


def test_target_as_an_option_for_a_file_too(here, features, targets):
    np.save("x.npy", features())
    np.save("t.npy", targets())
    options = ["--target", "t.npy", "--out", "out", "--no-figure"]
    assert main(["prune", "x.npy", *options]) == 0
    assert jp.Pruning.load("out").n_units == 24


@pytest.mark.slow  # 92 images through VGG-16
def test_real_data(data_dir, tmp_path, capsys):
    pytest.importorskip("torch", reason="reads a .pth file")
    weights = data_dir / "vgg16_features_imagenet.pth"
    objects = data_dir / "objects92"
    for path in (weights, objects):
        if not path.exists():
            pytest.skip(f"needs {path}")
    argv = ["prune", "--network", "vgg16", "--weights", str(weights), "--partial"]
    argv += ["--caffe", "--images", str(objects / "images.npz")]
    argv += ["--layers", "features.30", "--target", str(objects / "rdm_human_it.npy")]
    assert main([*argv, "--out", str(tmp_path / "out"), "--no-figure"]) == 0
    assert "resized to 224 x 224, 0..255, less 123.68" in capsys.readouterr().out
    x = np.load(objects / "vgg16_pool5.npz")["x"]
    expected = jp.prune(x, np.load(objects / "rdm_human_it.npy"))
    saved = jp.Pruning.load(tmp_path / "out")
    assert saved.full_score == pytest.approx(expected.full_score, abs=1e-4)
    assert saved.best_score == pytest.approx(expected.best_score, abs=5e-3)

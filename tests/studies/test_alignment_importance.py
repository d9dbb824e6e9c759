"""The study alignment-importance: LeNet-5, from images to the report."""

import csv
import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import jaxprune as jp
import jaxprune_ports as jpp
from jaxprune.cli import main
from jaxprune.studies.alignment_importance import STUDY, Options, measure
from jaxprune.studies.alignment_importance.options import ImageSet

# End to end: each takes some ten seconds of processor time.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """CIFAR-like test images, and a set of 15 pictures with similarities."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(5, dtype=np.uint8), 6)
    images = rng.integers(0, 120, (30, 32, 32, 3)) + 25 * labels[:, None, None, None]
    np.savez(folder / "cifar.npz", x_test=images.astype(np.uint8), y_test=labels)
    (folder / "pictures").mkdir()
    for i, image in enumerate(images[:15].astype(np.uint8)):
        Image.fromarray(image).save(folder / "pictures" / f"{i}.png")
    people = rng.random((15, 15))
    np.save(folder / "people.npy", (people + people.T) / 4 + np.eye(15) / 2)
    return folder


@pytest.fixture(scope="module")
def options(data):
    sets = (ImageSet("animals", f"{data}/pictures", f"{data}/people.npy"),)
    return Options(sets=sets, n_splits=1, n_orders=9, n_sizes=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("alignment") / "out"


@pytest.fixture(scope="module")
def found(options, folder):
    found = STUDY.run(options, folder)
    STUDY.save(found, folder)
    return found


def rows(file):
    with file.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_numbers_are_those_of_the_functions(found, data):
    net = jpp.create("lenet5")
    images = jpp.extract(net, data / "pictures", layers=["pool2"])
    order = np.argsort([int(name) for name in images.conditions.labels])
    features = images.features["pool2"][order]
    target = np.load(data / "people.npy")
    common = {
        "groups": np.arange(400) // 25,
        "readout": jpp.from_layer(net, "pool2", to="relu4"),
        "objective": "r2",
        "target_kind": "similarity",
    }
    (maps,) = found.where(what="maps")
    left_out = jp.leave_one_out(features, target, **common)
    np.testing.assert_allclose(maps["importance"], left_out.importance, atol=1e-5)
    put_back = jp.reintroduce(features, target, maps["order"], **common)
    np.testing.assert_allclose(maps["curve"], put_back.curve, atol=1e-5)
    assert (maps["n_images"], maps["n_maps"]) == (15, 16)
    (folds,) = found.where(what="folds")
    assert folds["full_scores"].shape == (5,)
    gain = folds["pruned_scores"] - folds["full_scores"]
    assert folds["published"]["gain"] == pytest.approx(gain.mean())
    assert folds["corrected"]["p_value"] >= folds["published"]["p_value"] or (
        gain.mean() < 0
    )


def test_files(found, folder):
    written = {path.name for path in folder.iterdir()}
    assert written == {*STUDY.files, "parts"}
    (row,) = rows(folder / "sets.csv")
    assert row["set"] == "animals"
    assert len(rows(folder / "maps.csv")) == len(rows(folder / "curves.csv")) == 16
    assert len(rows(folder / "folds.csv")) == 5
    summary = json.loads((folder / "summary.json").read_text())
    assert len(summary["published"]) == 6
    page = (folder / "report.html").read_text(encoding="utf-8")
    HTMLParser().feed(page)
    assert "The weights are random" in page
    assert "stands for people" not in page
    assert max(map(len, STUDY.screen(found).splitlines())) <= 80


def test_a_repeated_run_takes_what_is_done(found, folder, options, monkeypatch):
    monkeypatch.setattr(measure, "leave_one_out", None)
    said = []
    STUDY.run(options, folder, report=said.append)
    assert [line.rpartition(": ")[2] for line in said] == ["done before"] * 2
    with pytest.raises(TypeError):
        STUDY.run(replace(options, n_orders=8), folder)


@pytest.mark.slow
def test_classes_stand_for_people(data, tmp_path, capsys):
    argv = ["study", "alignment-importance", "--cifar", f"{data}/cifar.npz"]
    argv += ["--instances", "6", "--splits", "1", "--orders", "9"]
    assert main([*argv, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    (row,) = rows(tmp_path / "out" / "sets.csv")
    assert (row["set"], row["n_images"]) == ("CIFAR-10", "30")
    assert "stands for people" in (tmp_path / "out" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"network": "cornet_s"}, "network='cornet_s': its layers are not known"),
        ({"n_splits": 9}, "n_splits=9: expected at most 8"),
        ({"sets": (ImageSet("a", "b", "c"),) * 2}, "sets are named a, a"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        Options(**options)


def test_files_that_will_not_do(tmp_path):
    with pytest.raises(ValueError, match="expected NAME=IMAGES,TARGET"):
        ImageSet.parse("animals=pictures")
    with pytest.raises(FileNotFoundError, match="weights: .* does not exist"):
        STUDY.run(Options(weights=str(tmp_path / "none")))
    with pytest.raises(ValueError, match="relu4 of lenet5 has 84 units and no maps"):
        STUDY.run(Options(layer="relu4", readout="logits"))
    np.savez(tmp_path / "other.npz", images=np.zeros(3))
    with pytest.raises(ValueError, match="holds images; expected x_test and y_test"):
        STUDY.run(Options(cifar=str(tmp_path / "other.npz")))

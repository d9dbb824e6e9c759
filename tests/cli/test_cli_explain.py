"""`jaxprune explain`: what a result was made from is used again, or said to be gone."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli.main import main

SMALL = ["--size", "64", "--crop", "none", "--no-figure", "--quiet"]
NETWORK = ["--network", "cornet_z", "--weights", "cornet_z", "--images", "pictures"]
FACTORS = (
    "condition,size,kind\ncup,1,thing\ndog,4,animal\nbear,9,animal\napple,1,thing\n"
)


def rows(name):
    with open(name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page():
    return Path("out/report.html").read_text("utf-8")


@pytest.fixture
def of_network(here):
    argv = ["prune", *NETWORK, "--layers", "IT", "--target", "in_order.npy"]
    assert main([*argv, *SMALL, "--out", "out"]) == 0


@pytest.fixture
def of_file(here, features, targets):
    labels = [f"thing {i}" for i in range(9)]
    np.savez("x.npz", x=features(), labels=labels)
    np.save("t.npy", targets())
    argv = ["prune", "x.npz", "t.npy", "--out", "out", "--no-figure", "--quiet"]
    assert main(argv) == 0


def test_everything_of_a_network(of_network, capsys, monkeypatch):
    Path("factors.csv").write_text(FACTORS)
    # Relative names are of the folder that `prune` was called in.
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    argv = ["explain", "../out", "--factors", "../factors.csv", "--iterations", "2"]
    assert main([*argv, "--kinds", "3"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "left out" not in out
    monkeypatch.chdir("..")
    assert {path.name for path in Path("out/explain").iterdir()} == {
        *("channels.csv", "positions.csv", "responses.csv", "profiles.csv"),
        *("pairs.csv", "conditions.csv", "kinds.csv", "summary.json"),
        *("retained-units.png", "dropped-units.png", "as-many-units-at-random.png"),
        "the-largest-kind.png",
    }
    result = jp.Pruning.load("out")
    gains = sum(float(row["gain"]) for row in rows("out/explain/pairs.csv"))
    assert gains == pytest.approx(result.best_score[0] - result.full_score[0])
    kept = sum(int(row["retained"]) for row in rows("out/explain/positions.csv"))
    assert kept == len(result.retained[0]) == len(rows("out/explain/kinds.csv"))
    assert [row["kind"] for row in rows("out/explain/profiles.csv")] == [
        "numbers",
        "categories",
    ]
    # Units 512 x 2 x 2, responses of whom are means of two images.
    assert len(rows("out/explain/responses.csv")) == 4
    assert "Synthesised images" in page()
    assert "What is left out" not in page()


def test_what_cannot_be_had_is_said(of_network, capsys):
    Path("pictures").rename("gone")
    assert main(["explain", "out"]) == 0
    out = capsys.readouterr().out
    assert "left out" in out
    assert "does not exist" in out
    assert "What is left out, and why" in page()
    names = {path.name for path in Path("out/explain").iterdir()}
    assert "pairs.csv" in names
    assert "responses.csv" not in names
    Path("gone").rename("pictures")
    assert main(["explain", "out", "--iterations", "0", "--quiet"]) == 0
    assert Path("out/explain/responses.csv").is_file()
    assert "--iterations 0 makes none" in page()


def test_features_of_a_file(of_file, capsys):
    assert main(["explain", "out"]) == 0
    assert "features:" not in capsys.readouterr().out
    responses = rows("out/explain/responses.csv")
    x, retained = np.load("x.npz")["x"], jp.Pruning.load("out").retained
    found = [float(row["retained"]) for row in responses]
    np.testing.assert_allclose(found, x[:, retained].mean(1))
    assert json.loads(Path("out/explain/summary.json").read_text())["absent"] == {}

    # A file that has changed is not used, and what it made is gone.
    np.savez("x.npz", x=x + 1e-9, labels=np.load("x.npz")["labels"])
    assert main(["explain", "out"]) == 0
    assert "has changed since it was pruned" in " ".join(
        capsys.readouterr().out.split()
    )
    assert "has changed since it was pruned" in page()
    assert not Path("out/explain/responses.csv").exists()

    # One that is named is, in any order of its labels.
    order = np.random.default_rng(0).permutation(9)
    labels = np.array([f"thing {i}" for i in order])
    np.savez("moved.npz", x=x[order], labels=labels)
    assert main(["explain", "out", "--features", "moved.npz"]) == 0
    assert rows("out/explain/responses.csv") == responses


def fails(capsys, *argv):
    assert main(["explain", *argv]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def test_bad_input(of_file, capsys, features):
    before = page()
    np.save("other.npy", np.random.default_rng(0).random((9, 24)))
    assert "correlates only r" in fails(capsys, "out", "--features", "other.npy")
    np.save("narrow.npy", features()[:, :5])
    assert "(9, 5); expected" in fails(capsys, "out", "--features", "narrow.npy")
    Path("factors.csv").write_text("condition,size\nthing 0,1\nthing 1,2\n")
    assert "no row for 'thing 2'" in fails(capsys, "out", "--factors", "factors.csv")
    assert "does not exist" in fails(capsys, "out", "--factors", "none.csv")
    assert "--kinds" in fails(capsys, "out", "--kinds", "0")
    assert "target=3" in fails(capsys, "out", "--target-index", "3")
    assert "no condition of" in fails(capsys, "out", "--images", "pictures")
    assert "is not a folder" in fails(capsys, "nowhere")
    assert page() == before
    assert not Path("out/explain").exists()


def test_a_folder_of_somebody_else_is_left_alone(of_file, capsys):
    Path("out/explain").mkdir()
    Path("out/explain/mine.csv").write_text("mine")
    assert "may be somebody's own" in fails(capsys, "out")
    assert Path("out/explain/mine.csv").read_text() == "mine"


def test_several_layers_are_named(here, capsys):
    argv = ["prune", *NETWORK, "--layers", "V4,IT", "--target", "in_order.npy"]
    assert main([*argv, *SMALL, "--out", "out"]) == 0
    assert "out/IT, out/V4" in fails(capsys, "out")
    assert main(["explain", "out/V4", "--iterations", "0", "--quiet"]) == 0
    assert Path("out/V4/explain/responses.csv").is_file()


def test_thumbnails_of_a_file(here, capsys):
    labels = ["dog", "bear", "apple", "cup"]
    np.savez("x.npz", x=np.random.default_rng(0).random((4, 30)), labels=labels)
    np.save("t.npy", np.arange(6.0))
    argv = ["prune", "x.npz", "t.npy", "--out", "out", "--no-figure", "--quiet"]
    assert main([*argv, "--images", "pictures"]) == 0
    assert page().count("data:image/jpeg") == 4
    # Without labels as many are enough; with others they are refused.
    np.save("unlabelled.npy", np.load("x.npz")["x"])
    argv[1] = "unlabelled.npy"
    assert main([*argv, "--images", "pictures"]) == 0
    assert "assumed to be in the order of the conditions" in page()
    assert main([*argv, "--conditions", "image"]) == 2
    assert "--conditions was given without --images" in capsys.readouterr().err
    assert main([*argv, "--images", "pictures", "--conditions", "image"]) == 2
    assert "has 8 conditions and no labels in common" in capsys.readouterr().err
    assert main([*argv, "--no-report"]) == 0
    assert not Path("out/report.html").exists()

"""``jaxprune compare``: files in, one folder out."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from jaxprune.cli.main import main
from jaxprune.inference import compare_targets
from jaxprune.studies.compare import COMPARE

N, UNITS = 12, 40


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    features = rng.normal(size=(N, UNITS))
    points = rng.normal(size=(2, 3, N))
    rdms = np.abs(points[..., None] - points[..., None, :])
    labels = np.array([f"item {i}" for i in range(N)])
    np.savez("layer.npz", features=features, labels=labels)
    np.savez("patients.npz", rdm=rdms[0], labels=labels)
    back = np.arange(N)[::-1]
    np.savez("controls.npz", rdm=rdms[1][:, back][:, :, back], labels=labels[back])
    np.save("one.npy", rdms[0, 0])
    return features, rdms


def table(name):
    with open(f"out/{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_groups_of_subjects(here, capsys):
    features, rdms = here
    argv = ["layer.npz", "patients.npz", "healthy=controls.npz", "--out", "out"]
    assert main(["compare", *argv, "--permutations", "30", "--folds", "2"]) == 0
    expected = compare_targets(features, *rdms, n_folds=2, n_permutations=30)
    (pair,) = table("pairs")
    assert (pair["first"], pair["second"]) == ("patients", "healthy")
    assert int(pair["n_common"]) == expected.overlap(0, 1).n_common
    assert float(pair["p_swapped"]) == pytest.approx(expected.p_value(0, 1))
    held_out = [float(row["held_out"]) for row in table("transfer")]
    np.testing.assert_allclose(held_out, expected.transfer.mean(0).ravel(), atol=1e-9)
    kept = [row["retained healthy"] == "1" for row in table("units")]
    np.testing.assert_array_equal(np.flatnonzero(kept), expected.retained[1])
    assert len(table("swaps")) == 20
    assert {path.name for path in here_files()} == set(COMPARE.files)
    summary = json.loads(Path("out/summary.json").read_text())
    assert summary["settings"]["n_folds"] == 2
    assert "matched" in summary["inputs"]["healthy"]
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "patients, healthy" in text


def here_files():
    return Path("out").iterdir()


def test_every_rdm_of_a_single_file_is_a_target(here, capsys):
    argv = ["compare", "layer.npz", "patients.npz", "--out", "out", "--folds", "2"]
    assert main(argv) == 0
    names = [row["target"] for row in table("targets")]
    assert names == ["patients 1", "patients 2", "patients 3"]
    assert len(table("pairs")) == 3
    assert "swaps.csv" not in {path.name for path in here_files()}


def test_conditions_that_a_target_lacks_are_left_out_of_all(here, capsys):
    features, rdms = here
    labels = [f"ITEM {i}" for i in range(1, N)]
    np.savez("fewer.npz", rdm=rdms[1, 0, 1:, 1:], labels=labels)
    argv = ["compare", "layer.npz", "patients.npz", "fewer.npz", "--out", "out"]
    assert main([*argv, "--folds", "2"]) == 2
    assert main([*argv, "--folds", "2", "--ignore-case"]) == 0
    expected = compare_targets(
        features[1:], rdms[0][:, 1:, 1:], rdms[1, 0, 1:, 1:], n_folds=2
    )
    scores = [float(row["full"]) for row in table("targets")]
    np.testing.assert_allclose(scores, expected.full, atol=1e-9)
    notes = json.loads(Path("out/summary.json").read_text())["inputs"]["notes"]
    assert "1 of 12 conditions" in notes
    assert "1 of 12 conditions" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["one.npy"], "one.npy is one RDM, and the only target; expected two files"),
        (["one.npy", "one.npy"], "are both called 'one'; give them names: NAME=FILE"),
        (["one.npy", "none.npy"], "none.npy does not exist"),
    ],
)
def test_bad_targets(here, capsys, targets, message):
    assert main(["compare", "layer.npz", *targets, "--out", "out"]) == 2
    assert message in capsys.readouterr().err

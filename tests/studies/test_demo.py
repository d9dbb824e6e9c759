"""The demo: stimuli, untrained CORnet-Z, pruning, table, files; one image each."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli import main
from jaxprune.studies import demo

# At 112 pixels; 7 x 7 positions of IT become 4 x 4.
UNITS = {"V1": 50_176, "V2": 25_088, "V4": 12_544, "IT": 8_192}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "out"


@pytest.fixture(scope="module")
def done():
    return demo.run(1, 3, size=112)


@pytest.fixture(scope="module")
def saved(done, folder):
    return demo.save(done, folder)


def test_areas_in_order_with_labels(done):
    assert {area: result.n_units for area, result in done.results.items()} == UNITS
    assert list(done.results) == list(UNITS) == list(demo.PUBLISHED)
    for result in done.results.values():
        assert result.conditions == done.stimuli.labels
        assert result.conditions[0] == "n06_a0.04_f5.0"
        assert result.best_score > result.full_score


def test_target_is_log_number(done):
    numbers = np.array([int(label[1:3]) for label in done.stimuli.labels])
    i, j = np.triu_indices(32, 1)
    expected = np.abs(np.log(numbers[i]) - np.log(numbers[j]))
    for result in done.results.values():
        np.testing.assert_allclose(result.target_rdm, expected, atol=1e-12)


def test_same_seed_same_units(done):
    again = demo.run(1, 3, size=112).results["IT"]
    np.testing.assert_array_equal(again.retained, done.results["IT"].retained)


def test_summary(done):
    lines = demo.summary(done).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 22
    rows = [line.split() for line in lines if line.startswith(tuple(UNITS))]
    assert [row[0] for row in rows] == list(UNITS)
    for row in rows:
        result = done.results[row[0]]
        assert row[1] == f"{UNITS[row[0]]:,}"
        assert float(row[2]) == pytest.approx(result.full_score, abs=5e-4)
        assert float(row[3]) == pytest.approx(result.best_score, abs=5e-4)
        assert row[4] == f"{result.best_size:,}"
        assert (float(row[6]), float(row[7])) == demo.PUBLISHED[row[0]]


def test_files(done, saved):
    assert {path.name for path in saved.iterdir()} == {*demo.FILES, *UNITS}
    for area, result in done.results.items():
        loaded = jp.Pruning.load(saved / area)
        np.testing.assert_array_equal(loaded.retained, result.retained)
        about = json.loads((saved / area / "summary.json").read_text())
        assert about["inputs"]["area"] == area
    with (saved / "areas.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["area"] for row in rows] == list(UNITS)
    assert float(rows[3]["full_score"]) == done.results["IT"].full_score
    summary = json.loads((saved / "summary.json").read_text())
    assert summary["demo"]["seed"] == 3
    assert (saved / "figure.png").stat().st_size > 50_000


def test_command(done, tmp_path, monkeypatch, capsys):
    given = []

    def run(*args, **_):
        given.append(args)
        return done

    monkeypatch.setattr(demo, "run", run)
    monkeypatch.setattr(demo, "save", lambda *args: given.append(args))
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--instances", "1", "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert given == [(1, 3), (done, Path("jaxprune-demo"))]
    assert demo.summary(done) in out
    assert "jaxprune-demo" in out
    assert max(map(len, out.splitlines())) <= 80
    assert err == ""


def test_command_replaces_only_its_own(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "areas.csv").write_text("mine")
    assert main(["demo", "--out", "."]) == 2
    err = capsys.readouterr().err
    assert "areas.csv" in err
    assert err.count("\n") == 1


def test_bad_instances(tmp_path, capsys):
    assert main(["demo", "--out", str(tmp_path / "o"), "--instances", "0"]) == 2
    assert "expected a whole number of at least 1" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()

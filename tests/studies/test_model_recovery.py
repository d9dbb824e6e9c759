"""The study model-recovery: layers of files, from simulations to files."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.studies import section
from jaxprune.inference import model_recovery
from jaxprune.studies.model_recovery import STUDY, Options, measure
from jaxprune.studies.model_recovery.options import correlations
from tests.studies.test_number_sense import links_of

N, UNITS = 12, 40  # as in tests/inference/test_recovery.py
LABELS = [f"picture {k}" for k in range(N)]


# End to end: each takes some ten seconds of processor time.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    """Two layers, one in another order and with more units, and four RDMs."""
    folder = tmp_path_factory.mktemp("layers")
    rng = np.random.default_rng(0)
    early, late = rng.normal(size=(N, UNITS)), rng.normal(size=(N, UNITS + 5))
    np.savez(folder / "early.npz", x=early, labels=LABELS)
    order = rng.permutation(N)
    labels = np.array(LABELS)[order]
    np.savez(folder / "late.npz", x=late[order], labels=labels)
    rdms = 1 - np.corrcoef(late)[None] + 0.2 * rng.random((4, N, N))
    np.save(folder / "subjects.npy", (rdms + rdms.swapaxes(1, 2)) * (1 - np.eye(N)))
    return Options(
        layers=(str(folder / "early.npz"), f"deep={folder / 'late.npz'}"),
        subjects=str(folder / "subjects.npy"),
        sessions=2,
        n_units=UNITS,
        n_simulations=3,
        n_reweighted=1,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recovery") / "out"


@pytest.fixture(scope="module")
def found(options, folder):
    found = STUDY.run(options, folder)
    STUDY.save(found, folder)
    return found


def rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_scores_are_those_of_model_recovery(found, options):
    layers = measure.layers_of(options)
    assert list(layers) == ["early", "deep"]
    x = {name: layer.values for name, layer in layers.items()}
    again = model_recovery(
        x, min(measure.reliabilities_of(options)), 3, 4, methods=("full", "pruned")
    )
    np.testing.assert_array_equal(found.measured[0]["scores"], again.scores)
    assert found.measured[2]["scores"].shape == (2, 1, 2, 1, 2)


def test_layers_are_put_in_order_and_units_drawn(options):
    layers = measure.layers_of(options)
    whole = measure.layers_of(replace(options, n_units=1000))
    assert layers["deep"].labels == layers["early"].labels == tuple(LABELS)
    late = np.random.default_rng(0)
    late.normal(size=(N, UNITS))
    np.testing.assert_array_equal(
        whole["deep"].values, late.normal(size=(N, UNITS + 5))
    )
    columns = {tuple(column) for column in whole["deep"].values.T}
    drawn = {tuple(column) for column in layers["deep"].values.T}
    assert len(drawn) == UNITS
    assert drawn < columns
    assert layers["deep"].notes[-1].endswith("40 of 45 units drawn at random")


def test_reliability_is_that_of_mean_rdms(tmp_path):
    rng = np.random.default_rng(0)
    signal = rng.normal(size=4950)
    rdms = signal + rng.normal(size=(6, 4950))
    np.save(tmp_path / "subjects.npy", rdms)
    options = Options(subjects=str(tmp_path / "subjects.npy"), reliability=(0.1,))
    found = measure.reliabilities_of(options)
    # The mean of six has noise of variance 1/6.
    assert [*found] == pytest.approx([0.1, 1 / 2, 6 / 7], abs=0.02)
    assert [*found.values()] == ["as chosen", "one subject", "mean of 6 subjects"]


def test_files(found, folder):
    for name in STUDY.files:
        assert (folder / name).stat().st_size > 0, name
    counts = [row["simulations"] for row in rows(folder, "rates")]
    assert counts == ["6"] * 8 + ["2"] * 4
    assert len(rows(folder, "confusions")) == 2 * 3 * 2 * 4
    assert len(rows(folder, "scores")) == 2 * (2 * 3 * 2 * 2 + 2 * 2)
    content = json.loads((folder / "summary.json").read_text("utf-8"))
    assert content["layers"] == {"early": UNITS, "deep": UNITS}
    assert content["chance"] == 0.5
    links = links_of(folder / "report.html")
    assert links
    assert all(link.startswith(("#", "data:image/")) for link in links)
    assert "| reweighted, held out | 0." in section("model-recovery", folder)


def test_screen(found):
    text = STUDY.screen(found)
    assert "reweighted, held out" in text
    assert "early (40), deep (40) units" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_repeated_run_takes_what_is_done(found, folder, options, monkeypatch):
    monkeypatch.setattr(measure, "model_recovery", None)
    again = STUDY.run(options, folder)
    np.testing.assert_array_equal(
        again.measured[2]["scores"], found.measured[2]["scores"]
    )
    with pytest.raises(TypeError):
        STUDY.run(replace(options, n_folds=3), folder)


def test_made_up_layers_are_alike_one_after_the_other():
    layers = measure.layers_of(Options())
    early, middle, late = (
        np.corrcoef(x.values)[np.triu_indices(24, 1)] for x in layers.values()
    )
    nearest = np.corrcoef(early, middle)[0, 1], np.corrcoef(middle, late)[0, 1]
    assert 0.2 < np.corrcoef(early, late)[0, 1] < min(nearest) < 0.95


def test_layers_and_subjects_that_will_not_do(options, tmp_path):
    with pytest.raises(ValueError, match="reliability=2: expected a correlation"):
        replace(options, reliability=(2,))
    with pytest.raises(ValueError, match="with commas between them"):
        correlations("high")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        measure.layers_of(Options(layers=("none.npz", "other.npz")))
    with pytest.raises(ValueError, match="expected as many RDMs of each subject"):
        measure.reliabilities_of(replace(options, sessions=3))
    one = Options(layers=options.layers[:1])
    with pytest.raises(ValueError, match="layers holds 1; expected at least two"):
        STUDY.run(one)
    np.savez(tmp_path / "more.npz", x=np.ones((N + 1, 3)), labels=[*LABELS, "other"])
    with pytest.raises(ValueError, match="has 13 conditions, and"):
        measure.layers_of(Options(layers=(*options.layers, str(tmp_path / "more.npz"))))
    opposite = np.random.default_rng(0).random(66)
    np.save(tmp_path / "opposite.npy", [opposite, 1 - opposite])
    with pytest.raises(ValueError, match="expected subjects that agree"):
        measure.reliabilities_of(Options(subjects=str(tmp_path / "opposite.npy")))

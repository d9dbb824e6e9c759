"""`studies.test` from Python: what the command line cannot ask, awkward results."""

import importlib
from dataclasses import replace

import numpy as np
import pytest

from jaxprune.inference import MethodScores, pool
from jaxprune.studies.test import TEST, Options, run
from jaxprune.studies.test.tables import p_text

N, M = 18, 40  # as in tests/inference/test_methods.py: kernels compile once for both
OPTIONS = {"n_permutations": 9, "n_samples": 10, "n_folds": 3, "n_random": 3}
TWO = Options(**OPTIONS, methods=("full", "pruned"))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(N, 3))
    x = np.maximum(rng.normal(size=(N, M)) + 0.3, 0)
    x[:, :12] += np.maximum(points @ rng.normal(size=(3, 12)), 0)
    t = np.linalg.norm(points[:, None] - points, axis=-1)
    noise = np.random.default_rng(1).random((3, N, N))
    return x, t + (noise + noise.swapaxes(1, 2)) * (1 - np.eye(N))


@pytest.fixture(scope="module")
def found(data):
    """Two methods, no subjects."""
    return run(data[0], data[1][0], options=TWO)


@pytest.mark.slow
def test_subjects_without_a_target_stand_for_it(data):
    x, subjects = data
    pairs = np.triu_indices(N, 1)
    pooled = pool(subjects[:, pairs[0], pairs[1]])
    alone = run(x, subjects, options=TWO)
    beside = run(x, pooled, subjects, options=TWO)
    assert alone.permutation.p_value == beside.permutation.p_value
    assert alone.subjects.ceiling.lower == beside.subjects.ceiling.lower
    np.testing.assert_array_equal(alone.permutation.null, beside.permutation.null)


def test_steps_are_said_before_they_begin(data, found, monkeypatch):
    said = []
    module = importlib.import_module("jaxprune.studies.test.measure")

    def compare_methods(*_, **__):
        assert said == ["pruning and its rivals, 3 folds of held-out conditions"]
        return found.methods

    monkeypatch.setattr(module, "compare_methods", compare_methods)
    run(data[0], data[1][0], options=TWO, report=said.append)
    assert said[1:] == ["10 bootstrap samples", "9 permutations of the whole pruning"]


def html_of(tested):
    return TEST.report(tested, TEST.draw(tested)).html()


def test_two_methods_without_subjects(found, tmp_path):
    TEST.save(found, tmp_path / "out")
    assert {p.name for p in (tmp_path / "out").iterdir()} == set(TEST.files)
    text = html_of(found)
    assert "Subjects" not in text
    assert "eweight" not in text
    assert "pruned" in TEST.screen(found)


def undefined(methods: MethodScores, folds: int) -> MethodScores:
    """The same, with no score of the pruned units in the first folds."""
    pruned = methods.folds.pruned.copy()
    pruned[:folds] = np.nan
    held_out = methods.held_out | {"pruned": pruned}
    return replace(
        methods, held_out=held_out, folds=replace(methods.folds, pruned=pruned)
    )


@pytest.mark.parametrize("folds", [1, 3, pytest.param(2, marks=pytest.mark.slow)])
def test_folds_without_a_score(found, folds, tmp_path):
    """Even where one fold is left, or none: nothing fails, or warns, or says nan."""
    changed = replace(found, methods=undefined(found.methods, folds))
    TEST.save(changed, tmp_path)
    html = html_of(changed)
    text = html.partition("<h2")[0].partition("<header>")[2]
    assert ("n.d." in text) == (folds > 1)
    screen = " ".join(TEST.screen(changed).split())
    for said in (text, screen):
        assert "nan" not in said.lower()
    # As in all tables.
    assert ("NaN" in (tmp_path / "methods.csv").read_text("utf-8")) == (folds > 1)
    assert f"{folds} of 3 folds have no score" in screen
    assert f"Pruned: {folds} of 3 folds have no score" in html
    assert "NaN" not in (tmp_path / "summary.json").read_text("utf-8")


def test_permutations_without_a_score(found, tmp_path):
    """Some, or all."""
    for count in (2, 9):
        null = found.permutation.null.copy()
        null[:count] = np.nan
        gain = null - found.permutation.null_full
        permutation = replace(found.permutation, null=null, null_gain=gain)
        TEST.save(replace(found, permutation=permutation), tmp_path)
        assert "n.d." in (tmp_path / "report.html").read_text("utf-8") or count < 9


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_folds": 1}, "n_folds=1: expected a whole number of at least 2"),
        ({"n_samples": None}, "n_samples=None: expected a whole number"),
        ({"methods": ("full", "all")}, "methods='all' is not known"),
        ({"methods": ("pruned",)}, "methods=pruned: expected full and pruned among"),
    ],
)
def test_bad_options(given, message):
    with pytest.raises(ValueError, match=message):
        Options(**given)


def test_noise_is_no_part_of_the_settings():
    options = Options(prune={"metric": "mahalanobis", "noise": np.ones(M)})
    assert options.as_dict()["prune"] == {"metric": "mahalanobis"}


@pytest.mark.parametrize(
    ("p", "text"),
    [(1.0, "= 1.000"), (0.05, "= .050"), (0.0004, "< .001"), (float("nan"), "n.d.")],
)
def test_p_values_in_words(p, text):
    assert p_text(p) == text

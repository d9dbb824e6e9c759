"""Simulated targets, and the layers that they are taken for."""

import numpy as np
import pytest

from jaxprune.inference import compare_methods, model_recovery
from jaxprune.inference.recovery import simulated

N, UNITS = 12, 40
METHODS = ("full", "pruned")


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=(N, UNITS)) for name in ("early", "late")}


@pytest.fixture(scope="module")
def found(layers):
    return model_recovery(layers, 0.9, n=4, methods=METHODS)


def test_scores_are_those_of_compare_methods(layers, found):
    rdm = 1 - np.corrcoef(layers["late"])
    pairs = np.triu_indices(N, 1)
    rng = np.random.default_rng([0, 1, 2])
    target = np.zeros((N, N))
    target[pairs] = simulated(rdm[pairs], 0.9, rng)
    target += target.T
    expected = compare_methods(layers["early"], target, methods=METHODS)
    for m, name in enumerate(METHODS):
        wanted = expected.in_sample[name], np.nanmean(expected.held_out[name])
        np.testing.assert_allclose(found.scores[1, 2, 0, m], wanted, atol=1e-10)
    assert (found.layers, found.methods) == (("early", "late"), METHODS)


def test_layers_of_their_own_are_told_apart_without_pruning(found):
    np.testing.assert_array_equal(found.confusion("full", "in-sample"), 4 * np.eye(2))
    rate = found.rate("full", "in-sample")
    assert (rate.share, rate.n) == (1, 8)
    assert rate.low < 1 == rate.high
    assert found.confusion("pruned").sum() == 8


def test_what_has_no_score_is_not_found(found):
    scores = found.scores.copy()
    scores[0, 0] = np.nan
    scores[0, 1, 0] = np.nan
    fewer = type(found)(found.layers, found.methods, 0.9, scores)
    np.testing.assert_array_equal(
        fewer.confusion("full", "in-sample"), [[2, 1], [0, 4]]
    )
    assert fewer.rate("full", "in-sample").share == 6 / 8


def test_reliability_is_the_correlation_of_two_targets():
    rng = np.random.default_rng(3)
    rdm = rng.random(300)
    pairs = [[simulated(rdm, 0.5, rng) for _ in range(2)] for _ in range(200)]
    r = np.mean([np.corrcoef(first, second)[0, 1] for first, second in pairs])
    assert abs(r - 0.5) < 0.01
    assert np.corrcoef(simulated(rdm, 1, rng), rdm)[0, 1] == pytest.approx(1)


def test_goes_on_where_it_was(layers, found, tmp_path, monkeypatch):
    first = model_recovery(layers, 0.9, 2, methods=METHODS, checkpoint=tmp_path)
    np.testing.assert_array_equal(first.scores, found.scores[:, :2])
    monkeypatch.setattr("jaxprune.inference.recovery.compare_methods", None)
    again = model_recovery(layers, 0.9, 2, methods=METHODS, checkpoint=tmp_path)
    np.testing.assert_array_equal(again.scores, first.scores)
    with pytest.raises(TypeError):
        model_recovery(layers, 0.8, 2, methods=METHODS, checkpoint=tmp_path)


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"late": None}, {}, "layers holds 1; expected at least two"),
        ({"late": np.ones((5, 3))}, {}, r"layers have \{'early': 12, 'late': 5\}"),
        ({}, {"reliability": 0}, "reliability=0: expected a correlation above 0"),
        ({}, {"n": 0}, "n=0"),
        ({}, {"methods": ["best"]}, "methods"),
        ({}, {"n_folds": 7}, "n_folds=7: expected 2 to 4"),
    ],
)
def test_bad_input(layers, changes, options, message):
    given = {k: v for k, v in {**layers, **changes}.items() if v is not None}
    with pytest.raises(ValueError, match=message):
        model_recovery(given, **{"reliability": 0.5, "n": 1, **options})

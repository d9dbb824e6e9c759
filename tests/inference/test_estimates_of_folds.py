"""What folds say together: estimates, tables, agreement, and going on later."""

import csv
import importlib
import itertools
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

import jaxprune as jp
from jaxprune.inference import (
    corrected_t,
    cross_validate,
    overlap,
    published_test,
    save_rows,
)
from tests.inference.conftest import M


def test_corrected_t_against_its_formula():
    gains = np.random.default_rng(0).normal(0.1, 0.2, 40)
    found = corrected_t(gains, ratio=24 / 96)
    variance = np.sum((gains - gains.mean()) ** 2) / 39
    error = np.sqrt((1 / 40 + 0.25) * variance)
    assert found.standard_error == pytest.approx(error, rel=1e-12)
    assert found.p_value == pytest.approx(
        1 - scipy.stats.t.cdf(gains.mean() / error, 39)
    )
    low, high = scipy.stats.t.interval(0.95, 39, gains.mean(), error)
    assert (found.low, found.high) == pytest.approx((low, high))
    naive = corrected_t(gains, ratio=0)
    theirs = scipy.stats.ttest_1samp(gains, 0, alternative="greater")
    assert (naive.t, naive.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_estimates(data, subjects):
    features, target = data
    found = cross_validate(features, target, 3, repeats=2)
    assert found.estimate() == corrected_t(found.gain, 4 / 8)
    left_out = cross_validate(features, subjects, over="subjects")
    assert left_out.estimate("pruned") == corrected_t(left_out.pruned, 1 / 3)
    both = cross_validate(features, subjects, 2, over="both")
    table = both.full.reshape(4, 2)
    of_subjects = corrected_t(table.mean(1), 1 / 3).standard_error
    of_conditions = corrected_t(table.mean(0), 6 / 6).standard_error
    estimate = both.estimate("full")
    assert estimate.standard_error == pytest.approx(
        np.hypot(of_subjects, of_conditions)
    )
    assert (estimate.mean, estimate.df) == (pytest.approx(table.mean()), 1)
    with pytest.raises(ValueError, match="what='sizes' is not known"):
        found.estimate("sizes")
    with pytest.raises(ValueError, match="confidence=95: expected a share"):
        found.estimate(confidence=95)


def test_folds_without_a_score_are_left_out_and_counted(data, subjects):
    gains, nan = np.array([0.1, 0.3, 0.2, 0.4, 0.0]), np.nan
    found, known = corrected_t([nan, *gains, nan], 1 / 6), corrected_t(gains, 1 / 6)
    assert found == replace(known, n_undefined=2)
    one = corrected_t([nan, 0.3, nan], 0.5)
    assert (one.mean, one.n_undefined) == (0.3, 2)
    assert np.isnan([one.low, one.high, one.p_value]).all()
    assert np.isnan(corrected_t([nan, nan], 0.5).mean)

    features, _ = data
    both = cross_validate(features, subjects, 2, over="both")
    full = both.full.copy()
    full[[0, 3]] = np.nan  # of subjects 0 and 1, in either fold
    estimate = replace(both, full=full).estimate("full")
    table = full.reshape(4, 2)
    of_subjects = corrected_t(np.nanmean(table, 1), 1 / 3).standard_error
    of_conditions = corrected_t(np.nanmean(table, 0), 6 / 6).standard_error
    error = np.hypot(of_subjects, of_conditions)
    assert estimate.standard_error == pytest.approx(error)
    assert estimate.mean == pytest.approx(np.nanmean(full))
    assert (estimate.n_undefined, estimate.df) == (2, 1)


def test_published_test_leaves_out_folds_without_a_score(data):
    found = cross_validate(*data, 3)
    pruned = np.append(found.pruned, np.nan)
    longer = replace(found, pruned=pruned, full=np.append(found.full, 0.5))
    assert published_test(longer) == published_test(found)


def test_no_gain_in_any_fold_is_no_evidence():
    estimate = corrected_t(np.zeros(5), 0.25)
    assert (estimate.mean, estimate.standard_error, estimate.p_value) == (0, 0, 0.5)


def test_agreement_of_the_folds(data):
    found = cross_validate(*data, 3, repeats=2)
    agreement = found.stability
    pairs = list(itertools.combinations(found.retained, 2))
    overlaps = [overlap(a, b, n_units=M) for a, b in pairs]
    for name in ("coefficient", "chance", "jaccard"):
        expected = np.mean([getattr(one, name) for one in overlaps])
        assert getattr(agreement, name) == pytest.approx(expected)
    counts = np.bincount(np.concatenate(found.retained), minlength=M)
    np.testing.assert_allclose(agreement.frequency, counts / 6)
    np.testing.assert_array_equal(agreement.always, np.flatnonzero(counts == 6))


def test_rows_as_csv(data, subjects, tmp_path):
    features, target = data
    both = cross_validate(features, subjects, 2, over="both")
    one = cross_validate(features, target, 2)
    rows = [*both.rows(layer="fc, 7"), *one.rows(layer="V1")]
    assert len(rows) == 10
    assert rows[3]["subject"] == 1
    assert rows[3]["pruned"] == both.pruned[3]
    with save_rows(rows, tmp_path / "rows.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert read[0]["layer"] == "fc, 7"
    assert float(read[3]["ceiling_lower"]) == both.ceiling_lower[3]
    assert (read[-1]["subject"], read[-1]["ceiling_upper"]) == ("", "")
    assert [row["fold"] for row in read[-2:]] == ["1", "2"]
    with pytest.raises(ValueError, match=r"rows\[1\] has columns \['b'\]"):
        save_rows([{"a": 1}, {"b": 2}], tmp_path / "no.csv")
    with pytest.raises(ValueError, match="rows is empty"):
        save_rows([], tmp_path / "no.csv")


def test_an_interrupted_run_goes_on(data, subjects, tmp_path, monkeypatch):
    features, _ = data
    options = {"n_folds": 2, "over": "both", "checkpoint": tmp_path}
    expected = cross_validate(features, subjects, **options)
    module = importlib.import_module("jaxprune.inference.cross_validation.validating")
    pruned = []

    def prune(*arguments, **given):
        pruned.append(given)
        return jp.prune(*arguments, **given)

    monkeypatch.setattr(module, "prune", prune)
    again = cross_validate(features, subjects, **options)
    assert pruned == []
    np.testing.assert_array_equal(again.pruned, expected.pruned)
    np.testing.assert_array_equal(again.sizes, expected.sizes)
    more = cross_validate(features, subjects, repeats=2, **options)
    assert len(pruned) == 8
    np.testing.assert_array_equal(more.pruned[:2], expected.pruned[:2])
    # What is not given is no setting: its address would differ in every process.
    cross_validate(features, subjects, noise=None, **options)
    assert len(pruned) == 8
    cross_validate(features + 1e-6, subjects, **options)
    assert len(pruned) == 16


def test_progress(data, capsys):
    cross_validate(*data, 2, progress=True)
    assert "cross-validation" in capsys.readouterr().err

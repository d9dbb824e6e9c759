"""Criteria that know no target, against definitions written out."""

import numpy as np
import pytest
from scipy.stats import entropy

import jaxprune as jp
from jaxprune.criteria import CRITERIA, collinearity, low_deviation, low_entropy


@pytest.fixture(scope="module")
def features():
    x = np.maximum(np.random.default_rng(0).normal(size=(9, 12)), 0)
    x[:, 3] = 0
    x[:, 4] = 0.1  # constant, with round-off in its mean
    x[:, 6] = 2 * x[:, 5]
    return x


def test_deviation(features):
    expected = [-np.std(unit) for unit in features.T]
    np.testing.assert_allclose(low_deviation(features), expected, atol=1e-15)


def test_entropy(features):
    expected = []
    for unit in features.T:
        counts, _ = np.histogram(unit, 10, (unit.min(), unit.max() or 1))
        expected.append(-entropy(counts) if np.ptp(unit) else 0.0)
    np.testing.assert_allclose(low_entropy(features), expected, atol=1e-15)


def test_collinearity(features):
    found, n = collinearity(features), features.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = np.corrcoef(features.T) ** 2
    for unit in range(n):
        if unit in (3, 4):
            assert found[unit] == 1
            continue
        others = [r2[unit, other] for other in range(n) if other not in (unit, 3, 4)]
        assert found[unit] == pytest.approx(sum(others) / (n - 1), abs=1e-14)


@pytest.mark.parametrize("name", CRITERIA)
def test_named_in_keep_lowest(features, name):
    target = np.arange(36.0)
    found = jp.keep_lowest(features, target, [6, 12], by=name)
    values = CRITERIA[name](features)
    np.testing.assert_array_equal(found.order, np.argsort(values, kind="stable"))
    # A unit that says nothing is among the last, whatever the criterion.
    assert 3 in found.order[6:]


def test_bad_input(features):
    with pytest.raises(ValueError, match="by.*expected one of|by.*choose"):
        jp.keep_lowest(features, np.arange(36.0), by="variance")
    with pytest.raises(ValueError, match=r"shape \(9, 3, 4\).*Flatten"):
        low_entropy(features.reshape(9, 3, 4))
    with pytest.raises(ValueError, match="NaN"):
        collinearity(np.full((3, 2), np.nan))

"""Scores of random units, against the slow version."""

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.inference import random_subsets
from tests import reference

N, M = 9, 24


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(N, 2))
    target = np.linalg.norm(points[:, None] - points, axis=-1)
    return rng.normal(size=(N, M)), target


def chosen(size, index, seed=0):
    source = np.random.SeedSequence(seed, spawn_key=(index,))
    rng = np.random.default_rng(source)
    return rng.choice(M, size, replace=False, shuffle=False)


@pytest.mark.parametrize(
    "options", [{}, {"metric": "euclidean", "compare": "spearman"}], ids=str
)
def test_against_the_slow_version(data, options):
    features, target = data
    found = random_subsets(features, target, 5, 30, seed=4, **options)
    slow = [
        reference.score(features[:, chosen(5, index, 4)], target, **options)
        for index in range(30)
    ]
    np.testing.assert_allclose(found.null, slow, atol=1e-10)
    assert found.mean == pytest.approx(np.mean(slow))
    assert found.sd == pytest.approx(np.std(slow))
    assert (found.size, found.n_subsets, found.seed) == (5, 30, 4)
    assert found.observed is None
    assert found.p_value is None
    np.testing.assert_allclose(
        found.quantiles([0, 0.5, 1]), np.quantile(slow, [0, 0.5, 1]), atol=1e-10
    )


def test_subsets_of_groups(data):
    features, target = data
    labels = np.arange(M) % 8
    found = random_subsets(features, target, 3, 20, groups=labels)
    sources = (np.random.SeedSequence(0, spawn_key=(index,)) for index in range(20))
    drawn = [
        np.random.default_rng(one).choice(8, 3, replace=False, shuffle=False)
        for one in sources
    ]
    slow = [
        reference.score(features[:, np.isin(labels, some)], target) for some in drawn
    ]
    np.testing.assert_allclose(found.null, slow, atol=1e-10)
    with pytest.raises(ValueError, match="expected 1 to 8, the number of groups"):
        random_subsets(features, target, 9, groups=labels)


def test_subsets_are_of_equal_size_and_uniform():
    units = np.stack([np.sort(chosen(6, index)) for index in range(2000)])
    assert (np.diff(units) > 0).all()
    count = np.bincount(units.ravel(), minlength=M)
    # 500 expected, sd 19
    assert np.abs(count - 2000 * 6 / M).max() < 5 * 19


def test_p_of_an_observed_score(data):
    features, target = data
    null = random_subsets(features, target, 5, 30).null
    observed = np.sort(null)[-4]
    found = random_subsets(features, target, 5, 30, observed=observed)
    assert found.observed == observed
    assert found.p_value == 5 / 31
    best = jp.prune(features, target)
    found = random_subsets(
        features, target, best.best_size, 30, observed=best.best_score
    )
    assert found.p_value == 1 / 31


def test_all_units_tie_with_the_full_score(data):
    found = random_subsets(*data, M, 30, observed=jp.score(*data))
    assert found.p_value == 1
    assert found.sd < 1e-12


def test_more_subsets_begin_with_the_fewer(data):
    few, many = (random_subsets(*data, 5, m).null for m in (10, 30))
    np.testing.assert_allclose(many[:10], few, atol=1e-12)
    other = random_subsets(*data, 5, 10, seed=1).null
    assert not np.array_equal(few, other)


def test_several_targets(data):
    features, target = data
    stack = np.stack([target, target**2])
    found = random_subsets(features, stack, 5, 30, observed=[0.1, 0.2])
    assert found.null.shape == (2, 30)
    assert found.mean.shape == found.sd.shape == found.p_value.shape == (2,)
    assert found.quantiles([0.1, 0.5, 0.9]).shape == (2, 3)
    for k, value in enumerate((0.1, 0.2)):
        alone = random_subsets(features, stack[k], 5, 30, observed=value)
        np.testing.assert_allclose(found.null[k], alone.null, atol=1e-12)
        assert found.p_value[k] == alone.p_value
    mean = random_subsets(features, stack, 5, 30, pool="mean", observed=0.1)
    np.testing.assert_allclose(mean.null, found.null.mean(0), atol=1e-12)
    assert isinstance(mean.p_value, float)


def test_undefined_subsets_are_left_out(data):
    """A condition that only 3 units respond to is constant in many subsets."""
    features, target = data[0].copy(), data[1]
    features[4, 3:] = 0
    found = random_subsets(features, target, 5, 30, observed=0.1)
    defined = found.null[np.isfinite(found.null)]
    assert found.n_undefined == 30 - len(defined)
    assert 5 < found.n_undefined < 25
    assert found.p_value == (np.sum(defined >= 0.1) + 1) / (len(defined) + 1)
    assert found.mean == pytest.approx(defined.mean())
    zero = random_subsets(features, target, 5, 30, undefined="zero")
    assert zero.n_undefined == 0


def test_options_of_prune(data):
    expected = random_subsets(*data, 5, 10).null
    found = random_subsets(*data, 5, 10, method="downdate", batch_size=4).null
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": 0}, "size=0: expected a whole number of at least 1"),
        ({"size": 25}, "size=25: expected 1 to 24, the number of units"),
        ({"size": 2.0}, "size=2.0"),
        ({"size": 5, "n_subsets": 0}, "n_subsets=0"),
        ({"size": 5, "seed": 0.5}, "seed=0.5"),
        ({"size": 5, "observed": [0.1, 0.2]}, r"observed has shape \(2,\).*\(\)"),
        ({"size": 1, "n_subsets": 10}, "none of 10 random subsets of size=1 has"),
    ],
)
def test_errors(data, given, message):
    with pytest.raises(ValueError, match=message):
        random_subsets(*data, **{"n_subsets": 10} | given)

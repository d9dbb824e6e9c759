"""jp.score and comparisons.compare: one RDM, one fit."""

import numpy as np
import pytest
import reference as ref
from cases import (
    ALIASES,
    EUCLIDEAN,
    FITS,
    MISSING,
    UNEQUAL,
    T,
    X,
    over_comparisons,
    over_pairs,
)
from scipy.stats import kendalltau, pearsonr, spearmanr

import jaxprune as jp
from jaxprune.comparisons import compare as compare_rdms


@over_comparisons
def test_golden_numbers(compare):
    expected = pytest.approx(FITS[compare], abs=1e-11)
    assert compare_rdms(np.array(EUCLIDEAN), T, compare) == expected
    # Every comparison ignores scale, so 6 u is as good as u.
    got = jp.score(X, ref.square(T), metric="sqeuclidean", compare=compare)
    assert isinstance(got, float)
    assert got == expected


@over_comparisons
def test_equals_rsatoolbox(features, targets, compare):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    x, t = features("dense"), targets()
    stacks = [rsatoolbox.rdm.RDMs(v[None]) for v in (ref.rdm(x), ref.condensed(t))]
    method = "corr" if compare == "pearson" else compare
    expected = rsatoolbox.rdm.compare(*stacks, method=method).item()
    assert jp.score(x, t, compare=compare) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize(
    ("compare", "function"),
    [("pearson", pearsonr), ("spearman", spearmanr), ("kendall", kendalltau)],
)
def test_equals_scipy(features, targets, compare, function):
    x, t = features("dense"), targets()
    expected = function(ref.rdm(x), ref.condensed(t)).statistic
    assert jp.score(x, t, compare=compare) == pytest.approx(expected, abs=1e-13)


@over_pairs
@pytest.mark.parametrize("kind", ["dense", "sparse", "offset", "duplicated"])
def test_equals_reference(features, targets, metric, compare, kind):
    x, t = features(kind), targets(missing=MISSING)
    expected = ref.score(x, t, metric, compare)
    got = jp.score(x, t, metric=metric, compare=compare)
    # 1 - r with r of .999 keeps three digits less.
    tolerance = 1e-11 if kind == "offset" else 1e-13
    assert got == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_aliases(features, targets, alias, name):
    x, t = features("dense"), targets()
    assert jp.score(x, t, compare=alias) == jp.score(x, t, compare=name)


def test_defaults_are_correlation_and_pearson(features, targets):
    x, t = features("dense"), targets()
    expected = jp.score(x, t, metric="correlation", compare="pearson")
    assert jp.score(x, t) == expected


@over_comparisons
def test_target_may_be_condensed(features, targets, compare):
    x, t = features("dense"), targets(missing=MISSING)
    expected = jp.score(x, t, compare=compare)
    assert jp.score(x, ref.condensed(t), compare=compare) == expected


@over_comparisons
def test_several_targets(features, targets, compare):
    x, t = features("dense"), targets(k=3, missing=UNEQUAL)
    each = jp.score(x, t, compare=compare)
    assert each.shape == (3,)
    expected = [ref.score(x, one, compare=compare) for one in t]
    np.testing.assert_allclose(each, expected, atol=1e-13)
    mean = jp.score(x, t, compare=compare, pool="mean")
    assert mean == pytest.approx(np.mean(expected), abs=1e-13)


def test_targets_from_rsatoolbox(features, targets):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    x, t = features("dense"), targets(k=2)
    rdms = rsatoolbox.rdm.RDMs(np.array([ref.condensed(one) for one in t]))
    np.testing.assert_array_equal(jp.score(x, rdms), jp.score(x, t))
    one = jp.score(x, rdms[0])
    assert np.asarray(one).item() == jp.score(x, t[0])


@over_comparisons
def test_similarity_targets(features, targets, compare):
    x, t = features("dense"), targets(missing=MISSING)
    similarity = 1 - t  # its diagonal is 1
    expected = jp.score(x, t, compare=compare)
    got = jp.score(x, similarity, compare=compare, target_kind="similarity")
    assert got == pytest.approx(expected, abs=1e-13)


def test_sign_of_a_similarity_target(features):
    x = features("dense")
    own = np.corrcoef(x)
    got = jp.score(x, own, target_kind="similarity")
    assert got == pytest.approx(1, abs=1e-12)


@over_comparisons
def test_r2_is_the_square(features, targets, compare):
    x, t = features("dense"), targets()
    r = jp.score(x, t, compare=compare)
    r2 = jp.score(x, t, compare=compare, objective="r2")
    assert r2 == pytest.approx(r**2, abs=1e-15)


def test_r2_of_several_targets_is_squared_before_the_mean(features, targets):
    x, t = features("dense"), targets(k=3)
    expected = np.mean(jp.score(x, t) ** 2)
    got = jp.score(x, t, objective="r2", pool="mean")
    assert got == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("compare", ["spearman", "tau-a", "tau-b", "rho-a"])
def test_round_off_is_not_ranked(compare):
    d = np.array([0.1 + 0.2, 0.3, 0.7, 0.2, 0.1 * 3, 0.5])
    t = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    expected = compare_rdms(d.round(3), t, compare)
    assert compare_rdms(d, t, compare) == pytest.approx(expected, abs=1e-15)
    assert compare_rdms(t, d, compare) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("compare", ["spearman", "tau-a", "tau-b", "rho-a"])
def test_log_number_target_has_ties(features, compare):
    # 8 distinct distances in mathematics; natural logarithms split them by round-off.
    x, numbers = features("dense"), 2.0 ** np.arange(9)
    t = np.abs(np.log(numbers)[:, None] - np.log(numbers))
    exact = np.abs(np.log2(numbers)[:, None] - np.log2(numbers))
    expected = ref.score(x, exact, compare=compare)
    assert len(np.unique(t)) > len(np.unique(exact))
    assert jp.score(x, t, compare=compare) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("compare", ["spearman", "tau-a", "tau-b", "rho-a"])
def test_equal_small_cosine_distances_are_tied(features, targets, compare):
    # Dissimilarities of order 1e-4 carry a round-off of eps of 1, not of 1e-4.
    x, t = features("duplicated") + 100.0, targets()
    expected = ref.score(x, t, "cosine", compare)
    got = jp.score(x, t, metric="cosine", compare=compare)
    assert got == pytest.approx(expected, abs=1e-13)


@over_comparisons
def test_constant_rdm(compare):
    # All distances between unit vectors of different axes are equal.
    x, t = np.eye(9), ref.square(np.arange(36.0))
    expected = {"tau-a": 0.0, "rho-a": 0.0}.get(compare, np.nan)
    got = jp.score(x, t, metric="sqeuclidean", compare=compare)
    if compare in ("cosine", "cosine_cov"):
        expected = ref.score(x, t, "sqeuclidean", compare)
    np.testing.assert_allclose(got, expected, atol=1e-15)
    if np.isnan(expected):
        zero = jp.score(x, t, metric="sqeuclidean", compare=compare, undefined="zero")
        assert zero == 0.0

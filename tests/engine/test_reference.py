"""The slow reference against scipy, rsatoolbox and published numbers; no jaxprune."""

import numpy as np
import pytest
import reference as ref
from cases import COMPARISONS, CORRELATION, EUCLIDEAN, FITS, METRICS, NAN, T, X
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, pearsonr, spearmanr


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["dense", "heavy", "offset", "tiny", "huge"])
def test_rdm_equals_scipy(features, metric, kind):
    x = features(kind)
    expected = pdist(x, metric)
    np.testing.assert_allclose(
        ref.rdm(x, metric), expected, rtol=1e-12, atol=1e-15 * expected.max() + 1e-300
    )


def test_rdm_golden_numbers():
    np.testing.assert_allclose(ref.rdm(X), CORRELATION, atol=1e-11)
    np.testing.assert_allclose(ref.rdm(X, "sqeuclidean") / 6, EUCLIDEAN, rtol=1e-11)


def test_rdm_equals_rsatoolbox(features):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    x = features("dense")
    data = rsatoolbox.data.Dataset(x)
    by_name = {
        name: rsatoolbox.rdm.calc_rdm(data, method=name).dissimilarities[0]
        for name in ("correlation", "euclidean")
    }
    np.testing.assert_allclose(ref.rdm(x), by_name["correlation"], atol=1e-14)
    squared = by_name["euclidean"] * x.shape[1]
    np.testing.assert_allclose(ref.rdm(x, "sqeuclidean"), squared, rtol=1e-13)


def test_constant_rows_are_found_by_equality():
    x = np.array([[0.1, 0.1, 0.1], [1.0, 2.0, 4.0], [3.0, 1.0, 2.0]])
    assert np.isnan(ref.rdm(x)[:2]).all()
    assert ref.rdm(x, undefined="zero")[:2].tolist() == [1.0, 1.0]
    assert not np.isnan(ref.rdm(x, "cosine")).any()
    x[0] = 0.0
    assert np.isnan(ref.rdm(x, "cosine")).tolist() == [True, True, False]
    assert ref.rdm(x, "cosine", "zero")[:2].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", COMPARISONS)
def test_compare_golden_numbers(name):
    assert ref.compare(EUCLIDEAN, T, name) == pytest.approx(FITS[name], abs=1e-11)


@pytest.mark.parametrize("name", COMPARISONS)
def test_compare_equals_rsatoolbox(features, targets, name):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    d = ref.rdm(features("dense")).round(1)
    t = ref.condensed(targets())
    stacks = [rsatoolbox.rdm.RDMs(v[None]) for v in (d, t)]
    method = "corr" if name == "pearson" else name
    expected = rsatoolbox.rdm.compare(*stacks, method=method).item()
    assert ref.compare(d, t, name) == pytest.approx(expected, abs=1e-14)


def test_compare_equals_scipy_with_missing_pairs(features, targets):
    d = ref.rdm(features("dense")).round(1)
    t = ref.condensed(targets(missing=[(0, 3), (2, 5)]))
    kept = ~np.isnan(t)
    assert kept.sum() == len(t) - 2
    for name, function in [
        ("pearson", pearsonr),
        ("spearman", spearmanr),
        ("kendall", kendalltau),
    ]:
        expected = function(d[kept], t[kept]).statistic
        assert ref.compare(d, t, name) == pytest.approx(expected, abs=1e-14)


def test_constant_rdm():
    flat = np.full(10, 0.1)
    for name, expected in [("pearson", NAN), ("spearman", NAN), ("tau-b", NAN)]:
        np.testing.assert_equal(ref.compare(flat, T, name), expected)
    assert ref.compare(flat, T, "tau-a") == ref.compare(flat, T, "rho-a") == 0
    assert np.isnan(ref.compare(np.zeros(10), T, "cosine"))
    assert ref.compare(flat, T, "cosine") > 0
    # Round-off around a constant is still a constant.
    noise = 1e-16 * np.arange(10)
    assert np.isnan(ref.compare(1 + noise, T, "pearson"))
    assert np.isnan(ref.compare(1 + noise, T, "spearman"))
    assert np.isnan(ref.compare(noise, T, "cosine", scale=1.0))


def test_ranks_do_not_rank_round_off():
    values = np.array([0.1 + 0.2, 0.3, 0.7, 0.1 * 3, 0.2])
    assert ref.ranks(values).tolist() == [3, 3, 5, 3, 1]
    # A chain of close neighbours is one group, however long.
    assert (ref.ranks(1 + 1e-14 * np.arange(9)) == 5).all()


def test_cosine_of_one_positive_unit_is_undefined(targets):
    x = np.random.default_rng(0).uniform(0.1, 3, size=(9, 1))
    for name in ("pearson", "cosine", "spearman", "tau-b"):
        assert np.isnan(ref.score(x, targets(), "cosine", name))


def test_leave_one_out_and_ranking(features, targets):
    x, t = features("fragile"), targets()
    loo = ref.leave_one_out(x, t)
    assert np.flatnonzero(np.isnan(loo.importance)).tolist() == [5, 9]
    order = ref.ranking(loo.importance)
    assert order[:2].tolist() == [5, 9]
    assert (np.diff(loo.importance[order[2:]]) <= 0).all()
    assert ref.ranking(np.array([1.0, NAN, 2.0, 1.0, NAN])).tolist() == [1, 4, 2, 0, 3]
    for k in (0, 7):
        without = ref.score(np.delete(x, k, 1), t)
        expected = loo.full_score - without
        assert loo.importance[k] == pytest.approx(expected, abs=1e-14)


def test_prune_recovers_informative_units():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(12, 30))
    result = ref.prune(x, ref.square(ref.rdm(x[:, :6])))
    assert result.best_score > result.full_score
    assert result.curve[-1] == pytest.approx(result.full_score, abs=1e-14)
    assert set(range(6)) & set(result.retained.tolist())
    assert result.best_size == len(result.retained)

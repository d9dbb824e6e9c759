"""Paired tests over layers: against scipy, statsmodels and by hand."""

import numpy as np
import pytest
from scipy.stats import ttest_rel, wilcoxon

from jaxprune.inference import paired_tests


def scores(layers=5, subjects=12, gain=0.02, seed=0):
    rng = np.random.default_rng(seed)
    full = rng.uniform(0.1, 0.5, size=(layers, subjects))
    gains = gain * np.arange(layers)[:, None] + 0.03 * rng.normal(size=full.shape)
    return full + gains, full


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(
    ("test", "function"), [("signed_rank", wilcoxon), ("t", ttest_rel)]
)
def test_equals_scipy(test, function, alternative):
    first, second = scores()
    found = paired_tests(first, second, test=test, alternative=alternative)
    for layer in range(5):
        one = function(first[layer], second[layer], alternative=alternative)
        assert found.statistic[layer] == pytest.approx(one.statistic, rel=1e-9)
        assert found.p[layer] == pytest.approx(one.pvalue, rel=1e-9)
    np.testing.assert_allclose(found.difference, (first - second).mean(1), atol=1e-12)
    assert (found.n_subjects, found.test) == (12, test)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
def test_false_discovery_rate_equals_statsmodels(alpha):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    found = paired_tests(*scores(layers=9, gain=0.01), alpha=alpha)
    significant, q, *_ = multitest.multipletests(found.p, alpha, method="fdr_bh")
    np.testing.assert_allclose(found.q, q, rtol=1e-12)
    np.testing.assert_array_equal(found.significant, significant)
    assert 0 < found.significant.sum() < 9


def test_one_layer():
    first, second = scores()
    alone = paired_tests(first[3], second[3])
    assert alone.p.shape == (1,)
    assert alone.q[0] == alone.p[0] == paired_tests(first, second).p[3]


def test_names():
    assert paired_tests(*scores(2), names=["V1", "IT"]).names == ("V1", "IT")
    assert paired_tests(*scores(2)).names == ("0", "1")


@pytest.mark.parametrize("test", ["signed_rank", "t"])
def test_layer_without_a_difference(test):
    # Round-off is not a difference.
    first, second = scores(3)
    first[1] = second[1] * (1 + 1e-15)
    found = paired_tests(first, second, test=test)
    assert (found.statistic[1], found.p[1]) == (0, 1)
    assert not found.significant[1]
    assert np.isfinite(found.q).all()


def test_round_off_does_not_break_ties():
    first, second = np.array([0.5, 0.4, 0.4, 0.1]), np.array([0.4, 0.5, 0.3, 0.2])
    assert len(np.unique(np.abs(first - second))) > 1
    assert paired_tests(first, second).p[0] == 1


def test_smallest_p_of_signed_ranks():
    second = np.linspace(0.1, 0.3, 4)
    found = paired_tests(second + [0.1, 0.2, 0.3, 0.4], second)
    assert found.p[0] == pytest.approx(2 / 2**4)


def test_same_difference_for_all():
    second = np.array([[0.1, 0.2, 0.4]])
    assert paired_tests(second + 0.1, second).p[0] == pytest.approx(0.25)
    with pytest.raises(ValueError, match=r"differ by 0.1.*'IT'.*signed_rank"):
        paired_tests(second + 0.1, second, test="t", names=["IT"])


NAN = scores()[0]
NAN[2, 4] = np.nan


@pytest.mark.parametrize(
    ("first", "second", "options", "message"),
    [
        (*scores(subjects=1), {}, r"1 subject\(s\).*at least 2"),
        (scores()[0], scores(4)[1], {}, r"\(5, 12\).*\(4, 12\)"),
        (np.ones((2, 2, 2)), np.ones((2, 2, 2)), {}, "layers, subjects"),
        (NAN, scores()[1], {}, "first is nan for layer 2, subject 4"),
        (scores()[1], NAN, {}, "second is nan"),
        (*scores(), {"test": "sign"}, "test='sign'"),
        (*scores(), {"alternative": "larger"}, "alternative='larger'"),
        (*scores(), {"names": ["V1"]}, r"names has 1 name\(s\).*5 layer"),
        (*scores(), {"alpha": 5}, "alpha=5"),
    ],
)
def test_refuses(first, second, options, message):
    with pytest.raises(ValueError, match=message):
        paired_tests(first, second, **options)

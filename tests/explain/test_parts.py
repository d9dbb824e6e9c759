"""Numbers of an explanation, against definitions that go through units one by one."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from jaxprune.explain import (
    contrast,
    explained_variance,
    kinds_of,
    pair_gains,
    position_map,
    profiles,
    responses,
    shares_of,
)
from tests import reference
from tests.engine.cases import COMPARISONS, MISSING
from tests.explain.results import UNITS, N, result_of

ORDER = np.random.default_rng(5).permutation(UNITS)
MASK = np.isin(np.arange(UNITS), ORDER[:7])


@pytest.mark.parametrize("objective", ["r", "r2"])
@pytest.mark.parametrize("compare", COMPARISONS)
def test_contributions_of_pairs_sum_to_the_gain(features, targets, compare, objective):
    target = targets(missing=MISSING)
    given = features(), target, ORDER, 7
    result = result_of(*given, compare=compare, objective=objective)
    found = pair_gains(result)
    gain = result.best_score - result.full_score
    assert abs(np.nansum(found.pairs) - gain) < 1e-12
    assert abs(found.conditions.sum() - gain) < 1e-12
    np.testing.assert_array_equal(np.isnan(found.pairs), np.isnan(result.target_rdm))
    repaired, damaged = found.most(3)
    assert found.pairs[repaired[0]] == np.nanmax(found.pairs) > 0
    assert found.pairs[damaged[0]] == np.nanmin(found.pairs) < 0


@pytest.mark.parametrize("semi", [False, True])
@pytest.mark.parametrize("compare", ["pearson", "spearman", "cosine"])
def test_contributions_given_controls(features, targets, compare, semi):
    target, controls = targets(missing=MISSING), targets(2, seed=3)
    result = result_of(features(), target, ORDER, 7, compare=compare)
    controls = np.stack([reference.condensed(control) for control in controls])
    kept = ~np.isnan(result.target_rdm)

    def seen(vector):
        vector = stats.rankdata(vector[kept]) if compare == "spearman" else vector[kept]
        return vector - (vector.mean() if compare != "cosine" else 0)

    known = np.stack([seen(control) for control in controls], axis=1)

    def rest(vector):
        return vector - known @ np.linalg.lstsq(known, vector)[0]

    def score(rdm):
        t, d = rest(seen(result.target_rdm)), seen(rdm)
        d = d if semi else rest(d)
        return t @ d / np.sqrt((t @ t) * (d @ d))

    gain = score(result.pruned_rdm) - score(result.full_rdm)
    settings = replace(result.settings, controls=2, semi=semi)
    with_controls = replace(result, settings=settings)
    found = pair_gains(with_controls, controls=controls)
    assert abs(np.nansum(found.pairs) - gain) < 1e-12
    with pytest.raises(ValueError, match="0 given; the result has 2"):
        pair_gains(with_controls)


def test_contributions_to_a_mean_over_targets(features, targets):
    stack = targets(2)
    results = [result_of(features(), target, ORDER, 7) for target in stack]
    fields = {**results[0].__dict__}
    fields["target_rdm"] = np.stack([result.target_rdm for result in results])
    pooled = type(results[0])(**fields)
    expected = np.mean([pair_gains(result).pairs for result in results], axis=0)
    np.testing.assert_allclose(pair_gains(pooled).pairs, expected, atol=1e-15)


def test_a_score_of_triplets_is_no_sum_over_pairs(features, targets):
    result = result_of(features(), targets(), ORDER, 7)
    object.__setattr__(result.settings, "compare", "accuracy")
    with pytest.raises(ValueError, match="accuracy of triplets"):
        pair_gains(result)


def test_shares_of_channels_and_positions():
    channel, y, x = np.indices((4, 2, 3)).reshape(3, -1)
    found = shares_of("channel", channel, MASK)
    assert found is not None
    for name, units, retained in zip(
        found.names, found.units, found.retained, strict=True
    ):
        assert (units, retained) == (6, MASK[channel == name].sum())
    assert (np.diff(found.share) <= 0).all()
    assert (found.low <= found.high).all()
    positions = position_map({"channel": channel, "y": y, "x": x}, MASK)
    assert positions is not None
    for row, column in np.ndindex(2, 3):
        here = (y == row) & (x == column)
        assert positions.retained[row, column] == MASK[here].sum()
    # Every unit its own channel, or all in one, says nothing.
    assert shares_of("channel", np.arange(UNITS), MASK) is None
    assert shares_of("layer", np.zeros(UNITS), MASK) is None
    assert position_map({"channel": channel}, MASK) is None


def test_random_units_are_within_the_band_and_crowded_ones_beyond_it():
    rng = np.random.default_rng(0)
    channel = np.repeat(np.arange(50), 40)
    random = np.isin(np.arange(2000), rng.choice(2000, 500, replace=False))
    crowded = channel < 13
    outside = []
    for mask in (random, crowded):
        found = shares_of("channel", channel, mask)
        outside.append(np.mean((found.share < found.low) | (found.share > found.high)))
    assert outside[0] < 0.15
    assert outside[1] > 0.9


def test_responses_and_their_contrast(features):
    x = features()
    found = responses(x, {"retained": np.flatnonzero(MASK), "none": np.zeros(0, int)})
    assert [one.name for one in found] == ["retained"]
    np.testing.assert_allclose(found[0].mean, x[:, MASK].mean(1))
    strongest, weakest = found[0].extremes(2)
    np.testing.assert_array_equal(strongest, np.argsort(-found[0].mean)[:2])
    np.testing.assert_array_equal(weakest, np.argsort(found[0].mean)[:2])
    z = stats.zscore(x, axis=0)
    x[:, 3] = 2.5  # constant: in no set
    kept = np.arange(UNITS) != 3
    expected = z[:, MASK & kept].mean(1) - z[:, ~MASK & kept].mean(1)
    np.testing.assert_allclose(contrast(x, MASK).mean, expected, atol=1e-12)


def test_explained_variance_is_that_of_scipy(features):
    x = features("sparse")
    numbers = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5])
    words = np.array(list("aabbccabc"))
    line, between = explained_variance(x, numbers), explained_variance(x, words)
    for unit in range(UNITS):
        column = x[:, unit]
        if np.ptp(column) == 0:
            assert np.isnan([line[unit], between[unit]]).all()
            continue
        r = stats.pearsonr(column, numbers).statistic
        f = stats.f_oneway(*(column[words == word] for word in "abc")).statistic
        assert line[unit] == pytest.approx(r**2, abs=1e-12)
        # F = (eta² / 2) / ((1 - eta²) / 6)
        assert between[unit] == pytest.approx(f / (f + 3), abs=1e-12)


def test_profiles_beside_random_sets(features):
    x, numbers = features(), np.arange(9.0)
    (found,) = profiles(x, MASK, {"number": numbers})
    share = explained_variance(x, numbers)
    assert found.retained == pytest.approx(share[MASK].mean())
    assert found.dropped == pytest.approx(share[~MASK].mean())
    rng = np.random.default_rng(0)
    drawn = [share[rng.permutation(UNITS)[:7]].mean() for _ in range(20_000)]
    assert found.chance == pytest.approx(np.mean(drawn), abs=1e-3)
    assert found.chance_sd == pytest.approx(np.std(drawn), rel=0.02)


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (np.zeros(9), "all values are the same"),
        (np.r_[np.nan, np.arange(8)], "1 values are NaN"),
        (list("abcdefghi"), "9 categories for 9 conditions"),
        (np.arange(4), "expected one value for each of 9"),
    ],
)
def test_factors_that_cannot_be_used(features, factor, message):
    with pytest.raises(ValueError, match=rf"factors\['number'\]: .*{message}"):
        profiles(features(), MASK, {"number": factor})


def test_units_that_respond_alike_are_of_a_kind():
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(3, N))
    kind = np.repeat([0, 1, 2], [9, 5, 3])
    signs = rng.choice([-1, 1], len(kind))
    units = (patterns[kind] * signs[:, None] + 0.02 * rng.normal(size=(17, N))).T
    units = np.column_stack([units, np.full(N, 0.7)])
    found = kinds_of(units, 3)
    np.testing.assert_array_equal(found.kind, [*kind, -1])
    assert found.sizes.tolist() == [9, 5, 3]
    assert (found.similarity > 0.99).all()
    for profile, pattern in zip(found.profiles, patterns, strict=True):
        assert abs(np.corrcoef(profile, pattern)[0, 1]) > 0.99


def test_units_beyond_those_clustered_join_the_kind_they_are_most_like(monkeypatch):
    monkeypatch.setattr("jaxprune.explain.redundancy.CLUSTERED", 6)
    patterns = np.random.default_rng(1).normal(size=(2, N))
    kind = np.array([0, 1, 0, 1, 0, 0, 1, 0, 1, 0])
    found = kinds_of(patterns[kind].T, 2)
    np.testing.assert_array_equal(found.kind, kind)
    assert found.clustered == 6


def test_units_that_never_vary_are_of_no_kind():
    found = kinds_of(np.ones((N, 3)), 4)
    assert found.kind.tolist() == [-1, -1, -1]
    assert len(found.sizes) == 0
    with pytest.raises(ValueError, match="n_kinds=0"):
        kinds_of(np.eye(N), 0)

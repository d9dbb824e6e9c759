"""Units of several targets compared: against the same done with public functions."""

from itertools import combinations

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.inference import compare_targets, cross_validate, overlap
from jaxprune.inference.cross_validation.folds import random_folds

N, UNITS = 12, 40


@pytest.fixture(scope="module")
def data():
    """Features that follow two dimensions, and subjects who judge one or the other."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, N))
    features = rng.normal(size=(N, UNITS))
    features[:, :5] += 3 * a[:, None]
    features[:, 5:10] += 3 * b[:, None]
    noise = rng.random((2, 3, N, N))
    noise = (noise + noise.swapaxes(2, 3)) * (1 - np.eye(N))
    first, second = (
        np.abs(x[:, None] - x) + some for x, some in zip((a, b), noise, strict=True)
    )
    return features, first, second


@pytest.fixture(scope="module")
def found(data):
    features, first, second = data
    return compare_targets(features, first, second, names=["one", "other"])


def test_sets_are_those_of_prune(data, found):
    features, *targets = data
    for i, target in enumerate(targets):
        pruning = jp.prune(features, target, pool="mean")
        np.testing.assert_array_equal(found.retained[i], pruning.retained)
        assert found.pruned[i] == pytest.approx(pruning.best_score, abs=1e-12)
        assert found.full[i] == pytest.approx(pruning.full_score, abs=1e-12)
    assert found.overlap(0, 1) == overlap(*found.retained, n_units=UNITS)
    assert (found.names, found.n_subjects) == (("one", "other"), (3, 3))


def test_transfer_is_scored_on_conditions_that_took_no_part(data, found):
    features, *targets = data
    folds = random_folds(N, None, 1, 0)
    assert found.transfer.shape == (len(folds), 3, 2)
    one = folds[1]
    kept = np.setdiff1d(np.arange(N), one.held_out)
    inside, outside = np.ix_(kept, kept), np.ix_(one.held_out, one.held_out)
    masks = [np.ones(UNITS)]
    for target in targets:
        among = np.array([rdm[inside] for rdm in target])
        masks.append(jp.prune(features[kept], among, pool="mean").mask)
    for j, target in enumerate(targets):
        among = np.array([rdm[outside] for rdm in target])
        full, *sets = jp.score_masks(
            features[one.held_out], among, np.array(masks), pool="mean"
        )
        np.testing.assert_allclose(found.transfer[1, :, j], [*sets, full], atol=1e-12)
    s = found.transfer.mean(0)
    own = (s[0, 0] - s[1, 0] + s[1, 1] - s[0, 1]) / 2
    assert found.specificity(0, 1).mean == pytest.approx(own)
    assert found.specificity(1, 0).mean == pytest.approx(own)
    assert own > 0.3


def test_swapped_subjects_are_pruned_for_anew(data, found):
    """All ways to make two groups of three, by `prune` itself."""
    features, first, second = data
    both = np.concatenate([first, second])
    expected = []
    for way in combinations(range(6), 3):
        rest = np.setdiff1d(np.arange(6), way)
        sets = [jp.prune(features, both[[*g]], pool="mean").mask for g in (way, rest)]
        expected.append((sets[0] & sets[1]).sum() / (sets[0] | sets[1]).sum())
    np.testing.assert_allclose(found.null[0, 1], expected)
    assert found.exhaustive[0, 1]
    observed = found.overlap(0, 1).jaccard
    assert expected[0] == pytest.approx(observed)
    share = np.mean(np.array(expected) <= observed + 1e-9)
    # Each division into two groups is there twice, so no p is below 2 / 20.
    assert found.p_value(0, 1) == found.p_value(1, 0) == share == 0.1


def test_random_swaps_depend_on_the_seed_alone(data, found):
    features, first, second = data
    few = compare_targets(features, first, second, n_permutations=5)
    more = compare_targets(features, first, second, n_permutations=8)
    np.testing.assert_array_equal(few.null[0, 1], more.null[0, 1][:5])
    assert not few.exhaustive[0, 1]
    b = (few.null[0, 1] <= found.overlap(0, 1).jaccard + 1e-9).sum()
    assert few.p_value(0, 1) == (b + 1) / 6
    assert few.names == ("1", "2")


def test_three_targets_of_one_subject_have_nothing_to_swap(data):
    features, first, second = data
    found = compare_targets(features, first[0], second[0], first[1])
    assert found.null == {}
    assert np.isnan(found.p_value(0, 2))
    assert found.pairs == ((0, 1), (0, 2), (1, 2))
    alone = cross_validate(features, first[0], seed=0)
    np.testing.assert_allclose(found.transfer[:, 0, 0], alone.pruned, atol=1e-12)
    np.testing.assert_allclose(found.transfer[:, 3, 0], alone.full, atol=1e-12)
    mean = found.estimate(0, 0)
    assert (mean.mean, mean.low) == pytest.approx(
        (alone.estimate("pruned").mean, alone.estimate("pruned").low)
    )


@pytest.mark.parametrize(
    ("n_targets", "options", "message"),
    [
        (1, {}, "targets: 1 given; expected at least two"),
        (2, {"names": ["a"]}, r"names=\['a'\]: expected 2 different names"),
        (2, {"names": ["a", "a"]}, "expected 2 different names"),
        (2, {"search": "backward"}, "search='backward': compare_targets ranks"),
        (2, {"n_permutations": -1}, "n_permutations=-1"),
        (2, {"n_folds": 9}, "n_folds=9: expected 2 to 4"),
    ],
)
def test_bad_input(data, n_targets, options, message):
    features, first, _ = data
    with pytest.raises(ValueError, match=message):
        compare_targets(features, *[first] * n_targets, **options)


def test_a_target_that_does_not_fit_is_named(data):
    features, first, second = data
    with pytest.raises(ValueError, match=r"\(target 'b'\)"):
        compare_targets(features, first, second[:, :5, :5], names=["a", "b"])

"""Held-out conditions, against a slow version that deletes rows and columns."""

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.inference import cross_validate
from tests import reference

N, M = 12, 15
GROUPS = np.array(list("abcabcabcabc"))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    number = np.log(np.tile([6, 10, 17, 29], 3))
    features = rng.random((N, M))
    features[:, :5] += number[:, None] * rng.normal(size=5)
    return features, np.abs(number[:, None] - number)


def slow(features, target, held_out, **options):
    """Full and pruned score on both sides, and the units: one fold."""
    kept = [i for i in range(len(features)) if i not in held_out]
    chosen = reference.prune(features[kept], target[np.ix_(kept, kept)], **options)
    units = np.sort(chosen.order[: chosen.best_size])
    there = target[np.ix_(held_out, held_out)]
    test = [
        reference.score(features[held_out][:, columns], there, **options)
        for columns in (slice(None), units)
    ]
    return *test, chosen.full_score, chosen.best_score, units


@pytest.mark.parametrize(
    "options",
    [
        {"n_folds": 3, "seed": 5},
        {"groups": GROUPS, "metric": "euclidean", "compare": "spearman"},
    ],
)
def test_against_the_slow_version(data, options):
    found = cross_validate(*data, **options)
    engine = {k: v for k, v in options.items() if k in ("metric", "compare")}
    for fold, held_out in enumerate(found.held_out):
        full, pruned, train_full, train_pruned, units = slow(*data, held_out, **engine)
        assert found.full[fold] == pytest.approx(full, abs=1e-10)
        assert found.pruned[fold] == pytest.approx(pruned, abs=1e-10)
        assert found.train_full[fold] == pytest.approx(train_full, abs=1e-10)
        assert found.train_pruned[fold] == pytest.approx(train_pruned, abs=1e-10)
        np.testing.assert_array_equal(found.retained[fold], units)
        assert found.sizes[fold] == len(units)
    np.testing.assert_array_equal(found.gain, found.pruned - found.full)


def test_every_condition_is_held_out_once(data):
    found = cross_validate(*data, 3, seed=1)
    assert sorted(np.concatenate(found.held_out)) == list(range(N))
    assert [len(part) for part in found.held_out] == [4, 4, 4]
    assert found.names == ("1", "2", "3")
    again = cross_validate(*data, 3, seed=1)
    other = cross_validate(*data, 3, seed=2)
    np.testing.assert_array_equal(again.pruned, found.pruned)
    assert not np.array_equal(other.held_out[0], found.held_out[0])


def test_groups_are_held_out_in_order_of_their_labels(data):
    found = cross_validate(*data, groups=GROUPS)
    assert found.names == ("a", "b", "c")
    for name, held_out in zip(found.names, found.held_out, strict=True):
        np.testing.assert_array_equal(held_out, np.flatnonzero(name == GROUPS))


def test_held_out_conditions_do_not_decide(data):
    """Whatever the held-out responses are, the same units are chosen."""
    features, target = data
    before = cross_validate(features, target, 3)
    changed = features.copy()
    held_out = before.held_out[0]
    changed[held_out] = np.random.default_rng(9).random((len(held_out), M))
    after = cross_validate(changed, target, 3)
    np.testing.assert_array_equal(after.retained[0], before.retained[0])
    assert after.train_pruned[0] == before.train_pruned[0]
    assert after.pruned[0] != before.pruned[0]


def test_similarities_and_condensed_targets(data):
    features, target = data
    expected = cross_validate(features, target, 3)
    i, j = np.triu_indices(N, 1)
    condensed = cross_validate(features, target[i, j], 3)
    similar = cross_validate(features, 1 - target, 3, target_kind="similarity")
    np.testing.assert_allclose(condensed.pruned, expected.pruned, atol=1e-12)
    np.testing.assert_allclose(similar.pruned, expected.pruned, atol=1e-12)


def test_noise_gains_in_sample_only():
    """Selection makes a score of noise, and held-out conditions show it."""
    rng = np.random.default_rng(3)
    features, points = rng.random((N, 60)), rng.random(N)
    found = cross_validate(features, np.abs(points[:, None] - points), groups=GROUPS)
    assert (found.train_pruned - found.train_full).min() > 0.2
    assert found.gain.mean() < 0.1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_folds": 1}, "n_folds=1: expected 2 to 4 for 12 conditions"),
        ({"n_folds": 5}, "n_folds=5: expected 2 to 4"),
        ({"groups": GROUPS[:4]}, r"groups has shape \(4,\).*each of 12"),
        ({"groups": GROUPS, "n_folds": 3}, "n_folds=3; expected .* no n_folds"),
        ({"groups": [0] * 12}, "sizes {0: 12}; expected at least 2 groups"),
        ({"groups": [0] * 2 + [1] * 10}, "sizes {0: 2, 1: 10}.*Join small"),
        ({"compare": "no"}, "compare='no' is not known"),
    ],
)
def test_errors(data, given, message):
    with pytest.raises(ValueError, match=message):
        cross_validate(*data, **given)


def test_several_targets(data):
    features, target = data
    with pytest.raises(ValueError, match="target holds 2 RDMs; expected one"):
        cross_validate(features, np.stack([target, target]))


def test_a_fold_without_a_score_is_named(data):
    features, _ = data
    target = 1 - np.eye(N)
    target[:3, 3:] = target[3:, :3] = 2
    with pytest.raises(ValueError, match=r"target is constant.*fold '0', which holds"):
        cross_validate(features, target, groups=np.arange(N) // 3)


def test_a_silent_condition_is_named(data):
    features, target = data
    features = features.copy()
    features[7] = 0
    with pytest.raises(ValueError, match="fold 'a'"):
        cross_validate(features, target, groups=GROUPS)


def test_equal_to_the_public_functions(data):
    features, target = data
    found = cross_validate(features, target, 2)
    held_out = found.held_out[1]
    there = target[np.ix_(held_out, held_out)]
    assert found.full[1] == pytest.approx(jp.score(features[held_out], there))

"""Held-out conditions, against a slow version that deletes rows and columns."""

import jax
import numpy as np
import pytest
import scipy.stats

import jaxprune as jp
from jaxprune.inference import (
    PROTOCOLS,
    cross_validate,
    published_test,
)
from tests import reference
from tests.inference.conftest import M, N

GROUPS = np.array(list("abcabcabcabc"))


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
        {"condition_groups": GROUPS, "metric": "euclidean", "compare": "spearman"},
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
    found = cross_validate(*data, condition_groups=GROUPS)
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
    found = cross_validate(
        features, np.abs(points[:, None] - points), condition_groups=GROUPS
    )
    assert (found.train_pruned - found.train_full).min() > 0.2
    assert found.gain.mean() < 0.1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_folds": 1}, "n_folds=1: expected 2 to 4 for 12 conditions"),
        ({"n_folds": 5}, "n_folds=5: expected 2 to 4"),
        ({"condition_groups": GROUPS[:4]}, r"groups has shape \(4,\).*each of 12"),
        (
            {"condition_groups": GROUPS, "n_folds": 3},
            "n_folds=3, .* expected no n_folds",
        ),
        (
            {"condition_groups": GROUPS, "repeats": 2},
            "repeats=2; expected .* no repeats",
        ),
        ({"repeats": 0}, "repeats=0: expected a whole number of at least 1"),
        ({"repeats": 2, "seed": (1, 2, 3)}, "seed holds 3 seeds, and repeats=2"),
        ({"over": "subject"}, "over='subject' is not known"),
        ({"over": "both"}, "RDMs of 1 subject, and over='both'"),
        ({"metric": "no"}, "metric='no' is not known"),
        ({"condition_groups": [0] * 12}, "sizes {0: 12}; expected at least 2 groups"),
        ({"condition_groups": [0] * 2 + [1] * 10}, "sizes {0: 2, 1: 10}.*Join small"),
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
        cross_validate(features, target, condition_groups=np.arange(N) // 3)


def test_a_silent_condition_is_named(data):
    features, target = data
    features = features.copy()
    features[7] = 0
    with pytest.raises(ValueError, match="fold 'a'"):
        cross_validate(features, target, condition_groups=GROUPS)


def test_equal_to_the_public_functions(data):
    features, target = data
    found = cross_validate(features, target, 2)
    held_out = found.held_out[1]
    there = target[np.ix_(held_out, held_out)]
    assert found.full[1] == pytest.approx(jp.score(features[held_out], there))


# --- repeats --------------------------------------------------------------------------


def test_repeats_are_fresh_splits_of_one_seed_or_of_each(data):
    found = cross_validate(*data, 3, repeats=2, seed=1)
    first = cross_validate(*data, 3, seed=1)
    np.testing.assert_array_equal(found.pruned[:3], first.pruned)
    assert found.repeats.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.names == ("1", "2", "3") * 2
    assert sorted(np.concatenate(found.held_out[3:])) == list(range(N))
    assert not np.array_equal(found.held_out[0], found.held_out[3])
    each = cross_validate(*data, 3, seed=(1, 2))
    np.testing.assert_array_equal(each.held_out[0], first.held_out[0])
    second = cross_validate(*data, 3, seed=2)
    np.testing.assert_array_equal(each.held_out[3], second.held_out[0])


def test_folds_of_two_sizes_compile_twice_at_most(data):
    """Sixteen folds later, nothing has been compiled again."""
    features, target = data
    keep = np.arange(N - 1)  # 11 conditions in 3 folds: 4, 4 and 3
    features, target = features[keep], target[np.ix_(keep, keep)]
    compiled = []

    def listener(name, duration, **others):
        if name.endswith("backend_compile_duration"):
            compiled.append(name)

    cross_validate(features, target, 3, seed=0)
    jax.monitoring.register_event_duration_secs_listener(listener)
    try:
        cross_validate(features, target, 3, seed=1, repeats=4)
    finally:
        jax.monitoring.unregister_event_duration_listener(listener)
    assert compiled == []


# --- the published protocol -----------------------------------------------------------


def test_protocol_of_tarigopula():
    rng = np.random.default_rng(2)
    features, points = rng.random((20, 40)), rng.random(20)
    features[:, :10] += 3 * points[:, None] * rng.normal(size=10)
    target = np.abs(points[:, None] - points)
    found = cross_validate(features, target, **PROTOCOLS["tarigopula2023"])
    assert len(found.gain) == 40
    assert {len(held_out) for held_out in found.held_out} == {4}
    assert found.train_full.min() >= 0  # squares
    published = published_test(found)
    theirs = scipy.stats.ttest_rel(found.pruned, found.full, alternative="greater")
    assert published.t == pytest.approx(theirs.statistic)
    assert published.p_value == pytest.approx(theirs.pvalue)
    error = np.sqrt(np.sum((found.pruned - found.full) ** 2) / (40 * 39))
    assert published.standard_error == pytest.approx(error)
    assert published.p_value < found.estimate().p_value


@pytest.mark.slow
def test_human_subjects(data_dir):
    """Units chosen on three subjects fit the fourth better than the layer does."""
    folder = data_dir / "objects92"
    features = np.load(folder / "vgg16_pool5.npz")["x"]
    rdms = np.load(folder / "rdms_human_it_subjects.npz")["rdms"]
    sessions = np.repeat(np.arange(4), 2)
    found = cross_validate(features, rdms, over="subjects", subjects=sessions)
    assert found.gain.min() > 0
    assert (found.pruned < found.ceiling_lower).all()
    assert found.stability.coefficient > 2 * found.stability.chance

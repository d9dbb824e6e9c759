"""Subjects left out: against a slow version, and beside the noise ceiling."""

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.inference import (
    cross_validate,
    noise_ceiling,
)
from tests import reference
from tests.inference.conftest import M, N


def slow_subjects(features, targets, subject, held_out):
    """Scores of one fold, and its units, by the definitions."""
    kept = [i for i in range(N) if i not in held_out]
    tested = list(held_out) if len(held_out) else kept
    train = [t for s, t in enumerate(targets) if s != subject]
    train = [t[np.ix_(kept, kept)] for t in train]

    def mean(columns):
        scores = [reference.score(features[kept][:, columns], t) for t in train]
        return np.mean(scores)

    everything = list(range(M))
    full = mean(everything)
    importance = [full - mean(everything[:k] + everything[k + 1 :]) for k in everything]
    order = np.argsort(-np.array(importance), kind="stable")
    with np.errstate(invalid="ignore"):
        curve = [mean(order[: k + 1]) for k in everything]
    units = np.sort(order[: np.nanargmax(curve) + 1])
    there = targets[subject][np.ix_(tested, tested)]
    test = [reference.score(features[tested][:, c], there) for c in (everything, units)]
    return *test, full, np.nanmax(curve), units


@pytest.mark.parametrize("over", ["subjects", "both"])
def test_subjects_against_the_slow_version(data, subjects, over):
    features, _ = data
    options = {"n_folds": 2, "seed": 3} if over == "both" else {}
    found = cross_validate(features, subjects, over=over, **options)
    n_folds = 2 if over == "both" else 1
    assert found.subjects.tolist() == np.repeat(range(4), n_folds).tolist()
    for fold in range(len(found.full)):
        *scores, units = slow_subjects(
            features, subjects, found.subjects[fold], found.held_out[fold]
        )
        ours = [
            getattr(found, name)[fold]
            for name in ("full", "pruned", "train_full", "train_pruned")
        ]
        np.testing.assert_allclose(ours, scores, atol=1e-10)
        np.testing.assert_array_equal(found.retained[fold], units)


def test_the_subject_left_out_does_not_decide(data, subjects):
    features, _ = data
    before = cross_validate(features, subjects, over="subjects")
    changed = subjects.copy()
    points = np.random.default_rng(8).random(N)
    changed[2] = np.abs(points[:, None] - points)
    after = cross_validate(features, changed, over="subjects")
    np.testing.assert_array_equal(after.retained[2], before.retained[2])
    assert after.train_pruned[2] == before.train_pruned[2]
    assert after.pruned[2] != before.pruned[2]


# Squares of scores of noise: some prefixes are anti-correlated.
@pytest.mark.filterwarnings("ignore:The best prefix is anti-correlated")
@pytest.mark.parametrize("objective", ["r", "r2"])
def test_ceilings_are_those_of_the_pairs_scored(data, subjects, objective):
    features, _ = data
    options = {"compare": "spearman", "objective": objective, "undefined": "zero"}
    both = cross_validate(features, subjects, 2, over="both", **options)
    power = 2 if objective == "r2" else 1
    for fold, held_out in enumerate(both.held_out[:2]):
        there = subjects[:, held_out[:, None], held_out]
        ceiling = noise_ceiling(there, "spearman")
        lower, upper = both.ceiling_lower[fold::2], both.ceiling_upper[fold::2]
        np.testing.assert_allclose(lower, ceiling.lower_scores**power)
        np.testing.assert_allclose(upper, ceiling.upper_scores**power)


def test_sessions_of_a_subject_are_left_out_together(data, subjects):
    features, _ = data
    labels = ["x", "y", "y", "x"]
    found = cross_validate(features, subjects, over="subjects", subjects=labels)
    assert found.subjects.tolist() == [0, 1]
    alone = jp.prune(features, subjects[[1, 2]], pool="mean")
    np.testing.assert_array_equal(found.retained[0], alone.retained)
    own = jp.score(features, subjects[[0, 3]])
    assert found.full[0] == pytest.approx(own.mean(), abs=1e-12)
    ceiling = noise_ceiling(subjects, subjects=labels)
    assert found.ceiling_lower.mean() == pytest.approx(ceiling.lower)


def test_bad_options_over_subjects(data, subjects):
    features, target = data
    for given in (
        {"n_folds": 2},
        {"condition_groups": np.arange(N) % 3},
        {"repeats": 2},
    ):
        with pytest.raises(ValueError, match="over='subjects' holds none out"):
            cross_validate(features, subjects, over="subjects", **given)
    with pytest.raises(ValueError, match="pool='each': units are chosen by the mean"):
        cross_validate(features, subjects, over="subjects", pool="each")
    constant = subjects.copy()
    constant[0] = 1 - np.eye(N)
    with pytest.raises(ValueError, match="constant.*which leaves out subject 0"):
        cross_validate(features, constant, over="subjects")


def test_missing_pairs(data, subjects):
    """A pair that one subject lacks is left out for that subject only."""
    features, _ = data
    lacking = subjects.copy()
    lacking[1, 0, 5] = lacking[1, 5, 0] = np.nan
    found = cross_validate(features, lacking, over="subjects")
    assert np.isfinite(found.pruned).all()
    assert np.isfinite(found.ceiling_lower).all()
    whole = cross_validate(features, subjects, over="subjects")
    assert found.full[0] == pytest.approx(whole.full[0], abs=1e-12)
    assert found.full[1] != pytest.approx(whole.full[1], abs=1e-6)

"""Held-out conditions, against a slow version that deletes rows and columns."""

import csv
import importlib
import itertools
from dataclasses import replace

import jax
import numpy as np
import pytest
import scipy.stats

import jaxprune as jp
from jaxprune.inference import (
    PROTOCOLS,
    corrected_t,
    cross_validate,
    noise_ceiling,
    overlap,
    published_test,
    save_rows,
)
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
        ({"groups": GROUPS, "n_folds": 3}, "n_folds=3, .* expected no n_folds"),
        ({"groups": GROUPS, "repeats": 2}, "repeats=2; expected .* no repeats"),
        ({"repeats": 0}, "repeats=0: expected a whole number of at least 1"),
        ({"repeats": 2, "seed": (1, 2, 3)}, "seed holds 3 seeds, and repeats=2"),
        ({"over": "subject"}, "over='subject' is not known"),
        ({"over": "both"}, "RDMs of 1 subject, and over='both'"),
        ({"metric": "no"}, "metric='no' is not known"),
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


# --- subjects -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def subjects(data):
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 0.2, (4, N, N))
    return np.abs(data[1] + (noise + noise.transpose(0, 2, 1)) * (1 - np.eye(N)))


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
    for given in ({"n_folds": 2}, {"groups": GROUPS}, {"repeats": 2}):
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


# --- means, rows, agreement -----------------------------------------------------------


def test_corrected_t_against_its_formula():
    gains = np.random.default_rng(0).normal(0.1, 0.2, 40)
    found = corrected_t(gains, ratio=24 / 96)
    variance = np.sum((gains - gains.mean()) ** 2) / 39
    error = np.sqrt((1 / 40 + 0.25) * variance)
    assert found.standard_error == pytest.approx(error, rel=1e-12)
    assert found.p_value == pytest.approx(
        1 - scipy.stats.t.cdf(gains.mean() / error, 39)
    )
    low, high = scipy.stats.t.interval(0.95, 39, gains.mean(), error)
    assert (found.low, found.high) == pytest.approx((low, high))
    naive = corrected_t(gains, ratio=0)
    theirs = scipy.stats.ttest_1samp(gains, 0, alternative="greater")
    assert (naive.t, naive.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_estimates(data, subjects):
    features, target = data
    found = cross_validate(features, target, 3, repeats=2)
    assert found.estimate() == corrected_t(found.gain, 4 / 8)
    left_out = cross_validate(features, subjects, over="subjects")
    assert left_out.estimate("pruned") == corrected_t(left_out.pruned, 1 / 3)
    both = cross_validate(features, subjects, 2, over="both")
    table = both.full.reshape(4, 2)
    of_subjects = corrected_t(table.mean(1), 1 / 3).standard_error
    of_conditions = corrected_t(table.mean(0), 6 / 6).standard_error
    estimate = both.estimate("full")
    assert estimate.standard_error == pytest.approx(
        np.hypot(of_subjects, of_conditions)
    )
    assert (estimate.mean, estimate.df) == (pytest.approx(table.mean()), 1)
    with pytest.raises(ValueError, match="what='sizes' is not known"):
        found.estimate("sizes")
    with pytest.raises(ValueError, match="confidence=95: expected a share"):
        found.estimate(confidence=95)


def test_folds_without_a_score_are_left_out_and_counted(data, subjects):
    gains, nan = np.array([0.1, 0.3, 0.2, 0.4, 0.0]), np.nan
    found, known = corrected_t([nan, *gains, nan], 1 / 6), corrected_t(gains, 1 / 6)
    assert found == replace(known, n_undefined=2)
    one = corrected_t([nan, 0.3, nan], 0.5)
    assert (one.mean, one.n_undefined) == (0.3, 2)
    assert np.isnan([one.low, one.high, one.p_value]).all()
    assert np.isnan(corrected_t([nan, nan], 0.5).mean)

    features, _ = data
    both = cross_validate(features, subjects, 2, over="both")
    full = both.full.copy()
    full[[0, 3]] = np.nan  # of subjects 0 and 1, in either fold
    estimate = replace(both, full=full).estimate("full")
    table = full.reshape(4, 2)
    of_subjects = corrected_t(np.nanmean(table, 1), 1 / 3).standard_error
    of_conditions = corrected_t(np.nanmean(table, 0), 6 / 6).standard_error
    error = np.hypot(of_subjects, of_conditions)
    assert estimate.standard_error == pytest.approx(error)
    assert estimate.mean == pytest.approx(np.nanmean(full))
    assert (estimate.n_undefined, estimate.df) == (2, 1)


def test_published_test_leaves_out_folds_without_a_score(data):
    found = cross_validate(*data, 3)
    pruned = np.append(found.pruned, np.nan)
    longer = replace(found, pruned=pruned, full=np.append(found.full, 0.5))
    assert published_test(longer) == published_test(found)


def test_no_gain_in_any_fold_is_no_evidence():
    estimate = corrected_t(np.zeros(5), 0.25)
    assert (estimate.mean, estimate.standard_error, estimate.p_value) == (0, 0, 0.5)


def test_agreement_of_the_folds(data):
    found = cross_validate(*data, 3, repeats=2)
    agreement = found.stability
    pairs = list(itertools.combinations(found.retained, 2))
    overlaps = [overlap(a, b, n_units=M) for a, b in pairs]
    for name in ("coefficient", "chance", "jaccard"):
        expected = np.mean([getattr(one, name) for one in overlaps])
        assert getattr(agreement, name) == pytest.approx(expected)
    counts = np.bincount(np.concatenate(found.retained), minlength=M)
    np.testing.assert_allclose(agreement.frequency, counts / 6)
    np.testing.assert_array_equal(agreement.always, np.flatnonzero(counts == 6))


def test_rows_as_csv(data, subjects, tmp_path):
    features, target = data
    both = cross_validate(features, subjects, 2, over="both")
    one = cross_validate(features, target, 2)
    rows = [*both.rows(layer="fc, 7"), *one.rows(layer="V1")]
    assert len(rows) == 10
    assert rows[3]["subject"] == 1
    assert rows[3]["pruned"] == both.pruned[3]
    with save_rows(rows, tmp_path / "rows.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert read[0]["layer"] == "fc, 7"
    assert float(read[3]["ceiling_lower"]) == both.ceiling_lower[3]
    assert (read[-1]["subject"], read[-1]["ceiling_upper"]) == ("", "")
    assert [row["fold"] for row in read[-2:]] == ["1", "2"]
    with pytest.raises(ValueError, match=r"rows\[1\] has columns \['b'\]"):
        save_rows([{"a": 1}, {"b": 2}], tmp_path / "no.csv")
    with pytest.raises(ValueError, match="rows is empty"):
        save_rows([], tmp_path / "no.csv")


def test_an_interrupted_run_goes_on(data, subjects, tmp_path, monkeypatch):
    features, _ = data
    options = {"n_folds": 2, "over": "both", "checkpoint": tmp_path}
    expected = cross_validate(features, subjects, **options)
    module = importlib.import_module("jaxprune.inference.cross_validation.validating")
    pruned = []

    def prune(*arguments, **given):
        pruned.append(given)
        return jp.prune(*arguments, **given)

    monkeypatch.setattr(module, "prune", prune)
    again = cross_validate(features, subjects, **options)
    assert pruned == []
    np.testing.assert_array_equal(again.pruned, expected.pruned)
    np.testing.assert_array_equal(again.sizes, expected.sizes)
    more = cross_validate(features, subjects, repeats=2, **options)
    assert len(pruned) == 8
    np.testing.assert_array_equal(more.pruned[:2], expected.pruned[:2])
    # What is not given is no setting: its address would differ in every process.
    cross_validate(features, subjects, noise=None, **options)
    assert len(pruned) == 8
    cross_validate(features + 1e-6, subjects, **options)
    assert len(pruned) == 16


def test_progress(data, capsys):
    cross_validate(*data, 2, progress=True)
    assert "cross-validation" in capsys.readouterr().err


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

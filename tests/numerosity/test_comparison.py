"""Number comparison: tuned units can, others cannot, and controls are what they say."""

import sys

import numpy as np
import pytest

from jaxprune.numerosity.comparison import ComparisonTrials, comparison_task
from jaxprune.numerosity.observer import weber_fraction

NUMBERS = np.array([1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28])
NUMEROSITY = np.repeat(NUMBERS, 24)


def tuned(noise, rng, n_units=120, sigma=1.5):
    """Responses of units with log-Gaussian tuning to all numbers, and noise."""
    preferred = rng.choice(NUMBERS, n_units)
    distance = np.log2(NUMEROSITY[:, None] / preferred)
    clean = np.exp(-(distance**2) / (2 * sigma**2))
    return clean + noise * rng.normal(size=clean.shape)


@pytest.fixture(scope="module")
def trials():
    responses = tuned(1.0, np.random.default_rng(0))
    return comparison_task(responses, NUMEROSITY, n_units=64, n_draws=4, n_pairs=60)


def test_tuned_units_compare_numbers_better_the_more_these_differ(trials):
    assert trials.accuracy.shape == (4,)
    assert trials.accuracy.min() > 0.7
    distance, accuracy = trials.by_distance()
    mean = np.nanmean(accuracy, 0)
    assert mean[distance >= 16].mean() > 0.85
    assert mean[distance <= 2].mean() < mean[distance >= 16].mean() - 0.1


def test_errors_follow_webers_law(trials):
    """One Weber fraction for small and for large numbers, within its limits."""
    pairs = trials.sample.ravel(), trials.test.ravel(), trials.chose_test.ravel()
    # Edges of the range are easier: any other image is larger, or smaller.
    inner = np.all([(n >= 4) & (n <= 20) for n in pairs[:2]], axis=0)
    small = inner & (pairs[0] + pairs[1] <= 20)
    fits = [weber_fraction(*(p[s] for p in pairs)) for s in (small, inner & ~small)]
    low, high = np.transpose([fit.weber_limits for fit in fits])
    assert max(low) < min(high)
    assert all(0.1 < fit.weber < 1.5 for fit in fits)


def test_units_without_signal_are_at_chance():
    responses = np.random.default_rng(1).normal(size=(len(NUMEROSITY), 80))
    trials = comparison_task(responses, NUMEROSITY, n_units=40, n_draws=6, n_pairs=60)
    assert abs(trials.accuracy.mean() - 0.5) < 0.06


def test_only_the_units_named_are_read():
    rng = np.random.default_rng(2)
    responses = np.hstack([tuned(0.3, rng, 30), rng.normal(size=(len(NUMEROSITY), 30))])
    mask = np.arange(60) < 30
    options = {"n_units": 20, "n_draws": 2, "n_pairs": 30}
    good = comparison_task(responses, NUMEROSITY, mask, **options)
    bad = comparison_task(responses, NUMEROSITY, np.flatnonzero(~mask), **options)
    assert good.accuracy.min() > 0.85 > 0.65 > bad.accuracy.max()
    assert (good.units < 30).all()
    assert all(len(set(drawn)) == 20 for drawn in good.units)
    assert set(good.units[0]) != set(good.units[1])


def test_images_to_train_with_are_not_tested():
    responses = tuned(0.5, np.random.default_rng(3))
    train = np.arange(len(NUMEROSITY)) % 3 > 0
    trials = comparison_task(
        responses, NUMEROSITY, train=train, n_units=None, n_draws=2, n_pairs=20
    )
    assert not train[trials.sample_image].any()
    assert not train[trials.test_image].any()
    assert trials.units.shape == (2, 120)


def test_pairs_are_those_of_the_design(trials):
    """So many of each sample number; the other number differs, each as often."""
    assert (np.unique(trials.sample, return_counts=True)[1] == 4 * 60).all()
    assert (trials.sample != trials.test).all()
    _, counts = np.unique(trials.test, return_counts=True)
    assert counts.min() > 0.7 * counts.mean()
    assert (NUMEROSITY[trials.sample_image] == trials.sample).all()
    assert (NUMEROSITY[trials.test_image] == trials.test).all()


def test_one_seed_one_result():
    responses = tuned(1.0, np.random.default_rng(4), 20)
    options = {"n_units": 10, "n_draws": 2, "n_pairs": 10}
    a, b, c = (
        comparison_task(responses, NUMEROSITY, seed=seed, **options)
        for seed in (5, 5, 6)
    )
    assert (a.chose_test == b.chose_test).all()
    assert (a.test_image == b.test_image).all()
    assert (a.test_image != c.test_image).any()


def test_kernel_is_that_of_a_linear_machine_on_both_responses():
    """The same answers as scikit-learn gives on the features themselves."""
    from sklearn.svm import SVC

    from jaxprune.numerosity import _tasks

    rng = np.random.default_rng(7)
    responses = tuned(1.0, rng, 12)
    level = np.unique(NUMEROSITY, return_inverse=True)[1]
    split = _tasks.halves(level, rng)
    scaled = (responses - responses[split].mean(0)) / responses[split].std(0)
    # What a draw takes from its generator: units, pairs to learn, pairs to answer.
    draw = np.random.default_rng([0, 0])
    draw.choice(12, 12, replace=False)
    taught = _tasks.image_pairs(split, level, 20, 0, draw)
    features = np.hstack([scaled[side] for side in taught])
    larger = level[taught[1]] > level[taught[0]]
    direct = SVC(kernel="linear").fit(features, larger)
    trials = comparison_task(
        responses, NUMEROSITY, train=split, n_units=None, n_draws=1, n_pairs=20
    )
    asked = np.hstack([scaled[trials.sample_image[0]], scaled[trials.test_image[0]]])
    assert (direct.predict(asked) == trials.chose_test[0]).all()


def hand_made():
    """Four trials: 1-2, 2-1, 1-2, 1-2 dots, the last one answered wrongly."""
    sample_image = np.array([[0, 1, 0, 2]])
    test_image = np.array([[1, 0, 3, 3]])
    number = np.array([1, 2, 1, 2])
    chose_test = np.array([[True, False, True, False]])
    return ComparisonTrials(
        sample_image,
        test_image,
        number[sample_image],
        number[test_image],
        chose_test,
        np.array([[0]]),
    )


def test_congruency_by_hand():
    trials = hand_made()
    assert trials.accuracy == pytest.approx([0.75])
    # Pairs (0, 1) and (1, 0) congruent, (0, 3) equal, (2, 3) incongruent.
    found = trials.congruency([1.0, 2.0, 3.0, 1.0])
    assert found.congruent == pytest.approx([1.0])
    assert found.incongruent == pytest.approx([0.0])
    reversed_ = trials.congruency(-np.array([1.0, 2.0, 3.0, 1.0]))
    assert reversed_.incongruent == pytest.approx([1.0])
    assert np.isnan(trials.congruency(np.ones(4)).congruent).all()


def test_units_that_follow_area_fail_where_area_goes_against_number():
    rng = np.random.default_rng(8)
    area = NUMEROSITY * 2 ** rng.uniform(-2, 2, len(NUMEROSITY))
    responses = np.log2(area)[:, None] + 0.1 * rng.normal(size=(len(area), 8))
    trials = comparison_task(responses, NUMEROSITY, n_units=None, n_draws=3)
    found = trials.congruency(area)
    assert found.congruent.mean() > 0.85
    assert found.incongruent.mean() < 0.3


def test_dead_units_answer_at_chance():
    trials = comparison_task(
        np.zeros((len(NUMEROSITY), 3)), NUMEROSITY, n_units=None, n_draws=1, n_pairs=10
    )
    assert 0.3 < trials.accuracy[0] < 0.7


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_units": 5}, r"units names 4 units, but n_units=5"),
        ({"units": [7]}, r"units runs from 7 to 7"),
        ({"n_pairs": 0}, r"n_pairs=0: expected at least 1"),
        ({"n_draws": 1.5}, r"n_draws=1.5: expected a whole number"),
        ({"train": np.ones(8, bool)}, r"0 image\(s\) to train or to test"),
        ({"train": [1, 0]}, r"train has shape \(2,\) and dtype int64"),
        ({"numerosity": [1, 2]}, r"numerosity has shape \(2,\); expected \(8,\)"),
        ({"numerosity": np.ones(8)}, r"numerosity is 1.0 in every image"),
        ({"responses": np.ones(8)}, r"responses has shape \(8,\)"),
        ({"responses": np.full((8, 4), np.nan)}, "responses contains NaN"),
    ],
)
def test_errors_name_what_arrived(changed, message):
    given = {
        "responses": np.ones((8, 4)),
        "numerosity": np.repeat([1, 2], 4),
        "n_units": None,
    }
    with pytest.raises(ValueError, match=message):
        comparison_task(**(given | changed))


def test_without_scikit_learn_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(ImportError, match=r"pip install 'jaxprune\[sklearn\]'"):
        comparison_task(np.ones((8, 4)), np.repeat([1, 2], 4), n_units=None)


def test_images_that_hardly_differ_do_not_stall_the_classifier():
    # Nearly white pictures: inner products agree in all but their last digits.
    rng = np.random.default_rng(0)
    numerosity = np.repeat([1, 2, 4, 8], 30)
    pixels = 200 + rng.normal(0, 1e-4, (120, 64))
    trials = comparison_task(pixels, numerosity, n_units=None, n_draws=1, n_pairs=20)
    assert 0.2 < trials.accuracy.mean() < 0.8

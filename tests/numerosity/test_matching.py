"""Match-to-sample: performance curves, chance, silencing, and the kernel itself."""

import numpy as np
import pytest

from jaxprune.numerosity import _tasks
from jaxprune.numerosity.matching import (
    MatchTrials,
    _answers,
    match_to_sample,
    silencing_test,
)

NUMBERS = np.array([1, 2, 4, 8, 16, 24])
NUMEROSITY = np.repeat(NUMBERS, 20)


def tuned(noise, rng, n_units=60):
    preferred = rng.choice(NUMBERS, n_units)
    distance = np.log2(NUMEROSITY[:, None] / preferred)
    clean = np.exp(-(distance**2) / 2)
    return clean + noise * rng.normal(size=clean.shape)


@pytest.fixture(scope="module")
def trials():
    responses = tuned(0.3, np.random.default_rng(0))
    return match_to_sample(responses, NUMEROSITY, n_repeats=4, n_pairs=60)


def test_tuned_units_match_numbers(trials):
    assert trials.accuracy.shape == (4,)
    assert trials.accuracy.min() > 0.75


def test_performance_curves_peak_at_their_own_number(trials):
    curves = trials.performance
    assert (curves.argmax(1) == np.arange(6)).all()
    # 16 and 24 are half an octave apart, neighbours further down a whole one.
    assert curves[4, 5] > curves[1, 2] + 0.1
    assert curves[0, 5] < 0.1


def test_half_of_the_pairs_match_and_never_an_image_with_itself():
    level = np.unique(NUMEROSITY, return_inverse=True)[1]
    shown = np.arange(len(level)) % 2 == 0
    rng = np.random.default_rng(0)
    first, second = _tasks.image_pairs(shown, level, 50, 0.5, rng)
    assert (np.bincount(level[first]) == 50).all()
    assert (level[first] == level[second]).mean() == 0.5
    assert (first != second).all()
    assert shown[first].all()
    assert shown[second].all()


def test_units_without_signal_are_at_chance():
    responses = np.random.default_rng(1).normal(size=(len(NUMEROSITY), 40))
    trials = match_to_sample(responses, NUMEROSITY, n_repeats=6, n_pairs=60)
    assert abs(trials.accuracy.mean() - 0.5) < 0.06


def test_kernel_is_the_radial_one_of_scikit_learn():
    from sklearn.svm import SVC

    rng = np.random.default_rng(2)
    responses = tuned(0.6, rng, 15)
    level = np.unique(NUMEROSITY, return_inverse=True)[1]
    split = _tasks.halves(level, rng)
    taught = _tasks.image_pairs(split, level, 40, 0.5, rng)
    asked = _tasks.image_pairs(~split, level, 40, 0.5, rng)
    silent = np.arange(15) < 4
    products, left = (
        _tasks.gram(responses, np.flatnonzero(units))
        for units in (np.ones(15, bool), ~silent)
    )
    differences = responses[taught[0]] - responses[taught[1]]
    gamma = 1 / (differences**2).sum(1).mean()
    same = level[taught[0]] == level[taught[1]]
    direct = SVC(C=1, gamma=gamma).fit(differences, same)
    shown = np.where(silent, 0, responses)
    expected = direct.predict(shown[asked[0]] - shown[asked[1]])
    assert (_answers(products, left, taught, asked, level) == expected).all()
    # "scale" differs only by the mean of all differences, which is about zero.
    assert gamma == pytest.approx(1 / (15 * differences.var()), rel=0.01)


def test_silencing_the_units_that_carry_number_hurts_and_others_do_not():
    rng = np.random.default_rng(3)
    idle = rng.normal(size=(len(NUMEROSITY), 40)) * 0.1
    responses = np.hstack([tuned(0.1, rng, 20), idle])
    found = silencing_test(
        responses, NUMEROSITY, np.arange(60) < 20, n_repeats=3, n_pairs=40
    )
    assert found.intact.accuracy.min() > 0.9
    assert found.control.accuracy.min() > 0.9
    assert found.silenced.accuracy.max() < 0.6
    assert len(found.control_units) == 20
    assert (found.control_units >= 20).all()
    assert (found.intact.test == found.silenced.test).all()


def test_one_seed_one_result():
    responses = tuned(0.5, np.random.default_rng(4), 10)
    a, b, c = (
        match_to_sample(responses, NUMEROSITY, n_repeats=2, n_pairs=10, seed=seed)
        for seed in (5, 5, 6)
    )
    assert (a.said_same == b.said_same).all()
    assert (a.test != c.test).any()


def test_performance_by_hand():
    trials = MatchTrials(
        np.array([1, 2]),
        np.array([[1, 1, 2], [1, 1, 2]]),
        np.array([[1, 2, 2], [1, 2, 2]]),
        np.array([[True, False, True], [True, True, True]]),
    )
    expected = [[1.0, 0.5], [np.nan, 1.0]]
    np.testing.assert_array_equal(trials.performance, expected)
    assert trials.accuracy == pytest.approx([1.0, 2 / 3])


def test_dead_units_answer_at_chance():
    responses = np.zeros((len(NUMEROSITY), 3))
    trials = match_to_sample(responses, NUMEROSITY, n_repeats=1, n_pairs=10)
    assert trials.accuracy[0] == 0.5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"units": []}, "units names no unit"),
        ({"numerosity": np.repeat([1, 2, 3, 4], 2)}, r"has 1 image\(s\) to train or"),
        ({"n_pairs": 1}, "n_pairs=1: expected at least 2"),
        ({"n_repeats": 0}, "n_repeats=0: expected at least 1"),
        ({"silenced": [9]}, "units runs from 9 to 9"),
    ],
)
def test_errors_name_what_arrived(changed, message):
    given = {"responses": np.ones((8, 4)), "numerosity": np.repeat([1, 2], 4)}
    with pytest.raises(ValueError, match=message):
        match_to_sample(**(given | changed))


@pytest.mark.parametrize("selective", [[], [0, 1, 2]])
def test_silencing_needs_as_many_others(selective):
    with pytest.raises(ValueError, match=f"selective names {len(selective)} of the 4"):
        silencing_test(np.ones((8, 4)), np.repeat([1, 2], 4), selective)

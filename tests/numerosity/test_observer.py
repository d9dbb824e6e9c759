"""The observer of number comparisons: recovered, and as other programs fit it."""

import itertools

import numpy as np
import pytest
from scipy.special import ndtr

from jaxprune.numerosity.observer import weber_fraction


def simulated(rng, n=3000, slope=3.0, guess=0.01, bias=0.1, size=0.4, spacing=-0.2):
    left, right = rng.integers(5, 21, (2, n))
    ratios = {"size": 2 ** rng.normal(size=n), "spacing": 2 ** rng.normal(size=n)}
    drive = bias + slope * np.log2(right / left)
    drive += size * np.log2(ratios["size"]) + spacing * np.log2(ratios["spacing"])
    p = guess / 2 + (1 - guess) * ndtr(drive)
    return left, right, rng.random(n) < p, ratios


@pytest.mark.parametrize("guess", [0.0, 0.01, 0.1])
def test_a_simulated_observer_is_recovered(guess):
    left, right, chose, ratios = simulated(np.random.default_rng(0), guess=guess)
    fit = weber_fraction(left, right, chose, ratios, guess=guess)
    truth = {"bias": 0.1, "number": 3.0, "size": 0.4, "spacing": -0.2}
    for name, value in truth.items():
        assert abs(fit.coefficients[name] - value) < 3 * fit.standard_errors[name]
    assert fit.weber == pytest.approx(1 / (np.sqrt(2) * fit.coefficients["number"]))
    low, high = fit.weber_limits
    assert low < fit.weber < high
    # The two ways to an interval agree where there are data enough.
    assert high - low == pytest.approx(2 * 1.96 * fit.weber_error, rel=0.05)


def test_without_guesses_it_is_a_probit_regression():
    api = pytest.importorskip("statsmodels.api", reason="compared with statsmodels")
    left, right, chose, ratios = simulated(np.random.default_rng(1), n=800)
    fit = weber_fraction(left, right, chose, ratios, guess=0)
    x = [np.log2(r) for r in (right / left, ratios["size"], ratios["spacing"])]
    x = np.column_stack([np.ones(800), *x])
    other = api.Probit(chose.astype(float), x).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(list(fit.coefficients.values()), other.params, rtol=1e-9)
    np.testing.assert_allclose(list(fit.standard_errors.values()), other.bse, rtol=1e-9)
    assert fit.log_likelihood == pytest.approx(other.llf, rel=1e-12)


def test_no_point_of_a_grid_fits_better():
    left, right, chose, _ = simulated(np.random.default_rng(2), n=300, guess=0.05)
    fit = weber_fraction(left, right, chose, guess=0.05)
    x, sign = np.log2(right / left), np.where(chose, 1, -1)

    def likelihood(bias, slope):
        return np.log(0.025 + 0.95 * ndtr(sign * (bias + slope * x))).sum()

    found = fit.coefficients["bias"], fit.coefficients["number"]
    assert fit.log_likelihood == pytest.approx(likelihood(*found))
    grid = itertools.product(np.linspace(-1, 1, 41), np.linspace(0, 12, 121))
    values = {point: likelihood(*point) for point in grid}
    best = max(values, key=values.get)
    assert values[best] <= fit.log_likelihood
    np.testing.assert_allclose(best, found, atol=0.06)
    # Limits: the slopes at which the best of the grid falls by 1.92.
    for weber in fit.weber_limits:
        slope = 1 / (np.sqrt(2) * weber)
        profile = max(likelihood(bias, slope) for bias in np.linspace(-1, 1, 401))
        assert fit.log_likelihood - profile == pytest.approx(1.9207, abs=1e-3)


@pytest.mark.parametrize("guess", [0.0, 0.01])
def test_an_observer_without_errors_has_a_limit_instead_of_a_fraction(guess):
    rng = np.random.default_rng(3)
    left, right = rng.integers(5, 21, (2, 400))
    left, right = left[left != right], right[left != right]
    with pytest.warns(
        UserWarning, match="set no limit to the coefficients of bias, nu"
    ):
        fit = weber_fraction(left, right, right > left, guess=guess)
    assert fit.weber == 0
    assert np.isnan(fit.weber_error)
    assert np.isnan(fit.coefficients["number"])
    assert fit.unbounded == ("bias", "number")
    low, high = fit.weber_limits
    assert low == 0
    assert 0.005 < high < 0.1  # the closest numbers, 19 and 20, are 0.07 octaves apart


def test_a_lapse_does_not_hide_a_perfect_observer():
    """With guesses allowed, one wrong answer to an easy pair is a guess."""
    rng = np.random.default_rng(4)
    left, right = rng.integers(5, 21, (2, 1000))
    left, right = left[left != right], right[left != right]
    chose = right > left
    chose[np.argmax(right / left)] = False
    with pytest.warns(UserWarning, match="set no limit"):
        lapsed = weber_fraction(left, right, chose, guess=0.01)
    assert lapsed.weber_limits[1] < 0.1
    assert weber_fraction(left, right, chose, guess=0).weber > 0.1


def test_one_ratio_that_separates_leaves_the_others_alone():
    """Choices by size where it differs, by noisy number where it does not."""
    rng = np.random.default_rng(5)
    left, right = rng.integers(5, 21, (2, 2000))
    size = np.repeat([0.5, 1.0, 1.0, 2.0], 500)
    chose = np.log2(right / left) + 0.3 * rng.normal(size=2000) > 0
    chose[size != 1] = size[size != 1] > 1
    with pytest.warns(UserWarning, match="coefficients of size:"):
        fit = weber_fraction(left, right, chose, {"size": size}, guess=0)
    equal = size == 1
    alone = weber_fraction(left[equal], right[equal], chose[equal], guess=0)
    assert fit.unbounded == ("size",)
    assert fit.weber == pytest.approx(alone.weber, rel=1e-3)
    assert fit.weber_limits == pytest.approx(alone.weber_limits, rel=1e-3)


def test_an_observer_at_chance_has_no_upper_limit():
    rng = np.random.default_rng(6)
    left, right = rng.integers(5, 21, (2, 400))
    fit = weber_fraction(left, right, rng.random(400) < 0.5)
    assert fit.weber_limits[0] > 1
    assert fit.weber_limits[1] == np.inf


def test_an_observer_who_takes_the_smaller_one_has_no_weber_fraction():
    left, right, chose, _ = simulated(np.random.default_rng(7), n=500)
    fit = weber_fraction(left, right, ~chose)
    assert fit.coefficients["number"] < 0
    assert np.isnan([fit.weber, fit.weber_error, *fit.weber_limits]).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_left": [0, 1, 2, 3]}, r"n_left is 0 in trial 0"),
        ({"n_left": [1, 2]}, r"n_left has 2 trials and n_right 4"),
        ({"n_left": np.ones((2, 2))}, r"n_left has shape \(2, 2\).*ravel\(\)"),
        ({"chose_right": [0, 1, 2, 1]}, r"chose_right has shape \(4,\)"),
        ({"chose_right": [True]}, r"chose_right has shape \(1,\)"),
        ({"n_right": [2, 4, 6, 8]}, r"ratios of number are constant or follow"),
        ({"others": {"size": np.ones(4)}}, r"ratios of size are constant or follow"),
        ({"others": {"size": [1.0, -1, 1, 1]}}, r"others\['size'\] is -1.0 in trial 1"),
        ({"others": {"size": [1.0]}}, r"others\['size'\] has 1 trials; expected 4"),
        ({"others": {"bias": np.ones(4)}}, r"others\['bias'\]: the name is taken"),
        ({"guess": 1}, r"guess=1: expected a share"),
    ],
)
def test_errors_name_what_arrived(changed, message):
    given = {
        "n_left": [1, 2, 3, 4],
        "n_right": [2, 1, 4, 3],
        "chose_right": [True, False, False, True],
    }
    with pytest.raises(ValueError, match=message):
        weber_fraction(**(given | changed))

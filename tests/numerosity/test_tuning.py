"""Preferred numbers, tuning curves, Gaussian fits and their widths."""

import numpy as np
import pytest
from crossing import LEVELS, crossed, rectified

from jaxprune.numerosity import (
    AXES,
    cell_moments,
    fit_gaussians,
    preferred,
    sigma_slope,
    tuning_curves,
    unit_curves,
)

FACTORS = crossed(LEVELS, 6)
NUMBER = FACTORS["numerosity"]
KIM = np.array([1, *range(2, 31, 2)])


def test_preferred_number():
    x = np.stack([NUMBER == 10, NUMBER >= 17, 0 * NUMBER, 0 * NUMBER + 0.1], 1)
    x = np.hstack([x, rectified(144, 3)])
    best = preferred(cell_moments(x, FACTORS))
    # Tied units take the lowest of their numbers, constant ones none.
    assert best[:4].tolist() == [1, 2, -1, -1]
    means = [x[n == NUMBER].mean(0) for n in (6, 10, 17, 29)]
    np.testing.assert_array_equal(best[4:], np.argmax(means, 0)[4:])


def test_curves_by_hand():
    x = rectified(144, 40).astype(float)
    cells = cell_moments(x, FACTORS)
    chosen = np.arange(40) % 3 > 0
    tuning = tuning_curves(cells, chosen)
    means = np.array([x[n == NUMBER].mean(0) for n in (6, 10, 17, 29)])
    assert tuning.n_units.sum() == chosen.sum()
    assert tuning.n_undefined == 0
    for group in range(4):
        members = means[:, chosen & (means.argmax(0) == group)]
        curve, n = members.mean(1), members.shape[1]
        assert n == tuning.n_units[group] > 1
        scaled = (curve - curve.min()) / np.ptp(curve)
        error = members.std(1, ddof=1) / np.sqrt(n) / np.ptp(curve)
        np.testing.assert_allclose(tuning.curves[group], scaled)
        np.testing.assert_allclose(tuning.se[group], error)


def test_groups_of_no_and_of_one_unit():
    x = np.stack([NUMBER == 10, NUMBER == 29, NUMBER == 29, 0 * NUMBER], 1)
    tuning = tuning_curves(cell_moments(x.astype(float), FACTORS))
    assert tuning.n_units.tolist() == [0, 1, 0, 2]
    assert tuning.n_undefined == 1
    np.testing.assert_array_equal(np.isnan(tuning.curves).all(1), [1, 0, 1, 0])
    np.testing.assert_array_equal(np.isnan(tuning.se).all(1), [1, 1, 1, 0])


def test_preferences_of_other_images():
    x = rectified(144, 30)
    half = np.arange(144) % 2 == 0
    first, second = (
        cell_moments(x[rows], {"numerosity": NUMBER[rows]}) for rows in (half, ~half)
    )
    tuning = tuning_curves(second, prefer=preferred(first))
    np.testing.assert_array_equal(
        tuning.n_units, np.bincount(preferred(first), minlength=4)
    )
    with pytest.raises(ValueError, match=r"prefer has shape \(3,\)"):
        tuning_curves(second, prefer=np.zeros(3, int))


def test_curves_of_units():
    x = rectified(144, 5)
    x[:, 3] = 0
    curves = unit_curves(cell_moments(x, FACTORS), [0, 3])
    assert curves.shape == (2, 4)
    assert (curves[0].min(), curves[0].max()) == (0, 1)
    assert np.isnan(curves[1]).all()


@pytest.mark.parametrize("axis", AXES)
def test_fits_recover_their_parameters(axis):
    x = AXES[axis](KIM.astype(float))
    centres = x[[0, 4, 9, 15]]
    sigma = np.ptp(x) * np.array([0.1, 0.2, 0.4, 0.3])
    curves = 0.9 * np.exp(-((x - centres[:, None]) ** 2) / (2 * sigma[:, None] ** 2))
    fits = fit_gaussians(KIM, curves, axis)
    np.testing.assert_allclose(fits.centre, centres, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(fits.sigma, sigma, rtol=1e-3)
    np.testing.assert_allclose(fits.amplitude, 0.9, rtol=1e-3)
    assert (fits.r2 > 1 - 1e-6).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_other_start_fits_better(seed):
    from scipy.optimize import curve_fit

    def bell(x, a, b, c):
        return a * np.exp(-(((x - b) / c) ** 2))

    rng = np.random.default_rng(seed)
    x = np.log2(KIM)
    y = np.exp(-((x - 5 * rng.random()) ** 2)) + 0.15 * rng.random(16)
    y = (y - y.min()) / np.ptp(y)
    fit = fit_gaussians(KIM, [y], "log2")
    errors = []
    for start in np.linspace(0.1, 4.8, 8):
        bounds = ([0, 0, 0], [1.5, 30, 100])
        found, _ = curve_fit(bell, x, y, p0=[1, start, 1], bounds=bounds)
        errors.append(np.square(bell(x, *found) - y).sum())
    best = 1 - min(errors) / np.square(y - y.mean()).sum()
    assert fit.r2[0] == pytest.approx(best, abs=1e-6)


def test_curves_without_a_fit():
    y = np.exp(-((np.log2(KIM) - 2.0) ** 2))
    fits = fit_gaussians(KIM, [np.full(16, np.nan), np.ones(16), y], "log2")
    assert fits.n_undefined == 2
    np.testing.assert_array_equal(np.isnan(fits.sigma), [True, True, False])


def test_widths_grow_on_the_linear_axis_only():
    octaves = np.log2(KIM)
    curves = np.exp(-((octaves - octaves[:, None]) ** 2) / 2)
    linear, log = (
        sigma_slope(KIM, fit_gaussians(KIM, curves, axis).sigma)
        for axis in ("linear", "log2")
    )
    assert linear.slope > 0.1
    assert log.slope == pytest.approx(0, abs=1e-6)
    assert log.n == 16


@pytest.mark.parametrize(
    ("levels", "curves", "axis", "message"),
    [
        (KIM, np.ones((2, 16)), "log", "axis='log' is not known; choose from"),
        (KIM, np.ones((2, 15)), "log2", r"curves has shape \(2, 15\) for 16 levels"),
        (KIM, np.ones(16), "log2", r"curves has shape \(16,\)"),
        (KIM[:3], np.ones((2, 3)), "log2", "at least 4 are needed"),
        (KIM - 1, np.ones((2, 16)), "log2", "holds 0, which has no place"),
        (KIM - 2, np.ones((2, 16)), "sqrt", "holds -1, which has no place"),
        (2 * KIM, np.ones((2, 16)), "linear", "outside the bounds 0 to 30"),
    ],
)
def test_errors_of_fits(levels, curves, axis, message):
    with pytest.raises(ValueError, match=message):
        fit_gaussians(levels, curves, axis)


@pytest.mark.parametrize("sigma", [[1.0, 2.0], [1.0, 2.0, np.nan]])
def test_errors_of_slopes(sigma):
    with pytest.raises(ValueError, match="at least 3 widths"):
        sigma_slope([1, 2, 3], sigma)

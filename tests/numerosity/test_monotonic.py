"""Monotonic units against a regression of each unit by itself."""

import numpy as np
import pytest
from scipy.stats import linregress

from jaxprune.numerosity import monotonic

NUMBER = np.repeat([1, 2, 6, 30], 12)
AREA = np.tile([300.0, 900.0, 3000.0], 16)


def _responses(n_units=20):
    rng = np.random.default_rng(0)
    effects = rng.normal(size=(2, n_units))
    signal = np.log(np.stack([NUMBER, AREA], 1)) @ effects
    x = np.maximum(signal + 2 * rng.normal(size=signal.shape), 0)
    x[:, 3] = 0.7
    return x.astype(np.float32)


def test_slopes_and_r2_are_those_of_least_squares():
    x = _responses()
    found = monotonic.monotonic_units(x, NUMBER, AREA)
    scaled = [np.log(v) - np.log(v).min() for v in (NUMBER, AREA)]
    design = np.stack([np.ones(len(x)), *(v / v.max() for v in scaled)], 1)
    for unit in range(x.shape[1]):
        if not np.ptp(x[:, unit]):
            assert np.isnan(found.r2[unit])
            continue
        y = (x[:, unit] - x[:, unit].min()) / np.ptp(x[:, unit])
        beta, residual = np.linalg.lstsq(design, y.astype(float))[:2]
        assert found.b_number[unit] == pytest.approx(beta[1], abs=1e-6)
        assert found.b_area[unit] == pytest.approx(beta[2], abs=1e-6)
        r2 = 1 - residual[0] / np.square(y - y.mean()).sum()
        assert found.r2[unit] == pytest.approx(r2, abs=1e-6)
    assert found.n_undefined == (np.ptp(x, 0) == 0).sum() > 0


def test_a_balanced_design_gives_the_simple_regression():
    x = _responses()
    found = monotonic.monotonic_units(x, NUMBER, AREA)
    log = np.log(NUMBER) / np.log(30)
    y = x[:, 0] / np.ptp(x[:, 0])
    assert found.b_number[0] == pytest.approx(linregress(log, y).slope, abs=1e-6)


def test_blocks_change_nothing(monkeypatch):
    x = _responses()
    whole = monotonic.monotonic_units(x, NUMBER, AREA)
    monkeypatch.setattr(monotonic, "BLOCK", 7)
    parts = monotonic.monotonic_units(x, NUMBER, AREA)
    np.testing.assert_allclose(parts.b_area, whole.b_area, atol=1e-12)
    np.testing.assert_array_equal(parts.increasing, whole.increasing)


def test_units_of_area_are_neither():
    rng = np.random.default_rng(1)
    number, area = np.log(NUMBER) / np.log(30), np.log(AREA / 300) / np.log(10)
    x = np.stack([number, 1 - number, area, number + area], 1)
    x += 0.05 * rng.normal(size=x.shape)
    found = monotonic.monotonic_units(x, NUMBER, AREA)
    assert found.increasing.tolist() == [True, False, False, False]
    assert found.decreasing.tolist() == [False, True, False, False]
    strict = monotonic.monotonic_units(x, NUMBER, AREA, min_r2=0.999)
    assert not (strict.increasing | strict.decreasing).any()


@pytest.mark.parametrize(
    ("area", "message"),
    [
        (NUMBER * 2.0, "cannot be told apart"),
        (AREA[:-1], r"area has shape \(47,\)"),
        (np.zeros(48), "above 0"),
    ],
)
def test_areas_that_will_not_do(area, message):
    with pytest.raises(ValueError, match=message):
        monotonic.monotonic_units(_responses(), NUMBER, area)


def test_nan_is_refused():
    x = _responses()
    x[2, 5] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        monotonic.monotonic_units(x, NUMBER, AREA)

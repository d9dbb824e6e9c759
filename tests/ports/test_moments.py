import numpy as np
import pytest

from jaxprune_ports.extraction.moments import Moments


@pytest.fixture(scope="module")
def data():
    """Mean a million, deviation 1; conditions neither sorted nor equally frequent."""
    rng = np.random.default_rng(0)
    values = 1e6 + rng.standard_normal((500, 3, 4))
    return rng.choice(4, 500, p=[0.5, 0.3, 0.15, 0.05]), values


def two_pass(condition, values):
    groups = [values[condition == c] for c in range(4)]
    means = np.stack([group.mean(0) for group in groups])
    return means, np.stack([((g - g.mean(0)) ** 2).sum(0) for g in groups])


@pytest.mark.parametrize("size", [1, 7, 500])
def test_two_passes_find_the_same(data, size):
    condition, values = data
    moments = Moments.zeros(4, (3, 4), squares=True)
    for start in range(0, 500, size):
        rows = slice(start, start + size)
        moments.add(condition[rows], values[rows])
    mean, m2 = two_pass(condition, values)
    np.testing.assert_allclose(moments.mean, mean, rtol=1e-14)
    # Sums of squares minus squared sums would be wrong in the third digit.
    np.testing.assert_allclose(moments.m2, m2, rtol=1e-8)
    np.testing.assert_array_equal(moments.count, np.bincount(condition))


def test_float32_rows_are_summed_in_float64(data):
    condition, values = data
    rows = values.astype(np.float32)
    moments = Moments.zeros(4, (3, 4), squares=True)
    moments.add(condition, rows)
    mean, m2 = two_pass(condition, rows.astype(np.float64))
    np.testing.assert_allclose(moments.mean, mean, rtol=1e-14)
    np.testing.assert_allclose(moments.m2, m2, rtol=1e-8)


def test_squares_are_optional(data):
    moments = Moments.zeros(4, (3, 4))
    moments.add(*data)
    assert moments.m2 is None

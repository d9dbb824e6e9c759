"""Array helpers against what they are short for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxprune.base.arrays import RUN, order_of, running


@pytest.mark.parametrize("length", [1, RUN - 1, RUN, RUN + 1, 3 * RUN, 40 * RUN])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_running_sums(length, dtype):
    rng = np.random.default_rng(length)
    added = rng.normal(size=(length, 7)).astype(dtype)
    start = rng.normal(size=7) * 1e6
    with jax.enable_x64(True):
        got = jax.jit(running)(jnp.asarray(start), jnp.asarray(added))
    expected = start + np.cumsum(added.astype("float64"), 0)
    assert got.dtype == "float64"
    # Round-off of one run at most, in the precision of what is added.
    error = RUN * np.abs(added).max() * np.finfo(dtype).eps
    np.testing.assert_allclose(got, expected, rtol=1e-15, atol=error)


@pytest.mark.parametrize("n_values", [0, 1, 2, 9, 500])
def test_order_is_that_of_a_stable_sort(n_values):
    rng = np.random.default_rng(n_values)
    for most in (1, 2, 10, 10**6):
        values = rng.integers(0, most, (3, n_values)).astype(float)
        values[rng.random(values.shape) < 0.2] = -np.inf
        values[rng.random(values.shape) < 0.2] = -0.0
        expected = np.argsort(values, -1, kind="stable")
        np.testing.assert_array_equal(order_of(values), expected)
        np.testing.assert_array_equal(order_of(values[0]), expected[0])

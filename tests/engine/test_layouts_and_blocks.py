"""Neither an array's layout in memory nor the number of blocks changes a number."""

import numpy as np
import pytest

import jaxprune as jp

N, UNITS = 9, 24


def lying(x, how):
    """The same numbers, in another layout."""
    if how == "fortran":
        return np.asfortranarray(x)
    if how == "strided":
        wide = np.full((2 * len(x), 3 * x.shape[1]), np.nan, x.dtype)
        wide[::2, 1::3] = x
        return wide[::2, 1::3]
    if how == "reversed":
        return x[::-1, ::-1].copy()[::-1, ::-1]
    if how == "transposed":
        return x.T.copy().T
    if how == "unaligned":
        raw = np.zeros(x.nbytes + 1, np.uint8)
        moved = raw[1:].view(x.dtype).reshape(x.shape)
        moved[:] = x
        assert not moved.flags.aligned
        return moved
    if how == "big-endian":
        return x.astype(x.dtype.newbyteorder(">"))
    if how == "read-only":
        x = x.copy()
        x.flags.writeable = False
        return x
    row = np.zeros(len(x), [("other", "i1"), ("x", x.dtype, x.shape[1])])
    row["x"] = x
    return row["x"]


LAYOUTS = [
    "fortran",
    "strided",
    "reversed",
    "transposed",
    "unaligned",
    "big-endian",
    "read-only",
    "field of records",
]


@pytest.mark.parametrize("how", LAYOUTS)
@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("compare", ["pearson", "spearman"])
def test_layouts(how, dtype, compare):
    rng = np.random.default_rng([7, len(how)])
    x = rng.normal(size=(N, UNITS)).astype(dtype)
    target = rng.random((N, N))
    target = target + target.T - 2 * np.diag(np.diagonal(target))
    plain = jp.prune(x, target, compare=compare)
    found = jp.prune(lying(x, how), lying(target, how), compare=compare)
    # NumPy adds up a row in another order where its entries are not side by side.
    np.testing.assert_allclose(found.importance, plain.importance, rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.curve, plain.curve, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(found.order, plain.order)
    np.testing.assert_allclose(jp.rdm(lying(x, how)), jp.rdm(x), rtol=0, atol=1e-15)


@pytest.mark.parametrize("metric", ["correlation", "euclidean"])
@pytest.mark.parametrize("compare", ["spearman", "tau-a", "rho-a"])
@pytest.mark.parametrize("values", ["continuous", "tied"])
def test_ranks_do_not_depend_on_blocks(metric, compare, values):
    """Ties of ranks are a matter of round-off; a block must not decide on it."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=(N, UNITS))
    x[:, 1::4] = x[:, ::4]
    if values == "tied":
        x = np.round(x)
    target = np.round(rng.random(N * (N - 1) // 2), 1)
    whole = jp.leave_one_out(x, target, metric=metric, compare=compare)
    for batch_size in (1, 5, 7, 16, 23):
        options = {"metric": metric, "compare": compare, "batch_size": batch_size}
        found = jp.leave_one_out(x, target, **options)
        np.testing.assert_array_equal(found.importance, whole.importance)
    # Units that are copies of each other tie.
    np.testing.assert_array_equal(whole.importance[1::4], whole.importance[::4])


@pytest.mark.parametrize("seed", range(6))
def test_many_blocks_of_many_sizes(seed):
    rng = np.random.default_rng([13, seed])
    x = rng.normal(size=(N, UNITS)) * 10.0 ** rng.integers(-3, 4)
    target = rng.random(N * (N - 1) // 2)
    whole = jp.leave_one_out(x, target, compare="spearman")
    for batch_size in (2, 3, 11):
        found = jp.leave_one_out(x, target, compare="spearman", batch_size=batch_size)
        np.testing.assert_array_equal(found.importance, whole.importance)

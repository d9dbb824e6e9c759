"""Features far from 1 in size, rows far from each other, and integers beyond 2**53."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

import jaxprune as jp

RNG = np.random.default_rng(3)
N, UNITS = 8, 24
X = RNG.normal(size=(N, UNITS)) + 2
TARGET = RNG.random(N * (N - 1) // 2)
# Conditions whose patterns have sizes from 1e-20 to 1.
ROWS = 10.0 ** np.linspace(-20, 0, N)[:, None]


@pytest.mark.parametrize(
    ("metric", "degree", "scale"),
    [
        ("euclidean", 1, 1e160),
        ("euclidean", 1, 1e-200),
        ("sqeuclidean", 2, 1e140),
        ("sqeuclidean", 2, 1e-140),
    ],
)
def test_rdms(metric, degree, scale):
    found = jp.rdm(X * scale, metric) / scale**degree
    np.testing.assert_allclose(found, pdist(X, metric), rtol=1e-12)


def test_rdms_that_no_number_holds():
    with pytest.raises(ValueError, match="beyond 1e308"):
        jp.rdm(X * 1e160, "sqeuclidean")


@pytest.mark.parametrize("metric", ["correlation", "cosine"])
@pytest.mark.parametrize(
    ("dtype", "precision", "near"),
    [("f4", "float32", 2e-4), ("f4", "auto", 1e-6), ("f8", "float64", 1e-12)],
)
def test_rows_of_their_own_size(metric, dtype, precision, near):
    x = (X * ROWS).astype(dtype)
    right = np.corrcoef(pdist(x.astype(float), metric), TARGET)[0, 1]
    options = {"metric": metric, "precision": precision}
    assert jp.score(x, TARGET, **options) == pytest.approx(right, abs=near)
    ours, plain = (jp.leave_one_out(v, TARGET, **options) for v in (x, X.astype(dtype)))
    np.testing.assert_allclose(ours.importance, plain.importance, atol=near)


def test_rdm_of_rows_on_a_device():
    import jax.numpy as jnp

    x = jnp.asarray((X * ROWS).astype("f4"))
    right = pdist(np.asarray(x, float), "correlation")
    np.testing.assert_allclose(jp.rdm(x), right, atol=1e-6)


SMALL = RNG.integers(0, 50, (N, UNITS))


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
@pytest.mark.parametrize("metric", ["sqeuclidean", "euclidean", "correlation"])
def test_large_integers_with_an_offset(dtype, metric):
    x = SMALL.astype(dtype) + dtype(2**60)
    right = pdist(SMALL.astype(float), metric)
    np.testing.assert_allclose(jp.rdm(x, metric), right, rtol=1e-12)


def test_large_integers():
    x = SMALL + 2**60
    x[0] = -x[0]
    for metric in ("cosine", "sqeuclidean"):
        with pytest.raises(ValueError, match=r"features holds integers as large as 11"):
            jp.rdm(x, metric)
    with pytest.raises(ValueError, match="target holds integers"):
        jp.score(X, np.arange(len(TARGET)) + 2**60)

"""jp.rdm: every metric against the reference, scipy, rsatoolbox and known numbers."""

import numpy as np
import pytest
import reference as ref
from cases import CORRELATION, EUCLIDEAN, METRICS, X, over_metrics
from scipy.spatial.distance import pdist

import jaxprune as jp


@over_metrics
@pytest.mark.parametrize("kind", ["dense", "sparse", "heavy", "tiny", "huge"])
def test_equals_reference(features, metric, kind):
    x = features(kind)
    expected = ref.rdm(x, metric)
    got = jp.rdm(x, metric=metric)
    assert isinstance(got, np.ndarray)
    assert got.dtype == np.float64
    assert got.shape == (36,)
    # Relative to the largest: an RDM of features of size 1e-30 has to be right too.
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13 * expected.max())


@over_metrics
def test_equals_scipy(features, metric):
    x = features("dense")
    np.testing.assert_allclose(jp.rdm(x, metric=metric), pdist(x, metric), rtol=1e-13)


def test_default_metric_is_correlation(features):
    x = features("dense")
    np.testing.assert_array_equal(jp.rdm(x), jp.rdm(x, metric="correlation"))


def test_equals_rsatoolbox(features):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    x = features("sparse")
    data = rsatoolbox.data.Dataset(x)
    by_name = {
        name: rsatoolbox.rdm.calc_rdm(data, method=name).dissimilarities[0]
        for name in ("correlation", "euclidean")
    }
    np.testing.assert_allclose(jp.rdm(x), by_name["correlation"], atol=1e-13)
    # rsatoolbox's 'euclidean' is squared and divided by the number of channels.
    squared = by_name["euclidean"] * x.shape[1]
    np.testing.assert_allclose(jp.rdm(x, "sqeuclidean"), squared, atol=1e-12)


def test_golden_numbers():
    defined = ref.condensed(np.delete(np.delete(ref.square(CORRELATION), 3, 0), 3, 1))
    np.testing.assert_allclose(jp.rdm(np.delete(X, 3, 0)), defined, atol=1e-11)
    np.testing.assert_allclose(jp.rdm(X, "sqeuclidean") / 6, EUCLIDEAN, rtol=1e-11)
    np.testing.assert_allclose(jp.rdm(X, "euclidean") ** 2 / 6, EUCLIDEAN, rtol=1e-11)


def test_constant_row_is_named():
    with pytest.raises(ValueError, match=r"(?i)constant.*\b3\b|\b3\b.*constant"):
        jp.rdm(X)


def test_constant_row_is_zero_correlation_on_request():
    got = jp.rdm(X, undefined="zero")
    np.testing.assert_allclose(got, np.nan_to_num(CORRELATION, nan=1.0), atol=1e-11)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e-30, 1e30])
def test_rows_of_any_one_value_are_constant(features, value):
    x = features("dense")
    x[4] = value
    with pytest.raises(ValueError, match=r"\b4\b"):
        jp.rdm(x)
    expected = ref.rdm(x, undefined="zero")
    np.testing.assert_allclose(jp.rdm(x, undefined="zero"), expected, atol=1e-13)


def test_row_of_zeros_has_no_cosine(features):
    x = features("dense")
    x[4] = 0.0
    with pytest.raises(ValueError, match=r"\b4\b"):
        jp.rdm(x, metric="cosine")
    expected = ref.rdm(x, "cosine", "zero")
    got = jp.rdm(x, metric="cosine", undefined="zero")
    np.testing.assert_allclose(got, expected, atol=1e-13)
    x[4] = 0.1
    assert np.isfinite(jp.rdm(x, metric="cosine")).all()


@pytest.mark.parametrize("metric", ["sqeuclidean", "euclidean"])
def test_distances_of_equal_rows_are_zero(features, metric):
    # The square root would turn a round-off of 1e-16 into 1e-8.
    x = features("duplicated") + 100.0
    distances = ref.square(jp.rdm(x, metric=metric))
    assert distances[1, 5] == distances[3, 8] == 0.0


@over_metrics
def test_integers_and_float32_are_exact_inputs(metric):
    x = np.random.default_rng(0).integers(0, 200, size=(9, 24)).astype(np.uint8)
    expected = ref.rdm(x, metric)
    for dtype in (np.uint8, np.int64, np.float32):
        got = jp.rdm(x.astype(dtype), metric=metric)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13 * expected.max())


@pytest.mark.parametrize("metric", [m for m in METRICS if m != "cosine"])
def test_common_offset_changes_nothing(features, metric):
    x = features("dense") + 1e4  # rounds x: compare with the rounded features
    expected = ref.rdm(x, metric)
    np.testing.assert_allclose(jp.rdm(x, metric=metric), expected, rtol=1e-10)

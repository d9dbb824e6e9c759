"""jp.leave_one_out: every metric, comparison and path against deleting the column."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import (
    CLOSED_FORM,
    MISSING,
    UNEQUAL,
    methods,
    over_closed_form,
    over_few_pairs,
    over_few_paths,
    over_pairs,
    over_paths,
)

import jaxprune as jp

KINDS = ("dense", "sparse", "heavy", "tiny", "huge", "fragile", "levels", "duplicated")


def check(x, target, atol=1e-12, **options):
    """Compare with the reference; return our result."""
    got = jp.leave_one_out(x, target, **options)
    slow = {k: v for k, v in options.items() if k not in ("method", "precision")}
    expected = ref.leave_one_out(x, target, **slow)
    np.testing.assert_allclose(got.full_score, expected.full_score, atol=atol)
    np.testing.assert_allclose(got.scores, expected.scores, rtol=0, atol=atol)
    np.testing.assert_allclose(got.importance, expected.importance, rtol=0, atol=atol)
    return got


@over_paths
@pytest.mark.parametrize("kind", KINDS)
def test_equals_column_deletion(features, targets, metric, compare, method, kind):
    options = {"metric": metric, "compare": compare, "method": method}
    got = check(features(kind), targets(), **options)
    assert got.importance.shape == got.scores.shape == (24,)
    assert isinstance(got.full_score, float)
    assert (got.path, got.dtype) == (method, "float64")


@over_pairs
def test_the_path_that_is_chosen(features, targets, metric, compare):
    x, t, options = features("dense"), targets(), {"metric": metric, "compare": compare}
    path = methods(metric, compare)[0]
    assert jp.select_path(metric, compare) == path
    got = jp.leave_one_out(x, t, **options)
    given = jp.leave_one_out(x, t, method=path, **options)
    assert got.path == path
    np.testing.assert_array_equal(got.importance, given.importance)


@over_few_paths
def test_missing_pairs(features, targets, metric, compare, method):
    t = targets(missing=MISSING)
    check(features("sparse"), t, metric=metric, compare=compare, method=method)


@over_few_paths
def test_undefined_zero(features, targets, metric, compare, method):
    x = features("fragile")
    x[8] = 0.0  # constant over the whole layer
    options = {"metric": metric, "compare": compare, "undefined": "zero"}
    got = check(x, targets(), method=method, **options)
    assert not np.isnan(got.importance).any()


@over_paths
def test_r2(features, targets, metric, compare, method):
    options = {"metric": metric, "compare": compare, "method": method}
    got = check(features("sparse"), targets(), objective="r2", **options)
    r = jp.leave_one_out(features("sparse"), targets(), **options)
    np.testing.assert_allclose(got.scores, r.scores**2, atol=1e-14)


@over_few_paths
def test_similarity_target(features, targets, metric, compare, method):
    options = {"metric": metric, "compare": compare, "method": method}
    t = 1 - targets(missing=MISSING)
    check(features("dense"), t, target_kind="similarity", **options)


@over_paths
def test_dead_units_tie_exactly(features, targets, metric, compare, method):
    options = {"metric": metric, "compare": compare, "method": method}
    got = jp.leave_one_out(features("sparse"), targets(), **options)
    assert len(np.unique(got.importance[[4, 11, 19]])) == 1
    if "correlation" not in metric:  # which they change, through the mean of each row
        assert abs(got.importance[4]) < 1e-14


@over_pairs
def test_dominated_row(features, targets, metric, compare):
    options = {"metric": metric, "compare": compare}
    for method in methods(metric, compare):
        check(features("dominated"), targets(), atol=1e-11, method=method, **options)
    # 1 - c z^2 is 1e-9 here, and the other distances 1e-9 of this unit's.
    x = features("dominated")
    x[2, 7] = 1e5
    check(x, targets(), **options)


@pytest.mark.parametrize("method", ["auto", "closed_form", "downdate", "masked"])
def test_unit_that_leaves_a_row_constant(features, targets, method):
    got = jp.leave_one_out(features("fragile"), targets(), method=method)
    assert np.flatnonzero(np.isnan(got.importance)).tolist() == [5, 9]
    assert np.flatnonzero(np.isnan(got.scores)).tolist() == [5, 9]
    assert np.isfinite(got.full_score)


def test_constant_condition_is_named(features, targets):
    x = features("dense")
    x[4] = 0.1
    with pytest.raises(ValueError, match=r"\b4\b"):
        jp.leave_one_out(x, targets())
    assert np.isfinite(jp.leave_one_out(x, targets(), metric="cosine").importance).all()


@over_pairs
def test_large_common_offset(features, targets, metric, compare):
    # The features keep 12 digits; with the cosine metric 1 - r loses another three.
    x = features("offset") if metric == "cosine" else features("dense") + 1e4
    for method in methods(metric, compare):
        options = {"metric": metric, "compare": compare, "method": method}
        check(x, targets(), atol=1e-11, **options)


@pytest.mark.parametrize("kind", ["dense", "sparse", "heavy", "dominated"])
@over_closed_form
def test_float32(features, targets, metric, compare, kind):
    x, t = features(kind, np.float32), targets()
    options = {"metric": metric, "compare": compare}
    got = jp.leave_one_out(x, t, precision="float32", **options)
    expected = ref.leave_one_out(x, t, **options).importance
    assert (got.path, got.dtype) == ("closed_form", "float32")
    assert got.importance.dtype == np.float64
    np.testing.assert_allclose(
        got.importance, expected, rtol=0, atol=1e-5 * np.abs(expected).max()
    )
    if kind == "sparse":
        assert len(np.unique(got.importance[[4, 11, 19]])) == 1


@pytest.mark.parametrize(("metric", "compare"), CLOSED_FORM)
def test_float32_keeps_small_importances(metric, compare):
    # Differences of float32 scores would leave few distinct values.
    rng = np.random.default_rng(5)
    x = rng.normal(size=(9, 2000)).astype(np.float32)
    t = ref.square(ref.rdm(x[:, :50], metric))
    options = {"metric": metric, "compare": compare}
    exact = jp.leave_one_out(x, t, **options).importance
    got = jp.leave_one_out(x, t, precision="float32", **options).importance
    np.testing.assert_allclose(got, exact, rtol=0, atol=1e-5 * np.abs(exact).max())
    assert len(np.unique(got)) > 1900


@over_few_pairs
def test_several_targets(features, targets, metric, compare):
    x, t = features("sparse"), targets(k=3, missing=UNEQUAL)
    for method in methods(metric, compare):
        options = {"metric": metric, "compare": compare, "method": method}
        each = check(x, t, **options)
        assert each.importance.shape == (3, 24)
        assert each.full_score.shape == (3,)
        mean = check(x, t, pool="mean", **options)
        assert mean.importance.shape == (24,)
        assert isinstance(mean.full_score, float)


@pytest.mark.slow
@pytest.mark.parametrize("compare", ["pearson", "spearman", "corr_cov"])
@pytest.mark.parametrize("method", ["closed_form", "downdate", "masked"])
def test_targets_that_miss_the_same_pairs(features, targets, compare, method):
    # They go through the kernels together.
    if method not in methods("correlation", compare):
        pytest.skip(f"there is no closed form with {compare}")
    t = targets(k=3)
    t[0][[0, 4], [4, 0]] = t[2][[0, 4], [4, 0]] = np.nan
    check(features("sparse"), t, compare=compare, method=method)


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
def test_stack_of_one_target(features, targets, compare):
    got = jp.leave_one_out(features(), targets()[None], compare=compare)
    one = jp.leave_one_out(features(), targets(), compare=compare)
    assert got.importance.shape == (1, 24)
    np.testing.assert_allclose(got.importance[0], one.importance, atol=1e-14)


@pytest.mark.parametrize("method", ["closed_form", "downdate", "masked"])
@pytest.mark.parametrize("batch_size", [1, 5, 24, 999])
def test_batches_change_nothing(features, targets, method, batch_size):
    x, t = features("sparse"), targets()
    expected = jp.leave_one_out(x, t, method=method)
    got = jp.leave_one_out(x, t, method=method, batch_size=batch_size)
    np.testing.assert_allclose(got.importance, expected.importance, rtol=0, atol=1e-13)
    assert len(np.unique(got.importance[[4, 11, 19]])) == 1


@pytest.mark.parametrize("n_units", [2, 3])
@pytest.mark.parametrize("metric", ["correlation", "sqeuclidean"])
def test_very_few_units(targets, metric, n_units):
    x = np.random.default_rng(0).normal(size=(9, n_units))
    check(x, targets(), metric=metric)


@pytest.mark.parametrize("layout", ["C", "F", "strided", "jax"])
def test_memory_layouts(features, targets, layout):
    x = features("dense", np.float32)
    expected = jp.leave_one_out(x, targets()).importance
    given = {
        "C": lambda: np.ascontiguousarray(x),
        "F": lambda: np.asfortranarray(x),
        "strided": lambda: np.repeat(x, 2, axis=1)[:, ::2],
        "jax": lambda: jnp.asarray(x),
    }[layout]()
    got = jp.leave_one_out(given, targets())
    assert isinstance(got.importance, np.ndarray)
    np.testing.assert_allclose(got.importance, expected, rtol=0, atol=1e-13)


def test_device_is_named(features, targets):
    device = jp.leave_one_out(features(), targets()).device
    assert jax.devices()[0].platform in device.lower()

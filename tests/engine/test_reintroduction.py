"""jp.reintroduce: the score of the first 1, 2, ..., N units of an order."""

import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import (
    METRICS,
    MISSING,
    UNEQUAL,
    over_comparisons,
    over_few_pairs,
    over_metrics,
    over_pairs,
)

import jaxprune as jp
from jaxprune.engine.sizes import blocks_of

ORDER = np.random.default_rng(7).permutation(24)
KINDS = ("dense", "sparse", "heavy", "tiny", "huge", "levels", "duplicated", "fragile")


def check(x, target, order=ORDER, atol=1e-12, **options):
    got = jp.reintroduce(x, target, order, **options)
    slow = {k: v for k, v in options.items() if k != "precision"}
    expected = ref.prefix_curve(x, target, order, **slow)
    assert got.curve.dtype == np.float64
    np.testing.assert_array_equal(np.isnan(got.curve), np.isnan(expected))
    np.testing.assert_allclose(got.curve, expected, rtol=0, atol=atol)
    return got


@over_pairs
@pytest.mark.parametrize("kind", KINDS)
def test_equals_reference(features, targets, metric, compare, kind):
    got = check(features(kind), targets(), metric=metric, compare=compare)
    assert got.curve.shape == (24,)
    assert got.best_size == np.nanargmax(got.curve) + 1
    assert got.best_score == got.curve[got.best_size - 1]
    assert got.path == "prefix"
    full = jp.score(features(kind), targets(), metric=metric, compare=compare)
    assert got.curve[-1] == pytest.approx(full, abs=1e-12)


@over_few_pairs
def test_undefined_zero(features, targets, metric, compare):
    x = features("sparse")
    x[5] = 0.0  # constant over the whole layer
    options = {"metric": metric, "compare": compare, "undefined": "zero"}
    got = check(x, targets(), **options)
    assert not np.isnan(got.curve).any()


@over_few_pairs
def test_missing_pairs(features, targets, metric, compare):
    t = targets(missing=MISSING)
    check(features("sparse"), t, metric=metric, compare=compare)


@over_comparisons
def test_r2_and_similarity(features, targets, compare):
    x, t = features("dense"), targets()
    check(x, t, compare=compare, objective="r2")
    check(x, 1 - t, compare=compare, target_kind="similarity")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_first_prefixes_of_sparse_features_are_undefined(targets, dtype):
    rng = np.random.default_rng(9)
    x = rng.random(size=(9, 24)).astype(dtype)
    x[0, :3] = 0.0
    x[1, :5] = dtype(0.1)
    x[2, :7] = dtype(1 / 3)
    x[3, :2] = 1e-12
    got = jp.reintroduce(
        x, targets(), np.arange(24), precision=f"float{8 * x.itemsize}"
    )
    assert np.isnan(got.curve).tolist() == [True] * 7 + [False] * 17
    assert got.best_size > 7
    assert got.dtype == x.dtype.name


def test_undefined_sizes_follow_from_the_data(features, targets):
    # A size is undefined until every row has seen a second value.
    for kind in ("sparse", "levels", "dense"):
        x = features(kind)[:, ORDER]
        first_change = (x != x[:, :1]).argmax(axis=1).max()
        curve = jp.reintroduce(features(kind), targets(), ORDER).curve
        assert np.isnan(curve).sum() == first_change
        assert np.isnan(curve[:first_change]).all()


@over_metrics
def test_one_unit(features, targets, metric):
    curve = jp.reintroduce(features("dense"), targets(), ORDER, metric=metric).curve
    expected = ref.score(features("dense")[:, ORDER[:1]], targets(), metric)
    assert np.isnan(expected) == (metric == "correlation")
    np.testing.assert_allclose(curve[0], expected, atol=1e-12)


@over_comparisons
def test_one_positive_unit_has_no_cosine_rdm(targets, compare):
    # All similarities are 1: only round-off is left.
    x = np.random.default_rng(1).uniform(0.1, 5, size=(9, 24))
    got = check(x, targets(), metric="cosine", compare=compare)
    if compare not in ("tau-a", "rho-a"):
        assert np.isnan(got.curve[0])
    assert np.isfinite(got.curve[1:]).all()


@over_metrics
def test_dominated_row_and_offset(features, targets, metric):
    check(features("dominated"), targets(), metric=metric, atol=1e-11)
    x = features("offset") if metric == "cosine" else features("dense") + 1e4
    check(x, targets(), metric=metric, atol=1e-11)


@over_metrics
def test_float32(features, targets, metric):
    x, t = features("sparse", np.float32), targets()
    got = check(x, t, metric=metric, precision="float32", atol=2e-5)
    assert got.dtype == "float32"


@pytest.mark.parametrize("pool", ["each", "mean"])
@over_comparisons
def test_several_targets(features, targets, compare, pool):
    t = targets(k=3, missing=UNEQUAL)
    got = check(features("sparse"), t, compare=compare, pool=pool)
    assert got.curve.shape == ((24,) if pool == "mean" else (3, 24))
    best = np.nanargmax(got.curve, axis=-1) + 1
    np.testing.assert_array_equal(got.best_size, best)


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
@pytest.mark.parametrize("n_units", [2, 5, 600, 1300])
def test_lengths_around_the_block_sizes(compare, n_units):
    rng = np.random.default_rng(n_units)
    x = rng.normal(size=(7, n_units))
    t = ref.square(rng.random(21))
    order = rng.permutation(n_units)
    curve = jp.reintroduce(x, t, order, compare=compare).curve
    sizes = np.unique(np.linspace(1, n_units, 9).astype(int))
    expected = [ref.score(x[:, order[:s]], t, compare=compare) for s in sizes]
    np.testing.assert_allclose(curve[sizes - 1], expected, rtol=0, atol=1e-12)


def test_best_size_is_the_smallest_of_equals(targets):
    # Dead units at the end leave a squared Euclidean RDM as it is.
    x = np.zeros((9, 24))
    x[:, :2] = np.random.default_rng(3).normal(size=(9, 2))
    t = ref.square(ref.rdm(x, "sqeuclidean"))
    got = jp.reintroduce(x, t, np.arange(24), metric="sqeuclidean")
    assert len(np.unique(got.curve[1:])) == 1
    assert got.best_size == 2
    assert got.best_score == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("container", [list, tuple, np.array])
def test_order_types(features, targets, container):
    expected = jp.reintroduce(features(), targets(), ORDER).curve
    order = container(ORDER.tolist())
    np.testing.assert_array_equal(
        jp.reintroduce(features(), targets(), order).curve, expected
    )


@pytest.mark.parametrize(
    "order",
    [
        ORDER[:-1],
        np.append(ORDER, 24),
        np.where(ORDER == 3, 4, ORDER),
        ORDER + 1,
        ORDER - 1,
        ORDER.astype(float) + 0.5,
        ORDER.reshape(4, 6),
        [],
    ],
    ids=["partial", "long", "repeated", "high", "negative", "float", "2-D", "empty"],
)
def test_order_must_be_a_permutation(features, targets, order):
    with pytest.raises((ValueError, TypeError), match="order"):
        jp.reintroduce(features(), targets(), order)


def test_every_metric_ends_at_its_full_score_in_any_order(features, targets):
    for metric in METRICS:
        options = {"metric": metric, "compare": "cosine"}
        first = jp.reintroduce(features(), targets(), ORDER, **options)
        second = jp.reintroduce(features(), targets(), ORDER[::-1], **options)
        assert first.curve[-1] == pytest.approx(second.curve[-1], abs=1e-13)


# Uneven steps, of which the last takes several blocks.
SIZES = np.array([4, 9, 10, 24])
# Every metric with one comparison on the device, every comparison with one metric.
over_sizes = pytest.mark.parametrize(
    ("metric", "compare"),
    [*((m, "pearson") for m in (*METRICS, "squared_correlation"))]
    + [("correlation", "spearman"), ("correlation", "corr_cov")],
)


def check_sizes(x, target, order=ORDER, sizes=SIZES, atol=1e-12, **options):
    full = jp.reintroduce(x, target, order, **options)
    got = jp.reintroduce(x, target, order, sizes=sizes, **options)
    expected = full.curve[..., sizes - 1]
    np.testing.assert_array_equal(np.isnan(got.curve), np.isnan(expected))
    np.testing.assert_allclose(got.curve, expected, rtol=0, atol=atol)
    np.testing.assert_array_equal(got.sizes, sizes)
    assert got.curve.dtype == np.float64
    best = np.nanargmax(got.curve, axis=-1)
    np.testing.assert_array_equal(got.best_size, sizes[best])
    np.testing.assert_array_equal(full.sizes, np.arange(1, 25))
    np.testing.assert_array_equal(full.order, order)


@over_sizes
def test_sizes_equal_the_full_curve(features, targets, metric, compare):
    options = {"metric": metric, "compare": compare}
    for kind in ("sparse", "levels", "heavy", "duplicated", "fragile"):
        check_sizes(features(kind), targets(), **options)


@pytest.mark.parametrize("metric", ["correlation", "sqeuclidean"])
def test_sizes_of_undefined_and_missing(features, targets, metric):
    x = features("sparse")
    x[5] = 0.0  # constant over the whole layer
    t = targets(missing=MISSING)
    check_sizes(x, t, metric=metric, undefined="zero")


def test_sizes_of_noise_folds_and_counts(features, targets):
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(24, 24))
    precision = mixed @ mixed.T + 24 * np.eye(24)
    check_sizes(features(), targets(), metric="mahalanobis", noise=precision)
    folds = features() + rng.normal(size=(2, 9, 24))
    check_sizes(folds, targets(), metric="crossnobis", noise=np.diagonal(precision))
    check_sizes(features("levels"), targets(), metric="poisson")


def test_sizes_of_several_targets_and_orders(features, targets):
    t = targets(k=3, missing=UNEQUAL)
    orders = np.stack([ORDER, ORDER[::-1], np.arange(24)])
    for order in (ORDER, orders):
        check_sizes(features("sparse"), t, order, compare="spearman")
    check_sizes(features("sparse"), t, orders, compare="spearman", pool="mean")


@pytest.mark.parametrize("metric", ["correlation", "cosine", "euclidean"])
def test_sizes_in_float32(features, targets, metric):
    options = {"metric": metric, "precision": "float32", "atol": 2e-5}
    kinds = ("sparse",) if metric == "cosine" else ("sparse", "offset")
    for kind in kinds:
        check_sizes(features(kind, np.float32), targets(), **options)


def test_sizes_of_a_jax_array(features, targets):
    check_sizes(jnp.asarray(features("sparse", np.float32)), targets())


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
@pytest.mark.parametrize("batch_size", [None, 7])
def test_sizes_in_several_calls(compare, batch_size):
    rng = np.random.default_rng(0)
    x, t, order = rng.normal(size=(7, 600)), rng.random(21), rng.permutation(600)
    options = {"compare": compare, "batch_size": batch_size}
    full = jp.reintroduce(x, t, order, compare=compare).curve
    for sizes in (np.arange(20, 601, 20), np.array([3, 5, 8, 13, 21, 34, 55, 590])):
        got = jp.reintroduce(x, t, order, sizes=sizes, **options).curve
        np.testing.assert_allclose(got, full[sizes - 1], rtol=0, atol=1e-12)


def test_blocks_cover_every_step_once():
    rng = np.random.default_rng(0)
    for n_units in (1, 2, 30, 500):
        for n_sizes in {1, min(2, n_units), -(-n_units // 3), n_units}:
            chosen = rng.choice(np.arange(1, n_units + 1), n_sizes, replace=False)
            sizes = np.sort(chosen)
            positions, present, ends = blocks_of(sizes)
            np.testing.assert_array_equal(positions[present], np.arange(sizes[-1]))
            np.testing.assert_array_equal(np.cumsum(present.sum(1))[ends], sizes)
            assert present.any(1).all()
            assert len(present) <= 2 * n_sizes
            assert present.size <= 2 * (sizes[-1] + n_sizes)


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        1,
        5.0,
        "some",
        [0, 5],
        [5, 25],
        [5, 5],
        [9, 5],
        [2.5, 5],
        [[4, 5]],
        ["4"],
        [True, False],
    ],
)
def test_sizes_must_be_increasing_numbers_of_units(features, targets, sizes):
    with pytest.raises(ValueError, match="sizes"):
        jp.reintroduce(features(), targets(), ORDER, sizes=sizes)


@pytest.mark.parametrize("m", [2, 5, 12, 23, 24, 100])
def test_so_many_sizes(features, targets, m):
    """A grid of equal steps of the logarithm; of as many as there are units, all."""
    x, t = features(), targets()
    grid = np.unique(np.rint(np.geomspace(1, 24, m))).astype(int)
    grid = np.arange(1, 25) if m >= 24 else grid
    whole, found = (jp.prune(x, t, sizes=sizes) for sizes in ("all", m))
    np.testing.assert_array_equal(found.sizes, grid)
    np.testing.assert_allclose(found.curve, whole.curve[grid - 1], atol=1e-12)
    assert found.best_size == grid[np.nanargmax(found.curve)]
    np.testing.assert_array_equal(
        found.retained, np.sort(found.order[: found.best_size])
    )
    assert found.settings.sizes == ("all" if m >= 24 else str(len(grid)))
    assert found.mask.sum() == found.best_size
    coarse = jp.reintroduce(x, t, found.order, sizes=m)
    np.testing.assert_array_equal(coarse.sizes, grid)


def test_a_result_on_a_grid_is_saved(features, targets, tmp_path):
    found = jp.prune(features(), targets(), sizes=5)
    found.save(tmp_path)
    again = jp.Pruning.load(tmp_path)
    np.testing.assert_array_equal(again.sizes, found.sizes)
    np.testing.assert_array_equal(again.curve, found.curve)
    table = np.loadtxt(tmp_path / "curve.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(table[:, 0], found.sizes)


def test_no_size_with_a_score(features, targets):
    with pytest.raises(ValueError, match="no prefix"):
        jp.reintroduce(features("sparse"), targets(), ORDER, sizes=[1])

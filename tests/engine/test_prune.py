"""jp.prune: importance -> ranking -> reintroduction -> retained units."""

import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import MISSING, UNEQUAL, over_few_pairs, over_pairs

import jaxprune as jp


def check_steps(x, target, result, **options):
    """Every step follows from the one before it."""
    importance = ref.leave_one_out(x, target, **options).importance
    np.testing.assert_allclose(result.importance, importance, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(result.order, ref.ranking(result.importance))
    curve = ref.prefix_curve(x, target, result.order, **options)
    np.testing.assert_allclose(result.curve, curve, rtol=0, atol=1e-12)
    assert result.best_size == ref.best_size(result.curve)
    assert result.best_score == result.curve[result.best_size - 1]
    kept = result.order[: result.best_size]
    np.testing.assert_array_equal(result.retained, np.sort(kept))
    np.testing.assert_array_equal(np.flatnonzero(result.mask), result.retained)


@over_pairs
def test_equals_reference(features, targets, metric, compare):
    x, t, options = features("dense"), targets(), {"metric": metric, "compare": compare}
    result, expected = jp.prune(x, t, **options), ref.prune(x, t, **options)
    check_steps(x, t, result, **options)
    assert result.full_score == pytest.approx(expected.full_score, abs=1e-12)
    np.testing.assert_array_equal(result.order, expected.order)
    np.testing.assert_array_equal(result.retained, expected.retained)


@pytest.mark.parametrize(
    ("compare", "levels"), [("rho-a", 28), ("rho-a", 5), ("spearman", 5), ("tau-a", 5)]
)
def test_units_that_order_the_pairs_equally_well_tie(compare, levels):
    # Of 28 pairs there are few sums of products of ranks, and one unit changes little.
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(8, 60)), rng.integers(levels, size=28).astype(float)
    result, expected = jp.prune(x, t, compare=compare), ref.prune(x, t, compare=compare)
    np.testing.assert_array_equal(result.order, expected.order)
    np.testing.assert_array_equal(result.retained, expected.retained)
    assert len(np.unique(result.importance)) < 60


@over_pairs
@pytest.mark.parametrize("kind", ["sparse", "fragile", "levels"])
def test_steps(features, targets, metric, compare, kind):
    x, t, options = features(kind), targets(), {"metric": metric, "compare": compare}
    check_steps(x, t, jp.prune(x, t, **options), **options)


@pytest.mark.parametrize("objective", ["r", "r2"])
@pytest.mark.parametrize("undefined", ["nan", "zero"])
def test_options(features, objective, undefined):
    x = features("sparse")
    t = ref.square(ref.rdm(x[:, [0, 1, 2, 14, 20, 21, 22, 23]], undefined="zero"))
    options = {"objective": objective, "undefined": undefined}
    check_steps(x, t, jp.prune(x, t, **options), **options)


def test_result(features, targets):
    result = jp.prune(features("dense"), targets())
    assert isinstance(result.full_score, float)
    assert isinstance(result.best_size, int | np.integer)
    assert result.mask.dtype == bool
    assert result.mask.shape == result.importance.shape == result.curve.shape == (24,)
    assert np.issubdtype(result.order.dtype, np.integer)
    assert np.issubdtype(result.retained.dtype, np.integer)
    assert result.retained.tolist() == sorted(set(result.retained.tolist()))
    for array in (result.importance, result.order, result.curve, result.retained):
        assert isinstance(array, np.ndarray)
    assert set(result.paths) == {"importance", "reintroduction"}
    pruned = ref.rdm(features("dense")[:, result.retained])
    np.testing.assert_allclose(result.pruned_rdm, pruned, atol=1e-13)
    np.testing.assert_allclose(result.full_rdm, ref.rdm(features("dense")), atol=1e-13)
    np.testing.assert_array_equal(result.target_rdm, ref.condensed(targets()))


def test_undefined_units_rank_first_and_are_counted(features, targets):
    result = jp.prune(features("fragile"), targets())
    assert result.order[:2].tolist() == [5, 9]
    assert result.n_undefined == 2


def test_dead_units_keep_their_order(features, targets):
    order = jp.prune(features("sparse"), targets()).order.tolist()
    where = [order.index(k) for k in (4, 11, 19)]
    assert where == [where[0], where[0] + 1, where[0] + 2]


def test_informative_units_are_found():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(12, 40))
    x[:, :8] *= 3
    result = jp.prune(x, ref.square(ref.rdm(x[:, :8])))
    assert result.best_score > result.full_score
    assert set(range(8)) <= set(result.retained.tolist())


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
def test_several_targets_each(features, targets, compare):
    x, t = features("sparse"), targets(k=3, missing=UNEQUAL)
    result = jp.prune(x, t, compare=compare)
    assert result.importance.shape == result.order.shape == result.curve.shape
    assert result.importance.shape == result.mask.shape == (3, 24)
    assert len(result.retained) == len(result.best_size) == len(result.best_score) == 3
    for k, target in enumerate(t):
        one = jp.prune(x, target, compare=compare)
        np.testing.assert_allclose(result.importance[k], one.importance, atol=1e-13)
        np.testing.assert_allclose(result.full_score[k], one.full_score, atol=1e-13)
        if compare == "pearson":
            np.testing.assert_array_equal(result.order[k], one.order)
            np.testing.assert_allclose(result.curve[k], one.curve, atol=1e-12)
            np.testing.assert_array_equal(result.retained[k], one.retained)


@over_few_pairs
def test_several_targets_mean(features, targets, metric, compare):
    x, t = features("dense"), targets(k=3, missing=UNEQUAL)
    options = {"metric": metric, "compare": compare, "pool": "mean"}
    check_steps(x, t, jp.prune(x, t, **options), **options)


def test_r2_warns_of_an_anti_correlated_prefix(features):
    x = features("dense")
    opposite = ref.square(2 - ref.rdm(x))
    with pytest.warns(UserWarning, match="(?i)anti-?correlated|negative"):
        result = jp.prune(x, opposite, objective="r2")
    assert result.best_score == pytest.approx(1, abs=1e-12)
    jp.prune(x, ref.square(ref.rdm(x)), objective="r2")  # warnings are errors here


def test_similarity_target(features, targets):
    x, t = features("dense"), targets()
    result = jp.prune(x, 1 - t, target_kind="similarity")
    expected = jp.prune(x, t)
    np.testing.assert_array_equal(result.retained, expected.retained)
    np.testing.assert_allclose(result.curve, expected.curve, atol=1e-12)


def test_inputs_are_not_changed(features, targets):
    x, t = features("sparse"), targets(missing=MISSING)
    jp.prune(x, t)
    np.testing.assert_array_equal(x, features("sparse"))
    np.testing.assert_array_equal(t, targets(missing=MISSING))


def test_jax_arrays_and_lists(features, targets):
    x, t = features("dense", np.float32), targets()
    expected = jp.prune(x, t)
    for given in (jnp.asarray(x), x.tolist()):
        result = jp.prune(given, t)
        np.testing.assert_array_equal(result.order, expected.order)
        np.testing.assert_allclose(result.curve, expected.curve, atol=1e-12)
    result = jp.prune(x, jnp.asarray(t, np.float32))
    np.testing.assert_allclose(result.curve, expected.curve, atol=1e-5)


def test_float32_retains_the_same_units(features):
    x = features("dense", np.float32)
    t = ref.square(ref.rdm(x[:, :10]))
    double, single = (jp.prune(x, t, precision=p) for p in ("float64", "float32"))
    assert (double.dtype, single.dtype) == ("float64", "float32")
    np.testing.assert_array_equal(double.retained, single.retained)

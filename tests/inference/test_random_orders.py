"""Curves of random orders, and what they say about another order."""

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.inference import RandomOrders, random_orders
from jaxprune.results import Settings
from tests import reference

SIZES = np.array([4, 9, 10, 24])


def made(curves, dtype="float64"):
    """Random orders with curves of one's own."""
    curves = np.asarray(curves, float)
    sizes = np.arange(1, curves.shape[-1] + 1)
    return RandomOrders(curves, sizes, 0, dtype, Settings())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compare": "spearman", "objective": "r2"},
        {"metric": "sqeuclidean", "compare": "rho-a"},
    ],
)
def test_curves_of_permutations(features, targets, options):
    x, t = features("sparse"), targets()
    got = random_orders(x, t, 5, sizes=SIZES, seed=3, **options)
    everything = random_orders(x, t, 5, seed=3, **options)
    assert got.curves.shape == (5, 4)
    assert everything.curves.shape == (5, 24)
    for i in range(5):
        order = np.random.default_rng([3, i]).permutation(24)
        expected = reference.prefix_curve(x, t, order, **options)
        np.testing.assert_allclose(everything.curves[i], expected, atol=1e-12)
        np.testing.assert_allclose(got.curves[i], expected[SIZES - 1], atol=1e-12)


def test_an_order_depends_on_the_seed_and_its_number(features, targets):
    few = random_orders(features(), targets(), 3, sizes=SIZES)
    more = random_orders(features(), targets(), 6, sizes=SIZES)
    other = random_orders(features(), targets(), 3, sizes=SIZES, seed=1)
    np.testing.assert_array_equal(few.curves, more.curves[:3])
    assert len(np.unique(more.curves[:, 0])) == 6
    assert not np.isin(few.curves[:, 0], other.curves[:, 0]).any()


@pytest.mark.parametrize("sizes", [SIZES, None])
@pytest.mark.parametrize("pool", ["each", "mean"])
def test_several_targets(features, targets, sizes, pool):
    t = targets(k=3, missing=[(1, 0, 2)])
    got = random_orders(features(), t, 4, sizes=sizes, pool=pool)
    each = [random_orders(features(), one, 4, sizes=sizes).curves for one in t]
    expected = np.mean(each, axis=0) if pool == "mean" else each
    np.testing.assert_allclose(got.curves, expected, rtol=0, atol=1e-12)
    curve = jp.reintroduce(features(), t, np.arange(24), sizes=sizes, pool=pool).curve
    assert np.shape(got.p_value(curve)) == (() if pool == "mean" else (3,))
    assert got.pointwise(curve).shape == got.band()[0].shape == curve.shape


@pytest.mark.slow
def test_float32_and_noise(features, targets):
    x, t = features(), targets()
    exact = random_orders(x, t, 3, sizes=SIZES).curves
    rough = random_orders(x, t, 3, sizes=SIZES, precision="float32")
    np.testing.assert_allclose(rough.curves, exact, rtol=0, atol=2e-5)
    assert rough.dtype == "float32"
    precision = np.eye(24) + 0.1
    options = {"metric": "mahalanobis", "noise": precision}
    got = random_orders(x, t, 3, sizes=SIZES, **options)
    order = np.random.default_rng([0, 2]).permutation(24)
    expected = reference.prefix_curve(x, t, order, **options)[SIZES - 1]
    np.testing.assert_allclose(got.curves[2], expected, rtol=0, atol=1e-10)


def test_p_values_by_hand():
    null = made([[0.1, 0.5, 0.3], [0.2, 0.2, 0.3], [np.nan, 0.4, 0.3]])
    assert null.p_value([0.0, 0.45, 0.3]) == 2 / 4
    assert null.p_value([np.nan, 0.6, 0.3]) == 1 / 4
    # The maximum is where all units are kept: every order reaches it.
    assert null.p_value([0.1, 0.2, 0.3 + 1e-15]) == 1
    # Undefined is no evidence.
    expected = [(1 + 1 + 1) / 4, (2 + 1) / 4, 1]
    np.testing.assert_allclose(null.pointwise([0.15, 0.3, 0.3]), expected)
    assert np.isnan(null.pointwise([np.nan, 0.3, 0.3])[0])
    assert made([[np.nan] * 3, [0, 0, 0]]).p_value([1, 1, 1]) == 2 / 3


def test_standardized_by_hand():
    # High scores, all alike, at the second size; the curve stands out at the first.
    null = made([[0.1, 0.90, 1], [0.2, 0.91, 1], [0.3, 0.92, 1], [0.2, 0.93, 1]])
    curve = [0.8, 0.91, 1]
    assert null.p_value(curve) == 1
    assert null.p_value(curve, standardized=True) == 1 / 5
    together = np.vstack([null.curves, curve])[:, :2]
    z = (together - together.mean(0)) / together.std(0)
    highest = z.max(1)
    assert highest.argmax() == 4
    expected = ((highest[:4] >= highest[2]).sum() + 1) / 5
    low = made(np.delete(np.vstack([null.curves, curve]), 2, axis=0))
    assert low.p_value(null.curves[2], standardized=True) == expected


def test_band():
    rng = np.random.default_rng(0)
    curves = rng.normal(size=(2, 200, 3))
    curves[0, :50, 1] = np.nan
    curves[:, :, 2] = np.nan
    low, high = made(curves).band(0.9)
    assert low.shape == high.shape == (2, 3)
    np.testing.assert_allclose(low[1, 0], np.quantile(curves[1, :, 0], 0.05))
    np.testing.assert_allclose(high[0, 1], np.quantile(curves[0, 50:, 1], 0.95))
    assert np.isnan(low[:, 2]).all()


@pytest.mark.parametrize("standardized", [False, True])
def test_uniform_if_there_is_nothing_to_find(features, targets, standardized):
    # Each random order against the others: every rank once, but for ties.
    null = random_orders(features(), targets(), 60, sizes=SIZES[:3])
    p = []
    for i, curve in enumerate(null.curves):
        others = made(np.delete(null.curves, i, axis=0))
        p.append(others.p_value(curve, standardized=standardized))
    np.testing.assert_allclose(np.sort(p), np.arange(1, 61) / 60)


def test_units_that_carry_the_target_stand_out():
    rng = np.random.default_rng(0)
    position = np.arange(10.0)
    x = np.maximum(rng.normal(-3, 4, size=(10, 60)), 0)
    x[:, :15] = 0.1 + np.abs(position[:, None] - rng.uniform(0, 9, 15))
    t = np.abs(position[:, None] - position)
    found = jp.keep_lowest(x, t, sizes=[12, 24, 36, 60])
    null = random_orders(x, t, 199, sizes=found.sizes)
    assert null.p_value(found.curve) <= 0.02
    assert null.p_value(found.curve, standardized=True) <= 0.02
    # With all units every order has one score.
    np.testing.assert_allclose(np.ptp(null.curves[:, -1]), 0, atol=1e-12)


def test_fit_to_the_layer_itself(features):
    # It is best with all units, where no order differs from another.
    x = features("dense")
    options = {"metric": "squared_correlation", "objective": "r2"}
    options |= {"target_kind": "similarity", "sizes": [8, 16, 24]}
    null = random_orders(x, np.corrcoef(x) ** 2, 19, **options)
    # The units of the best of these orders, first.
    best = int(null.curves[:, 1].argmax())
    order = np.random.default_rng([0, best]).permutation(24)
    curve = jp.reintroduce(x, np.corrcoef(x) ** 2, order, **options).curve
    assert null.p_value(curve) == 1
    assert null.p_value(curve, standardized=True) < 0.5


@pytest.mark.parametrize(
    ("curve", "message"),
    [([1, 2], "curve has shape"), ([np.nan] * 3, "no size with a defined score")],
)
def test_bad_curves(curve, message):
    with pytest.raises(ValueError, match=message):
        made(np.zeros((2, 3))).p_value(curve)


def test_bad_input(features, targets):
    for bad in ({"n_orders": 0}, {"seed": -1}, {"sizes": [3, 2]}, {"sizes": [25]}):
        name = next(iter(bad))
        with pytest.raises(ValueError, match=name):
            random_orders(features(), targets(), **bad)
    with pytest.raises(ValueError, match="level"):
        made(np.zeros((2, 3))).band(1.0)
    with pytest.raises(TypeError, match="nonsense"):
        random_orders(features(), targets(), nonsense=1)

"""jp.score_masks: arbitrary 0/1 masks, the general path and oracle of the others."""

import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import METRICS, UNEQUAL, over_few_pairs, over_metrics, over_pairs

import jaxprune as jp


def make_masks(n_units=24):
    """20 masks: empty, full, one and two units, all but one, and random ones."""
    rng = np.random.default_rng(8)
    masks = np.zeros((20, n_units), bool)
    masks[1] = True
    masks[2, 0] = masks[3, 4] = masks[4, 23] = True
    masks[5, [0, 1]] = masks[6, [4, 11]] = masks[7, [8, 15]] = True
    masks[8:12] = ~np.eye(n_units, dtype=bool)[[0, 5, 9, 23]]
    for row, share in zip(masks[12:], np.linspace(0.1, 0.9, 8), strict=True):
        row[:] = rng.random(n_units) < share
    return masks


@over_pairs
@pytest.mark.parametrize(
    "kind", ["dense", "sparse", "fragile", "levels", "duplicated", "huge"]
)
def test_equals_reference(features, targets, metric, compare, kind):
    x, t, masks = features(kind), targets(), make_masks()
    got = jp.score_masks(x, t, masks, metric=metric, compare=compare)
    expected = ref.score_masks(x, t, masks, metric=metric, compare=compare)
    assert got.shape == (20,)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@over_few_pairs
@pytest.mark.parametrize("kind", ["sparse", "levels", "fragile"])
def test_undefined_zero(features, targets, metric, compare, kind):
    x, t, masks = features(kind), targets(), make_masks()
    options = {"metric": metric, "compare": compare, "undefined": "zero"}
    got = jp.score_masks(x, t, masks, **options)
    expected = ref.score_masks(x, t, masks, **options)
    assert not np.isnan(got).any()
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@over_metrics
@pytest.mark.parametrize("kind", ["dense", "sparse", "levels"])
def test_float32(features, targets, metric, kind):
    x, t, masks = features(kind, np.float32), targets(), make_masks()
    got = jp.score_masks(x, t, masks, metric=metric, precision="float32")
    expected = ref.score_masks(x, t, masks, metric=metric)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=0, atol=2e-5)


def test_nearly_constant_rows_are_defined(features, targets):
    x = features("dense")
    x[3] = 5 + 1e-4 * x[3]
    got = jp.score_masks(x, targets(), make_masks())
    expected = ref.score_masks(x, targets(), make_masks())
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)


def test_sum_of_squares_does_not_hide_constant_rows(targets):
    # (0.1, 0.1, 0.1): q - s^2 / k is round-off, of either sign, and never exactly 0.
    rng = np.random.default_rng(12)
    x = rng.normal(size=(9, 24))
    constants = [0.1, 0.3, 1 / 3, 1e-3, 1e4 / 7, -0.7, np.pi, 1e-20, 1.1]
    x[:, :20] = np.array(constants)[:, None]
    masks = np.zeros((20, 24), bool)
    for size, row in enumerate(masks, start=1):
        row[:size] = True
    assert np.isnan(jp.score_masks(x, targets(), masks)).all()
    masks[:, 20:] = True
    assert np.isfinite(jp.score_masks(x, targets(), masks)).all()


@pytest.mark.parametrize("dtype", [bool, np.int64, np.float32, np.float64])
def test_mask_types(features, targets, dtype):
    x, t, masks = features("dense"), targets(), make_masks()
    expected = jp.score_masks(x, t, masks)
    np.testing.assert_array_equal(jp.score_masks(x, t, masks.astype(dtype)), expected)


def test_jax_masks_and_features(features, targets):
    x, t, masks = features("dense", np.float32), targets(), make_masks()
    got = jp.score_masks(jnp.asarray(x), t, jnp.asarray(masks))
    assert isinstance(got, np.ndarray)
    np.testing.assert_allclose(got, jp.score_masks(x, t, masks), atol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 3, 7, 20, 1000])
def test_batches_change_nothing(features, targets, batch_size):
    x, t, masks = features("sparse"), targets(), make_masks()
    expected = jp.score_masks(x, t, masks)
    got = jp.score_masks(x, t, masks, batch_size=batch_size)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13)


def test_full_mask_is_the_score(features, targets):
    x, t = features("dense"), targets()
    for metric in METRICS:
        got = jp.score_masks(x, t, np.ones((1, 24)), metric=metric)
        expected = jp.score(x, t, metric=metric)
        np.testing.assert_allclose(got, [expected], atol=1e-13)


def test_missing_pairs_and_dropped_conditions(features, targets):
    # Condition 6 has no pair left: rows where only it is constant stay defined.
    missing = [(6, j) for j in range(9) if j != 6] + [(0, 1), (3, 4)]
    x, t, masks = features("sparse"), targets(missing=missing), make_masks()
    got = jp.score_masks(x, t, masks)
    np.testing.assert_allclose(got, ref.score_masks(x, t, masks), rtol=0, atol=1e-12)
    x = features("dense")
    x[6, :12] = 0.1
    masks[:, 12:] = False
    got = jp.score_masks(x, t, masks)
    expected = ref.score_masks(x, t, masks)
    assert np.isfinite(expected).sum() > 10
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
def test_several_targets(features, targets, compare):
    x, masks = features("sparse"), make_masks()
    t = targets(k=3, missing=UNEQUAL)
    got = jp.score_masks(x, t, masks, compare=compare)
    expected = ref.score_masks(x, t, masks, compare=compare)
    assert got.shape == (3, 20)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
    mean = jp.score_masks(x, t, masks, compare=compare, pool="mean")
    np.testing.assert_allclose(mean, expected.mean(0), rtol=0, atol=1e-12)

"""Shapley values against all subsets of few units."""

import sys

import numpy as np
import pytest
import reference as ref
from cases import MISSING, UNEQUAL

import jaxprune as jp

FEW = [0, 1, 3, 14, 18, 20]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("sparse", {"metric": "cosine", "undefined": "zero"}),
        pytest.param(
            "sparse",
            {"metric": "correlation", "undefined": "zero", "objective": "r2"},
            marks=pytest.mark.slow,
        ),
        ("dense", {"metric": "correlation"}),  # the first of an order has no score
        pytest.param(
            "heavy",
            {"metric": "sqeuclidean", "compare": "cosine"},
            marks=pytest.mark.slow,
        ),
        ("dense", {"metric": "euclidean", "compare": "spearman"}),
    ],
)
def test_all_subsets(features, targets, kind, options):
    x, t = features(kind)[:, FEW], targets(missing=MISSING)
    exact = ref.shapley(x, t, **options)
    got = jp.shapley(x, t, tolerance=0.02, **options)
    assert got.converged
    errors = got.standard_errors
    assert 0 < errors.max() <= 0.02 * np.abs(got.values).max()
    # Six units: 5 standard errors are far beyond chance.
    assert (np.abs(got.values - exact) <= 5 * errors + 1e-12).all()
    assert got.values.sum() == pytest.approx(jp.score(x, t, **options), abs=1e-12)
    assert exact.sum() == pytest.approx(ref.score(x, t, **options), abs=1e-12)


@pytest.mark.parametrize("heads", [3, 16])
def test_wide_layers_begin_orders_from_several_places(
    features, targets, monkeypatch, heads
):
    # As if seven units were many; beginnings overlap.
    module = sys.modules["jaxprune.engine.shapley"]
    monkeypatch.setattr(module, "HEADS", heads)
    x, t = features("sparse")[:, [*FEW, 7]], targets(k=2)
    options = {"metric": "cosine", "undefined": "zero", "pool": "mean"}
    plain = jp.shapley(x, t, tolerance=1, max_orders=256, **options)
    monkeypatch.setattr(module, "SHORTEST_HEAD", 1)
    got = jp.shapley(x, t, tolerance=1, max_orders=256, **options)
    exact = ref.shapley(x, t, **options)
    assert (np.abs(got.values - exact) <= 5 * got.standard_errors).all()
    assert not np.allclose(got.values, plain.values, rtol=0, atol=1e-9)
    assert got.values.sum() == pytest.approx(jp.score(x, t, **options), abs=1e-12)


def test_standard_errors_are_those_of_the_mean(features, targets):
    # Over seeds, values scatter around the exact ones as the errors say.
    x, t = features("heavy")[:, FEW], targets()
    options = {"metric": "cosine", "tolerance": 1e-9, "max_orders": 64}
    z = []
    exact = ref.shapley(x, t, metric="cosine")
    for seed in range(40):
        with pytest.warns(UserWarning, match="after 64 orders.*max_orders"):
            got = jp.shapley(x, t, seed=seed, **options)
        assert not got.converged
        z.append((got.values - exact) / got.standard_errors)
    assert 0.8 < np.std(z) < 1.25
    assert abs(np.mean(z)) < 0.3


def test_several_targets(features, targets):
    x, t = features("sparse"), targets(k=3, missing=UNEQUAL)
    options = {"metric": "cosine", "tolerance": 10.0, "max_orders": 32}
    each = jp.shapley(x, t, **options)
    assert each.values.shape == each.standard_errors.shape == (3, 24)
    assert each.full_score.shape == (3,)
    one = jp.shapley(x, t[2], **options)
    np.testing.assert_allclose(each.values[2], one.values, rtol=0, atol=1e-13)
    mean = jp.shapley(x, t, pool="mean", **options)
    np.testing.assert_allclose(mean.values, each.values.mean(0), rtol=0, atol=1e-13)
    assert (mean.standard_errors <= each.standard_errors.max(0)).all()


def test_units_alike_share(targets):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(9, 6))
    x[:, 4] = x[:, 1]
    got = jp.shapley(x, targets(), metric="sqeuclidean", tolerance=0.01)
    spread = np.hypot(got.standard_errors[1], got.standard_errors[4])
    assert abs(got.values[1] - got.values[4]) < 5 * spread


def test_interrupted_goes_on(features, targets, tmp_path):
    x, t = features("dense"), targets()
    options = {"metric": "cosine", "tolerance": 0.5, "checkpoint": tmp_path}
    with pytest.warns(UserWarning, match="after 128 orders"):
        jp.shapley(x, t, max_orders=128, **options | {"tolerance": 1e-9})
    with pytest.warns(UserWarning, match="after 256 orders"):
        more = jp.shapley(x, t, max_orders=256, **options | {"tolerance": 1e-9})
    del options["checkpoint"]
    with pytest.warns(UserWarning, match="after 256 orders"):
        fresh = jp.shapley(x, t, max_orders=256, **options | {"tolerance": 1e-9})
    np.testing.assert_array_equal(more.values, fresh.values)
    np.testing.assert_array_equal(more.standard_errors, fresh.standard_errors)

    other = jp.shapley(x + 1, t, checkpoint=tmp_path, tolerance=10, metric="cosine")
    assert len(list(tmp_path.iterdir())) == 2
    assert not np.allclose(other.values, more.values)


def test_kept_sums_are_used(features, targets, tmp_path, monkeypatch):
    x, t = features("dense"), targets()
    options = {"metric": "cosine", "tolerance": 10, "checkpoint": tmp_path}
    first = jp.shapley(x, t, **options)
    monkeypatch.setattr("numpy.random.default_rng", None)  # no order is drawn
    np.testing.assert_array_equal(jp.shapley(x, t, **options).values, first.values)


@pytest.mark.slow
def test_prune(features, targets):
    x, t = features("heavy"), targets()
    got = jp.prune(x, t, importance="shapley")
    values = jp.shapley(x, t)
    np.testing.assert_array_equal(got.importance, values.values)
    np.testing.assert_array_equal(got.order, ref.ranking(values.values))
    assert got.full_score == pytest.approx(jp.score(x, t), abs=1e-12)
    np.testing.assert_array_equal(got.curve, jp.reintroduce(x, t, got.order).curve)
    assert got.settings.importance == "shapley"
    each = jp.prune(x, targets(k=2), importance="shapley")
    assert each.importance.shape == (2, 24)


def test_bad_input(features, targets):
    with pytest.raises(ValueError, match="tolerance=0"):
        jp.shapley(features(), targets(), tolerance=0)
    with pytest.raises(ValueError, match="max_orders=1"):
        jp.shapley(features(), targets(), max_orders=1)


def test_method_is_of_leave_one_out(features, targets):
    options = {"importance": "shapley", "method": "downdate"}
    with pytest.raises(ValueError, match="method='downdate' with importance='shapley'"):
        jp.prune(features(), targets(), metric="euclidean", **options)

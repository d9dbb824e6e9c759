"""Dtypes, byte orders, layouts and devices: one answer, or one clear error."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxprune as jp
from jaxprune.engine.layer import as_features
from jaxprune.execution import devices
from jaxprune.execution.devices import FAST_FLOAT64, ComputeDevice


@pytest.mark.parametrize("dtype", [">f8", ">f4", "<f4", "longdouble"])
def test_byte_orders_and_widths(features, targets, dtype):
    x = features("dense").astype(np.float32)
    expected = jp.leave_one_out(x.astype(float), targets()).importance
    got = jp.leave_one_out(x.astype(dtype), targets()).importance
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", [">f8", "longdouble", "int32", "uint64"])
def test_wide_numbers_stay_wide(dtype):
    assert as_features(np.arange(12).reshape(3, 4).astype(dtype)).dtype == np.float64


@pytest.mark.parametrize("dtype", ["float16", "uint8", "int16", "bool"])
def test_narrow_numbers_are_exact_in_float32(targets, dtype):
    x = np.random.default_rng(0).integers(0, 2, (9, 24)).astype(dtype)
    assert as_features(x).dtype == np.float32
    expected = jp.score(x.astype(float), targets())
    assert jp.score(x, targets()) == pytest.approx(expected, abs=1e-14)


def test_bfloat16_on_the_device(targets):
    x = jnp.asarray(np.random.default_rng(0).integers(0, 9, (9, 24)), jnp.bfloat16)
    expected = jp.score(np.asarray(x, np.float32), targets())
    assert jp.score(x, targets()) == pytest.approx(expected, abs=1e-14)


def test_float64_arrays_of_jax_keep_their_digits(features, targets):
    x = 1e9 + features("dense")
    with jax.enable_x64(True):
        on_device = jnp.asarray(x)
    expected = jp.leave_one_out(x, targets()).importance
    got = jp.leave_one_out(on_device, targets()).importance
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


def test_integers_of_jax(targets):
    x = jnp.asarray(np.random.default_rng(0).integers(0, 2**30, (9, 24)), jnp.int32)
    expected = jp.score(np.asarray(x, float), targets())
    assert jp.score(x, targets()) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("name", ["features", "target"])
def test_masked_arrays_are_refused(features, targets, name):
    given = {"features": features(), "target": targets()}
    given[name] = np.ma.masked_array(given[name], mask=False)
    with pytest.raises(ValueError, match=f"{name} is a masked array"):
        jp.prune(**given)


def test_records_are_refused(targets):
    with pytest.raises(ValueError, match="features has dtype"):
        jp.prune(np.zeros((9, 4), [("a", float)]), targets())


def test_no_mask_is_refused(features, targets):
    with pytest.raises(ValueError, match="no mask"):
        jp.score_masks(features(), targets(), np.zeros((0, 24)))


@pytest.mark.parametrize("metric", ["correlation", "cosine"])
def test_small_but_real_dissimilarities_have_a_score(metric):
    # Cosine distances of about 1e-9, known to seven digits.
    x = 1 + 1e-4 * np.random.default_rng(0).random((6, 40))
    target = np.random.default_rng(1).random(15)
    got = jp.score(x, target, metric=metric)
    assert got == pytest.approx(np.corrcoef(jp.rdm(x, metric), target)[0, 1], abs=1e-6)


@pytest.mark.parametrize("metric", ["correlation", "euclidean"])
def test_downdate_in_float32_keeps_rows_with_an_offset(features, targets, metric):
    x = features("dense") + 1e6
    options = {"metric": metric, "method": "downdate"}
    expected = jp.leave_one_out(features("dense"), targets(), **options).importance
    got = jp.leave_one_out(x, targets(), precision="float32", **options).importance
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-4 * np.ptp(expected))


@pytest.mark.parametrize("metric", ["correlation", "euclidean"])
def test_prefixes_in_float32_keep_rows_with_an_offset(features, targets, metric):
    options, order = {"metric": metric, "precision": "float32"}, np.arange(24)
    expected = jp.reintroduce(features("dense"), targets(), order, **options).curve
    x = features("dense") + 1e6
    got = jp.reintroduce(x, targets(), order, **options).curve
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5)


def test_rdms_of_a_dropped_condition(features, targets):
    # Condition 2 has no pair in the target and no pattern in the features.
    x, t = features("dense").copy(), targets().copy()
    x[2], t[2], t[:, 2] = 1.0, np.nan, np.nan
    result = jp.prune(x, t)
    missing = np.isnan(result.full_rdm)
    np.testing.assert_array_equal(missing, np.isnan(result.target_rdm))
    np.testing.assert_array_equal(missing, np.isnan(result.pruned_rdm))


@pytest.mark.parametrize("compare", ["cosine", "pearson"])
def test_anticorrelation_is_judged_by_the_comparison(
    features, targets, compare, recwarn
):
    result = jp.prune(features(), -targets(), compare=compare, objective="r2")
    rdm = jp.rdm(features()[:, result.retained])
    fit = jp.score(features()[:, result.retained], -targets(), compare=compare)
    assert rdm.shape == (36,)
    assert bool(recwarn.list) == (fit < 0)


@pytest.mark.parametrize(
    ("kind", "fast"),
    [
        ("NVIDIA H200", True),
        ("NVIDIA A100-SXM4-80GB", True),
        ("AMD Instinct MI250X", True),
        ("Quadro P1000", False),
        ("NVIDIA RTX A3000", False),
        ("NVIDIA GeForce RTX 4090", False),
    ],
)
def test_devices_with_fast_float64(kind, fast):
    assert bool(FAST_FLOAT64.search(kind)) is fast


def test_a_tpu_computes_in_float32(monkeypatch):
    tpu = SimpleNamespace(
        platform="tpu",
        device_kind="TPU v5 lite",
        process_index=0,
        memory_stats=lambda: {"bytes_limit": 2**34},
    )
    monkeypatch.setattr(devices, "local_devices", lambda platform=None: [tpu])
    (chosen,) = devices.devices_of(np.ones((3, 4)), "auto", None, None)
    assert (chosen.name, chosen.dtype) == ("tpu (TPU v5 lite)", "float32")
    with pytest.raises(ValueError, match="precision='float64' on tpu .*'float32'"):
        devices.devices_of(np.ones((3, 4)), "float64", None, None)


def test_default_device_given_by_name(features, targets):
    with jax.default_device("cpu"):
        assert jp.prune(features(), targets()).device == "cpu"


def test_masks_fit_the_budget():
    from jaxprune.execution.budget import masks_per_batch

    device = ComputeDevice(jax.devices()[0], "float64")
    batch = masks_per_batch(496, 200_704, device, None, 10**6)
    assert batch * 200_704 * 2 < device.memory // 4

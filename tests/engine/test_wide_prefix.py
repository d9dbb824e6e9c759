"""Curves of wide layers: in lanes, from anywhere, a chunk at a time, compiled once."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxprune as jp
from jaxprune.engine import segments
from jaxprune.execution.budget import units_per_chunk
from jaxprune.execution.devices import ComputeDevice
from jaxprune.inference import random_orders
from jaxprune.kernels import prefix_closed_form

MIB = 2**20


def wide(n_units, n=12, dtype=np.float32):
    """Features, an order, and a target."""
    rng = np.random.default_rng(n_units)
    x = np.maximum(rng.normal(size=(n, n_units)), 0).astype(dtype)
    return x, rng.permutation(n_units), rng.random(n * (n - 1) // 2)


def check_same(x, t, order, expected=None, **options):
    """The same curve with other devices or less memory, NaN included."""
    several = {k: options.pop(k) for k in ("devices", "memory") if k in options}
    one = jp.reintroduce(x, t, order, **options).curve if expected is None else expected
    got = jp.reintroduce(x, t, order, **several, **options).curve
    np.testing.assert_array_equal(np.isnan(got), np.isnan(one))
    np.testing.assert_allclose(got, one, rtol=0, atol=1e-12)


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
@pytest.mark.parametrize("n_units", [3, 24])
def test_a_lane_for_each_device(features, targets, compare, n_units):
    # Of three units most devices have none; rows are constant for several lanes.
    x = features("sparse")[:, :n_units]
    x[0, : n_units // 2] = x[0, 0]
    options = {"compare": compare, "undefined": "zero", "devices": "all"}
    check_same(x, targets(), np.arange(n_units), **options)
    check_same(x, targets(), np.arange(n_units)[::-1], **options)


def test_undefined_prefixes_end_in_any_lane(features, targets):
    x = features("dense")
    for first in (2, 3, 7, 16, 23):
        x[4, :first] = 0.1
        found = jp.reintroduce(x, targets(), np.arange(24), devices="all").curve
        assert np.isnan(found).tolist() == [True] * first + [False] * (24 - first)


@pytest.mark.parametrize("metric", ["correlation", "sqeuclidean"])
@pytest.mark.parametrize("workers", [1, 3])
def test_a_lane_for_each_thread(monkeypatch, metric, workers):
    x, order, t = wide(1300, 7)
    # Three lanes need three batches.
    monkeypatch.setattr(ComputeDevice, "workers", property(lambda self: workers))
    expected = jp.score_masks(
        x, t, np.argsort(order) < np.array([[5], [600], [1299]]), metric
    )
    got = jp.reintroduce(x, t, order, metric, batch_size=9).curve
    np.testing.assert_allclose(got[[4, 599, 1298]], expected, rtol=0, atol=1e-12)


def test_several_orders_and_sizes_on_several_devices():
    x, order, t = wide(600, 7)
    check_same(x, t, order, sizes=np.arange(20, 601, 20), devices="all")
    one, several = (
        random_orders(x, t, 3, devices=devices).curves for devices in (None, "all")
    )
    np.testing.assert_array_equal(np.isnan(several), np.isnan(one))
    np.testing.assert_allclose(several, one, rtol=0, atol=1e-12)


def test_ties_across_lanes(features, targets):
    # The same three units on every device.
    x = np.tile(features("sparse")[:, :3], 8)
    check_same(x, targets(), np.arange(24), undefined="zero", devices="all")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, marks=pytest.mark.slow),
        pytest.param({"devices": "all"}, marks=pytest.mark.slow),
        {"sizes": [9000, 30_000]},
    ],
)
def test_features_that_stream(options):
    # 1.4 MB: in several pieces, of which no copy is made.
    x, order, t = wide(30_000)
    expected = jp.reintroduce(x, t, order, sizes=options.get("sizes")).curve
    check_same(x, t, order, expected, memory=MIB, **options)


@pytest.mark.parametrize("devices", [None, "all"])
def test_features_on_an_accelerator_are_gathered_there(monkeypatch, devices):
    x, order, t = wide(600)
    expected = jp.reintroduce(x, t, order).curve
    monkeypatch.setattr(ComputeDevice, "on_cpu", False)
    for given in (x, jnp.asarray(x)):
        check_same(given, t, order, expected, devices=devices)


@pytest.mark.parametrize("memory", [MIB, 2**31])
@pytest.mark.parametrize("limit", [1, 7, 4096, 10**6])
def test_chunks_are_whole_batches_that_fit(memory, limit):
    device = ComputeDevice(jax.devices()[0], "float64", budget=memory)
    for batch in (1, 8, 32):
        for row_bytes in (32, 1600):
            chunk = units_per_chunk(device, batch, limit, row_bytes)
            assert chunk % batch == 0
            assert chunk == batch or 4 * chunk * row_bytes <= memory // 4
            # What fills up the last chunk is an eighth of the lane at most.
            if limit >= batch:
                assert -(-limit // chunk) * chunk <= 1.125 * limit + 8 * batch


@pytest.mark.parametrize(
    "options",
    [
        {"devices": "all"},
        pytest.param({"metric": "euclidean"}, marks=pytest.mark.slow),
    ],
)
def test_layers_of_similar_width_share_all_that_is_compiled(options):
    traced = []

    def listen(event, seconds, **about):
        if "trace" in event or "compile" in event:
            traced.append((event, about.get("fun_name")))

    def everything(n_units):
        x, order, t = wide(n_units, n=11)
        x[:, :3] = 0  # dead units
        traced.clear()
        jp.leave_one_out(x, t, **options)
        jp.reintroduce(x, t, order, **options)
        jp.prune(x, t, **options)
        return list(traced)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        assert everything(20_000)
        assert everything(20_400) == []
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)


@pytest.mark.parametrize(
    "compare", ["pearson", pytest.param("cosine", marks=pytest.mark.slow)]
)
def test_products_for_many_conditions(monkeypatch, compare):
    x, order, t = wide(150, dtype=np.float64)
    # A pattern that is constant, and then empty, for longer than a batch; dead units
    # and equal ones.
    x[3, order[:20]], x[3, order[20:40]] = 0.1, 0
    x[:, order[60:63]], x[:, order[70]] = 0, x[:, order[90]]
    targets = np.stack([t, t[::-1]])
    options = {"compare": compare, "batch_size": 16}
    expected = jp.reintroduce(x, targets, order, **options).curve
    called = []

    def recorded(*args, **kwargs):
        called.append(args)
        return kernel(*args, **kwargs)

    kernel = prefix_closed_form.score_prefixes
    monkeypatch.setattr(prefix_closed_form, "score_prefixes", recorded)
    monkeypatch.setattr(segments, "MANY_PAIRS", 1)
    check_same(x, targets, order, expected, **options)
    assert called
    called.clear()
    targets[:, 5] = np.nan
    jp.reintroduce(x, targets, order, **options)
    jp.reintroduce(x, t, order, "cosine", compare, batch_size=16)
    assert not called

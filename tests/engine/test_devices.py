"""One device, several, several processes: the same numbers."""

import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import jax
import numpy as np
import pytest

import jaxprune as jp
from jaxprune.engine.plan import Plan
from jaxprune.execution.budget import bucket
from jaxprune.execution.pieces import pieces_of
from jaxprune.execution.shards import Shards
from jaxprune.inference import permutation_test
from jaxprune.kernels import closed_form
from tests.conftest import ROOT
from tests.engine.cases import OPTIMISED
from tests.engine.wide_job import CASES, SHORT, check, check_same


@pytest.mark.parametrize(
    ("kind", "metric", "compare", "options"),
    [pytest.param(*c, marks=() if c in SHORT else pytest.mark.slow) for c in CASES],
)
def test_eight_devices_are_as_good_as_one(kind, metric, compare, options):
    assert len(jax.devices()) == 8
    check(kind, metric, compare, options)


# In every run the command line does the same: tests/cli/test_cli_distributed.py.
@pytest.mark.slow
def test_two_processes_with_four_devices_each():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    flags = os.environ["XLA_FLAGS"].replace("device_count=8", "device_count=4")
    environment = {**os.environ, "XLA_FLAGS": flags}
    command = [sys.executable, "-m", "tests.engine.wide_job", port, "2"]
    jobs = [
        subprocess.Popen(
            [*command, rank],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in "01"
    ]
    try:
        texts = [job.communicate(timeout=300) for job in jobs]
    finally:
        for job in jobs:
            job.kill()
    for job, (out, err) in zip(jobs, texts, strict=True):
        assert job.returncode == 0, err[-3000:]
        assert out.count("same:") == len(CASES)
    # NaN is in a unit of the second process, which says where.
    errors = [out.split("error:")[1] for out, _ in texts]
    assert "in the units of another process" in errors[0]
    assert "(condition 2, unit 20)" in errors[1]


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["vgg19_fc7_144x4096", "objects92"])
def test_eight_devices_on_real_data(data_dir, layer):
    if layer == "objects92":
        folder = data_dir / layer
        x = np.load(folder / "vgg16_pool5.npz")["x"][:40]
        t = np.load(folder / "rdm_human_it.npy")[:40, :40]
    else:
        x = np.load(data_dir / f"{layer}.npy")[:40]
        t = np.random.default_rng(0).random(40 * 39 // 2)
    check_same(jp.prune(x, t), jp.prune(x, t, devices="all"))


@pytest.mark.parametrize(
    ("devices", "compare"),
    [
        ("all", "pearson"),
        pytest.param(None, "spearman", marks=pytest.mark.slow),
        pytest.param(None, "pearson", marks=pytest.mark.slow),
        pytest.param("all", "spearman", marks=pytest.mark.slow),
    ],
)
def test_features_that_stream_give_the_same(devices, compare):
    rng = np.random.default_rng(0)
    x, t = rng.random((12, 30_000), np.float32), rng.random(66)
    here = Shards(tuple(jax.devices() if devices else jax.devices()[:1]), 30_000)
    plan = Plan.of(x, devices=devices, memory="1MiB")
    assert not plan.stays
    assert len(pieces_of(x, plan.devices[0], here)) > 2
    options = {"compare": compare, "devices": devices}
    whole = jp.leave_one_out(x, t, **options)
    streamed = jp.leave_one_out(x, t, memory="1MiB", **options)
    np.testing.assert_allclose(
        streamed.importance, whole.importance, rtol=0, atol=1e-14
    )


@pytest.mark.slow
def test_a_mesh_and_a_list_name_devices(features, targets):
    x, t = features("sparse"), targets()
    one = jp.leave_one_out(x, t).importance
    mesh = jax.sharding.Mesh(np.array(jax.devices()[2:5]), ("any",))
    for devices in (mesh, [jax.devices()[3]]):
        found = jp.leave_one_out(x, t, devices=devices).importance
        np.testing.assert_allclose(found, one, rtol=0, atol=1e-14)


def test_features_on_a_device_are_shared_among_others(features, targets):
    x, t = features("sparse"), targets()
    one = jp.leave_one_out(x, t).importance
    with jax.enable_x64(True):
        there = jax.device_put(x, jax.devices()[1])
    found = jp.leave_one_out(there, t, devices="all").importance
    np.testing.assert_allclose(found, one, rtol=0, atol=1e-14)


@pytest.mark.slow
def test_permutations_are_shared_among_devices(features, targets):
    x, t = features("sparse"), targets()
    one = permutation_test(x, t, 5)
    several = permutation_test(x, t, 5, devices=jax.devices()[2:4])
    np.testing.assert_allclose(several.null, one.null, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(several.null_sizes, one.null_sizes)
    assert several.p_value == one.p_value


@pytest.mark.parametrize("devices", [2, "both", [], [1, 2], ["cpu"]])
def test_what_is_no_device_is_an_error(features, targets, devices):
    with pytest.raises(ValueError, match="devices="):
        jp.prune(features(), targets(), devices=devices)


def test_a_device_is_named_once(features, targets):
    with pytest.raises(ValueError, match="once"):
        jp.prune(features(), targets(), devices=jax.devices()[:2] * 2)


def test_noise_that_units_share_stays_on_one_device(features, targets):
    noise = np.eye(24) + 0.1
    with pytest.raises(ValueError, match="cannot be shared among devices"):
        jp.leave_one_out(
            features(), targets(), "mahalanobis", noise=noise, devices="all"
        )


@pytest.mark.parametrize(
    "memory", [0, -1, "lots", "4 XiB", True, float("nan"), "1.2.3"]
)
def test_what_is_no_memory_is_an_error(features, targets, memory):
    with pytest.raises(ValueError, match="memory="):
        jp.leave_one_out(features(), targets(), memory=memory)


def test_too_little_memory_says_how_much_is_needed():
    x, t = np.random.default_rng(0).random((12, 5000)), np.arange(66.0)
    with pytest.raises(ValueError, match="at least 147,456 are needed") as error:
        jp.leave_one_out(x, t, memory=1000)
    assert "memory is 1,000 bytes" in str(error.value)
    jp.leave_one_out(x, t, memory=147_456)


def test_shares_are_contiguous_and_differ_by_one_unit():
    for n_units in (1, 5, 8, 23, 1000):
        bounds = Shards(tuple(jax.devices()), n_units).bounds
        assert bounds[0] == 0
        assert bounds[-1] == n_units
        assert np.ptp(np.diff(bounds)) <= 1


def test_buckets_are_few_and_at_most_an_eighth_too_wide():
    widths = np.array([bucket(n) for n in range(1, 5000)])
    needed = np.arange(1, 5000)
    assert (widths >= needed).all()
    assert (widths <= needed * 9 / 8).all()
    assert len(set(widths)) < 8 * np.log2(5000)


def test_plan_holds_what_a_sharded_leave_one_out_allocates():
    n, n_units = 200, 100_000
    layer = SimpleNamespace(shape=(n, n_units), dtype=np.dtype("float32"))
    plan = Plan.of(layer, devices="all", memory="1GiB")
    dtype, width = plan.devices[0].dtype, bucket(plan.width)

    def shape(*axes, of=dtype):
        return jax.ShapeDtypeStruct(axes, of)

    with jax.enable_x64(True):
        x, count = shape(n, width, of="float32"), shape(of="int32")
        square, targets = shape(n, n), shape(1, n, n)
        sums = (square, shape(n))
        moments = closed_form.piece_sums.lower(
            x, shape(n, of="float64"), count, dtype=dtype, block=1024
        )
        choice = {"centred": True, "pearson": True, "n_controls": 0}
        inputs = sums, shape(n, of="float64"), shape(n, of=bool), shape()
        prepared = jax.eval_shape(
            lambda *a: closed_form.prepare(*a, **choice), *inputs, targets, square
        )
        blocks = closed_form.leave_one_out.lower(
            prepared, x, shape(64, of="int32"), count, targets, square,
            pearson=True, complete=True, n_controls=0,
            block=plan.units_together, dtype=dtype,
        )  # fmt: skip
        used = [
            lowered.compile(OPTIMISED).memory_analysis()
            for lowered in (moments, blocks)
        ]
    for analysis in used:
        total = analysis.argument_size_in_bytes + analysis.temp_size_in_bytes
        assert total <= plan.bytes_needed
    assert plan.bytes_needed <= plan.devices[0].memory
    # One array (units, pairs) would be fifty times that.
    pairs = n * (n - 1) // 2
    assert plan.bytes_needed < plan.share * pairs * 8 / 50

"""What a leave-one-out allocates beside its input, exactly, as XLA plans it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxprune.execution.budget import SUMMED, units_per_block
from jaxprune.execution.devices import ComputeDevice
from jaxprune.kernels import closed_form, closed_form_sqeuclidean, direct
from jaxprune.metrics import METRICS
from tests.engine.cases import OPTIMISED

SHAPES = [(144, 4096), (92, 25_088), (32, 200_704), (200, 100_352)]
slow = pytest.mark.slow


def planned(n, n_units, dtype, workers, kernel):
    """Peak bytes: the layer that is prepared, and one kernel or the other beside it."""
    device = ComputeDevice(jax.devices()[0], dtype)
    block = units_per_block(device, None, n_units, n)

    def shape(*axes, of=dtype):
        return jax.ShapeDtypeStruct(axes, of)

    x, count = shape(n, n_units, of="float32"), shape(of="int32")
    mean = shape(n, of="float64")
    arrays = shape(1, n, n), shape(n, n)
    moments = kernel.piece_sums.lower(x, mean, count, dtype=dtype, block=SUMMED)
    first = moments.compile(OPTIMISED).memory_analysis()
    inputs = (shape(n, n), shape(n)), mean, shape(n, of=bool), shape(), *arrays
    choice = {"centred": True, "pearson": True, "n_controls": 0}
    layer = jax.eval_shape(lambda *a: kernel.prepare(*a, **choice), *inputs)
    lowered = kernel.leave_one_out.lower(
        layer, x, shape(8, of="int32"), count, *arrays,
        pearson=True, complete=True, n_controls=0, block=block, dtype=dtype,
    )  # fmt: skip
    blocks = lowered.compile(OPTIMISED).memory_analysis()
    each = blocks.temp_size_in_bytes + blocks.output_size_in_bytes
    beside = max(first.temp_size_in_bytes, workers * each)
    return first.output_size_in_bytes + beside


# Each takes seconds to compile: in every run one of each kind.
CASES = [
    pytest.param(
        *(n, n_units, dtype, kernel),
        marks=() if (n, dtype) == (92, "float64") else slow,
    )
    for n, n_units in SHAPES
    for dtype in ("float64", "float32")
    for kernel in (closed_form, closed_form_sqeuclidean)
]


@pytest.mark.parametrize(("n", "n_units", "dtype", "kernel"), CASES)
def test_leave_one_out_needs_less_than_the_features(
    monkeypatch, n, n_units, dtype, kernel
):
    monkeypatch.setattr(ComputeDevice, "workers", property(lambda self: 2))
    with jax.enable_x64(True):
        total = planned(n, n_units, dtype, 2, kernel)
    features = n * n_units * np.dtype(dtype).itemsize
    assert total <= 1.2 * features


@pytest.mark.slow
def test_nothing_grows_with_units_times_pairs():
    # The smallest such array would be 40 times the features.
    with jax.enable_x64(True):
        small = planned(81, 20_000, "float64", 1, closed_form)
        large = planned(81, 200_000, "float64", 1, closed_form)
    assert large < small + jnp.dtype("float64").itemsize * 200_000


@pytest.mark.parametrize(
    "metric", ["correlation", "euclidean", "poisson", "crossnobis"]
)
def test_sums_by_definition_take_the_units_a_few_at_a_time(metric):
    folds, n, n_units = 2 if metric == "crossnobis" else 1, 100, 50_000
    index = jax.ShapeDtypeStruct((n * (n - 1) // 2,), "int32")
    masks = jax.ShapeDtypeStruct((2, n_units), bool)
    with jax.enable_x64(True):
        x = jax.ShapeDtypeStruct((folds * n, n_units), "float32")
        mean = jax.ShapeDtypeStruct((folds * n,), "float64")
        lowered = direct.totals.lower(
            METRICS[metric]("nan", folds), None, x, masks, mean, (index, index),
            dtype="float64", block=SUMMED,
        )  # fmt: skip
        plan = lowered.compile(OPTIMISED).memory_analysis()
    features, rdm = 4 * folds * n * n_units, 8 * n * (n - 1) // 2
    assert plan.temp_size_in_bytes < 0.3 * features + 80 * rdm

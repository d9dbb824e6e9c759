"""float32 is as good as it says; nothing less precise is ever used."""

import importlib
import pkgutil
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxprune as jp
from jaxprune import kernels
from jaxprune.comparisons import COMPARISONS
from jaxprune.kernels import direct, prefix
from jaxprune.metrics import METRICS, Metric

LOWER = [jnp.bfloat16, np.float16]


def layer(n=20, n_units=50_000):
    """Rectified responses to few features of the stimuli, and their distances."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(n, 6))
    drive = z @ rng.normal(size=(6, n_units)) + 0.3 * rng.normal(size=(n, n_units))
    i, j = np.triu_indices(n, 1)
    t = ((z[i] - z[j]) ** 2).sum(1)
    return np.maximum(drive, 0).astype("float32"), t, rng.permutation(n_units)


OTHERS = "cosine", "sqeuclidean"


@pytest.mark.parametrize("metric", ["correlation", "sqeuclidean"])
def test_float32_sums_do_not_drift(metric):
    """What batches add is float32, and 6,250 of them are carried in float64."""
    x, _, order = layer()
    pairs = tuple(jnp.asarray(index, "int32") for index in np.triu_indices(20, 1))

    def sums(dtype, carried):
        state = direct.empty(the_metric, mean, pairs)
        state, _ = prefix.score_prefixes(
            the_metric,
            COMPARISONS["pearson"](the_metric.scale),
            direct.rounded(state, carried),
            x.T[order],
            *(mean, pairs, None),
            batch=8,
            dtype=dtype,
        )
        found = np.asarray(getattr(state, "products", state))
        assert found.dtype == carried
        return found

    with jax.enable_x64(True):
        the_metric = METRICS[metric]()
        mean = jnp.asarray(x.mean(1, dtype="float64") * the_metric.centred)
        exact = sums("float64", "float64")
        carried = np.abs(sums("float32", "float64") - exact).max()
        drifted = np.abs(sums("float32", "float32") - exact).max()
    assert carried < 1e-7 * np.abs(exact).max()
    assert drifted > 10 * carried


@pytest.mark.parametrize(
    "metric",
    ["correlation", *(pytest.param(m, marks=pytest.mark.slow) for m in OTHERS)],
)
def test_float32_curve(metric):
    x, t, order = layer()
    single, double = (
        jp.reintroduce(x, t, order, metric, precision=precision).curve
        for precision in ("float32", "float64")
    )
    error = np.abs(single - double)[1000:]
    assert error.max() < 5e-7
    assert error.mean() < 1e-7


def use_every_path(x, t):
    """Call every kernel of pruning at least once."""
    order = np.arange(x.shape[1])[::-1]
    masks = np.random.default_rng(0).random((4, x.shape[1])) < 0.6
    noise = np.eye(x.shape[1]) + 0.1
    for method in ("closed_form", "downdate", "masked"):
        jp.leave_one_out(x, t, method=method)
    for metric in ("correlation", "sqeuclidean"):
        jp.reintroduce(x, t, order, metric)
    jp.reintroduce(x, t, order, sizes=[9, 24])
    jp.score_masks(x, t, masks)
    jp.leave_one_out(x, t, "mahalanobis", noise=noise)
    jp.leave_one_out(x, t, compare="corr_cov")


def test_every_product_is_of_the_highest_precision(monkeypatch, features, targets):
    """Else a GPU would take TF32, and a TPU bfloat16."""
    called = {}
    for info in pkgutil.iter_modules(kernels.__path__):
        module = importlib.import_module(f"jaxprune.kernels.{info.name}")
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", "") == module.__name__ and is_jitted(value):
                kernel = _recorded(value, f"{info.name}.{name}", called)
                monkeypatch.setattr(module, name, kernel)
    use_every_path(np.abs(features("sparse", np.float32)), targets())
    for module in (
        *("closed_form", "closed_form_sqeuclidean", "downdate", "masked", "prefix"),
        *("prefix_sizes", "direct", "whitening"),
    ):
        assert any(name.startswith(f"{module}.") for name, _ in called)
    products = 0
    for name, lower in called.items():
        with jax.enable_x64(True):
            text = lower().as_text()
        for line in re.findall(r".*stablehlo\.dot_general.*", text):
            assert "precision = [HIGHEST, HIGHEST]" in line, (name, line)
            products += 1
        assert "convolution" not in text
    assert products > 20


def is_jitted(value):
    return hasattr(value, "lower")


def _recorded(kernel, name, called):
    """Call a kernel; keep how it would be compiled for that call."""

    def call(*args, **options):
        if not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(args)):
            shapes = jax.tree.map(_shape, args)
            key = name, str(args[0]) if isinstance(args[0], Metric) else ""
            called.setdefault(key, lambda: kernel.lower(*shapes, **options))
        return kernel(*args, **options)

    return call


def _shape(leaf):
    if not hasattr(leaf, "shape"):
        return leaf
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype)


def test_the_default_precision_of_products_does_not_matter(features, targets):
    x, t = features("sparse", np.float32), targets()
    expected = jp.prune(x, t, precision="float32")
    with jax.default_matmul_precision("bfloat16"):
        found = jp.prune(x, t, precision="float32")
    np.testing.assert_array_equal(found.importance, expected.importance)
    np.testing.assert_array_equal(found.curve, expected.curve)


@pytest.mark.parametrize("dtype", LOWER)
@pytest.mark.parametrize("kind", [np.asarray, jnp.asarray])
def test_half_precision_features_are_computed_in_more(features, targets, dtype, kind):
    low = features("sparse").astype(dtype)
    expected = jp.prune(low.astype(np.float32), targets())
    found = jp.prune(kind(low), targets())
    np.testing.assert_array_equal(found.importance, expected.importance)
    np.testing.assert_array_equal(found.curve, expected.curve)


@pytest.mark.parametrize("precision", ["tf32", "bfloat16", "float16", "highest"])
def test_less_than_float32_is_refused(features, targets, precision):
    for function in (jp.leave_one_out, jp.prune):
        with pytest.raises(ValueError, match="precision.*float32"):
            function(features(), targets(), precision=precision)

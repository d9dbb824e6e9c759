"""Light import, untouched jax settings, no second compilation, public names."""

import json
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import jaxprune as jp

ROOT = Path(__file__).resolve().parents[2]
NAMES = [
    "rdm",
    "score",
    "score_masks",
    "leave_one_out",
    "reintroduce",
    "prune",
    "percentage_of_zeros",
    "keep_lowest",
    "select_path",
    "Pruner",
    "ZeroPruner",
    "__version__",
]


def run(code):
    """Run code in a fresh interpreter and return the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_import_is_light():
    heavy = "flax torch matplotlib sklearn orbax statsmodels pandas jaxprune_ports"
    found = run(
        "import sys, json, numpy as np, jaxprune as jp\n"
        "# Neither does a result need it that prints.\n"
        "ones, settings = np.ones(3), jp.results.Settings()\n"
        "repr(jp.Importance(0.5, ones, ones, 'masked', 'float64', 'cpu', settings))\n"
        f"print(json.dumps([m for m in {heavy.split()!r} if m in sys.modules]))"
    )
    assert found == []


def test_settings_of_jax_are_left_alone():
    changed = run(
        "import json, jax, numpy as np\n"
        "before = dict(jax.config.values)\n"
        "import jaxprune as jp\n"
        "x = np.random.default_rng(0).normal(size=(5, 8))\n"
        "t = np.arange(10.0)\n"
        "jp.prune(x, t); jp.prune(x, t, compare='spearman', precision='float32')\n"
        "jp.score_masks(x, t, np.ones((2, 8)))\n"
        "after = dict(jax.config.values)\n"
        "import jax.numpy as jnp\n"
        "assert jnp.ones(2).dtype == 'float32'\n"
        "print(json.dumps([k for k in after if after[k] != before.get(k)]))"
    )
    assert changed == []


def test_x64_is_restored_after_an_error(features, targets):
    with pytest.raises(ValueError, match="nonsense"):
        jp.prune(features(), targets(), compare="nonsense")
    assert not jax.config.jax_enable_x64


@pytest.mark.parametrize("check", ["jax_debug_nans", "jax_debug_infs"])
def test_settings_that_stop_at_nan(features, targets, check):
    # A constant condition without a unit, and a missing pair: NaN on the way.
    x, target = features(), targets()
    pruned = jp.prune(x, target, undefined="zero")
    scores = jp.score_masks(x, target, x[:2] > 0)
    try:
        jax.config.update(check, True)
        found = jp.prune(x, target, undefined="zero")
        masks = jp.score_masks(x, target, x[:2] > 0)
        assert jax.config.values[check]
    finally:
        jax.config.update(check, False)
    np.testing.assert_array_equal(found.importance, pruned.importance)
    np.testing.assert_array_equal(masks, scores)


@pytest.fixture
def compilations():
    """List that grows by one with every compilation."""
    events = []

    def listen(name, *_, **__):
        if name.endswith("backend_compile_duration"):
            events.append(name)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield events
    jax.monitoring.unregister_event_duration_listener(listen)


@pytest.mark.parametrize(
    ("compare", "precision"),
    [
        ("pearson", "float64"),
        ("spearman", "float32"),
        pytest.param("pearson", "float32", marks=pytest.mark.slow),
        pytest.param("spearman", "float64", marks=pytest.mark.slow),
    ],
)
def test_second_call_compiles_nothing(
    features, targets, compilations, compare, precision
):
    # An unusual shape, so that the first call has to compile.
    x, t = features("dense")[:7, :21], targets(n=7)
    options = {"compare": compare, "precision": precision}

    def everything(x, t):
        jp.prune(x, t, **options)
        jp.score_masks(x, t, np.eye(21), **options)
        for method in ("downdate", "masked"):
            jp.leave_one_out(x, t, method=method, **options)

    everything(x, t)
    first = len(compilations)
    everything(2 * x, t[::-1, ::-1])
    assert first > 0
    assert len(compilations) == first


@pytest.mark.parametrize("name", NAMES)
def test_public_names(name):
    assert getattr(jp, name) is not None
    assert name in dir(jp)


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = jp.nonsense

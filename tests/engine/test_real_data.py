"""Real features: exact on a sample of units, and the same units in float32."""

import numpy as np
import pytest
import reference as ref
import scripts_semantics as scripts

import jaxprune as jp


@pytest.fixture(scope="module")
def vgg19(data_dir):
    """144 photographs x 4,096 units after a ReLU, and a target some units carry."""
    path = data_dir / "vgg19_fc7_144x4096.npy"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    x = np.load(path)
    # Best prefix and cut-off unit are well apart from their neighbours with this seed.
    noise = np.random.default_rng(2).normal(size=144 * 143 // 2)
    with np.errstate(all="ignore"):
        carried = 1 - np.corrcoef(x[:, :400])
    return x, ref.square(ref.condensed(carried) + 0.2 * np.abs(noise))


@pytest.fixture(scope="module")
def pruned(vgg19):
    return jp.prune(*vgg19)


def test_sample_of_importances(vgg19, pruned):
    x, t = vgg19
    x = x.astype(np.float64)
    units = np.random.default_rng(1).choice(4096, 40, replace=False)
    full = scripts.number_neurons_fit(x, t)
    assert pruned.full_score == pytest.approx(full, abs=1e-12)
    expected = full - np.array(
        [scripts.number_neurons_remove_node_n_eval(x, t, k) for k in units]
    )
    np.testing.assert_allclose(pruned.importance[units], expected, rtol=0, atol=1e-12)


def test_dead_units_tie(vgg19, pruned):
    dead = np.flatnonzero((vgg19[0] == 0).all(axis=0))
    assert len(dead) == 8
    assert len(np.unique(pruned.importance[dead])) == 1
    assert pruned.importance[dead[0]] != 0  # they shift the mean of every row


def test_sample_of_the_curve(vgg19, pruned):
    x, t = vgg19
    ordered = x[:, pruned.order].astype(np.float64)
    undefined = (ordered != ordered[:, :1]).argmax(axis=1).max()
    assert undefined > 10
    assert np.isnan(pruned.curve[:undefined]).all()
    assert np.isfinite(pruned.curve[undefined:]).all()
    for size in (undefined + 1, 100, pruned.best_size, 2000, 4095, 4096):
        expected = scripts.number_neurons_fit(ordered[:, :size], t)
        assert pruned.curve[size - 1] == pytest.approx(expected, abs=1e-12)
    assert pruned.best_score > pruned.full_score


def test_float32_retains_the_same_units(vgg19, pruned):
    single = jp.prune(*vgg19, precision="float32")
    largest = np.abs(pruned.importance).max()
    np.testing.assert_allclose(
        single.importance, pruned.importance, rtol=0, atol=1e-5 * largest
    )
    np.testing.assert_array_equal(np.isnan(single.curve), np.isnan(pruned.curve))
    np.testing.assert_array_equal(single.retained, pruned.retained)


@pytest.mark.slow
def test_objects92_in_both_precisions(data_dir):
    folder = data_dir / "objects92"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    x = np.load(folder / "vgg16_pool5.npz")["x"]
    t = np.load(folder / "rdm_human_it.npy")
    double, single = (jp.prune(x, t, precision=p) for p in ("float64", "float32"))
    assert (double.dtype, single.dtype) == ("float64", "float32")
    np.testing.assert_array_equal(double.retained, single.retained)
    largest = np.abs(double.importance).max()
    np.testing.assert_allclose(
        single.importance, double.importance, rtol=0, atol=1e-5 * largest
    )

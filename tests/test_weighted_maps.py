"""Heat maps by feature maps, against a loop over the maps in NumPy and SciPy."""

import numpy as np
import pytest
from scipy import stats
from scipy.ndimage import zoom
from scipy.spatial.distance import cdist

from jaxprune.heatmaps import in_pixels, top_pixels, weighted_maps

SHAPE, SIZE = (5, 3, 4), (12, 16)
RNG = np.random.default_rng(0)
LAYERS = np.maximum(RNG.normal(size=(7, 60)), 0)
ROW = RNG.random(6)
WEIGHT = RNG.normal(size=(60, 9))
COMPARE = {"pearson": stats.pearsonr, "spearman": stats.spearmanr}


def readout(x):
    return (x @ WEIGHT).clip(0)


def reference(read, metric, compare, row):
    """Score with all maps, and what is lost without each."""
    others, present = read(LAYERS[1:]), ~np.isnan(row)

    def score(layer):
        distances = cdist(read(layer[None]), others[present], metric)[0]
        return COMPARE[compare](distances, row[present])[0]

    channel, image = np.arange(60) // 12, LAYERS[0]
    without = [score(np.where(channel == k, 0, image)) for k in range(5)]
    return score(image), score(image) - np.array(without)


@pytest.mark.parametrize("read", [lambda x: x, readout], ids=["layer", "readout"])
@pytest.mark.parametrize(
    ("metric", "compare"), [("correlation", "pearson"), ("euclidean", "spearman")]
)
def test_weights_and_heat(read, metric, compare, monkeypatch):
    row = ROW.copy()
    row[4] = np.nan
    baseline, weights = reference(read, metric, compare, row)
    for together in (2**24, 60 * 4):
        monkeypatch.setattr("jaxprune.heatmaps.by_maps.TOGETHER", together)
        found = weighted_maps(
            LAYERS[0],
            read(LAYERS[1:]),
            row,
            SHAPE,
            SIZE,
            readout=readout if read is readout else None,
            metric=metric,
            compare=compare,
        )
        assert found.baseline == pytest.approx(baseline, abs=1e-6)
        np.testing.assert_allclose(found.weights, weights, atol=1e-6)
    maps = LAYERS[0].reshape(SHAPE)
    heat = np.mean([w * m for w, m in zip(weights, maps, strict=True)], 0)
    np.testing.assert_allclose(found.heat, heat, atol=1e-6)
    some = found.some([3, 1])
    np.testing.assert_allclose(
        some.heat, (weights[3] * maps[3] + weights[1] * maps[1]) / 5, atol=1e-6
    )
    assert found.positions[0, 0].tolist() == [2, 2]


def test_maps_scaled_to_one():
    layer = LAYERS[0].copy()
    layer[12:24] = 3.0
    options = {"others": LAYERS[1:], "target_row": ROW, "shape": SHAPE, "size": SIZE}
    found = weighted_maps(layer, scaled=True, **options)
    assert found.maps.max((1, 2)).tolist() == [1, 0, 1, 1, 1]
    plain = weighted_maps(layer, **options)
    np.testing.assert_array_equal(found.weights, plain.weights)


def test_a_map_without_which_there_is_no_pattern():
    layer = np.zeros(60)
    layer[:12] = RNG.random(12)
    found = weighted_maps(layer, LAYERS[1:], ROW, SHAPE, SIZE)
    assert (found.n_undefined, np.isnan(found.weights[0])) == (1, True)
    assert np.isfinite(found.heat).all()
    zero = weighted_maps(layer, LAYERS[1:], ROW, SHAPE, SIZE, undefined="zero")
    assert zero.n_undefined == 0


def test_bad_input():
    with pytest.raises(ValueError, match=r"units has shape \(59,\) and shape=\(5, 3, "):
        weighted_maps(LAYERS[0, 1:], LAYERS[1:], ROW, SHAPE, SIZE)
    with pytest.raises(ValueError, match="returned shape"):
        weighted_maps(LAYERS[0], LAYERS[1:, :7], ROW, SHAPE, SIZE, readout=readout)
    with pytest.raises(ValueError, match="image: its score over the units of 'all ma"):
        weighted_maps(np.zeros(60), LAYERS[1:], ROW, SHAPE, SIZE)
    with pytest.raises(ValueError, match="share=1: expected a number between"):
        top_pixels(np.ones((2, 2)), 1)
    with pytest.raises(ValueError, match="NaN everywhere"):
        top_pixels(np.full((2, 2), np.nan), 0.5)


def test_resized_as_scipy_does():
    heat = RNG.random((3, 4))
    wanted = zoom(heat, 4, order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(in_pixels(heat, SIZE), wanted, atol=1e-12)
    np.testing.assert_allclose(in_pixels(heat, (11, 13), SIZE), wanted[:11, :13])


def test_top_pixels():
    values = RNG.permutation(100).reshape(10, 10).astype(float)
    assert np.sort(values.ravel()[top_pixels(values, 0.05)]).tolist() == [
        *range(95, 100)
    ]
    values[values > 97] = np.nan
    assert np.nanmax(values.ravel()[top_pixels(values, 0.01)]) == 97
    assert top_pixels(np.ones((2, 5)), 0.1).tolist() == [True, *[False] * 9]

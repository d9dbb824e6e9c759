"""jp.percentage_of_zeros and jp.keep_lowest: rarely responding units."""

import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref

import jaxprune as jp


@pytest.fixture(scope="module")
def maps():
    """Maps of 9 images, (n, C, H, W), of channels that are silent more and more."""
    x = np.random.default_rng(0).normal(size=(9, 6, 2, 2))
    return np.maximum(x - np.linspace(-1, 1, 6)[:, None, None], 0)


def apoz(maps):
    """Hu's average percentage of zeros, one number at a time."""
    n, channels, height, width = maps.shape
    out = np.zeros(channels)
    for c in range(channels):
        for i in range(n):
            for h in range(height):
                for w in range(width):
                    out[c] += maps[i, c, h, w] == 0
    return out / (n * height * width)


@pytest.mark.parametrize("container", [np.array, jnp.array, np.float32])
def test_channels(maps, container):
    expected = apoz(maps)
    four, two = container(maps), container(maps.reshape(9, -1))
    np.testing.assert_allclose(jp.percentage_of_zeros(four), expected, atol=1e-15)
    got = jp.percentage_of_zeros(two, shape=(6, 2, 2))
    np.testing.assert_allclose(got, expected, atol=1e-15)
    got = jp.percentage_of_zeros(four, shape=[6, 2, 2])
    np.testing.assert_allclose(got, expected, atol=1e-15)
    assert got.dtype == np.float64
    assert jp.percentage_of_zeros(two).shape == (24,)


def test_channels_are_the_mean_of_their_units(maps):
    units = jp.percentage_of_zeros(maps.reshape(9, -1))
    channels = jp.percentage_of_zeros(maps)
    np.testing.assert_allclose(channels, units.reshape(6, 4).mean(1), atol=1e-15)


@pytest.mark.parametrize(
    ("features", "shape", "message"),
    [
        (np.ones((9, 24)), (5, 2, 2), r"shape=\(5, 2, 2\).*24 units"),
        (np.ones((9, 24)), (6, 4), r"shape=\(6, 4\)"),
        (np.ones((9, 24)), (-6, -2, 2), "shape="),
        (np.ones((9, 24)), (6, 2.0, 2), "shape="),
        (np.ones((9, 24)), 24, "shape=24"),
        (np.ones((9, 6, 2, 2)), (2, 6, 2), "shape="),
        (np.ones((9, 6, 4)), None, "features has shape"),
        (np.ones((9, 6, 0, 2)), None, "features has shape"),
        (np.full((9, 6, 2, 2), np.nan), None, "NaN"),
        (np.full((9, 6, 2, 2), "a"), None, "dtype"),
    ],
)
def test_bad_maps(features, shape, message):
    with pytest.raises(ValueError, match=message):
        jp.percentage_of_zeros(features, shape)


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
def test_keeps_the_lowest_first(features, targets, compare):
    x, t = features("sparse"), targets()
    order = np.argsort((x == 0).sum(0), kind="stable")  # whole numbers: ties are exact
    got = jp.keep_lowest(x, t, compare=compare)
    np.testing.assert_array_equal(got.order, order)
    expected = ref.prefix_curve(x, t, order, compare=compare)
    np.testing.assert_allclose(got.curve, expected, rtol=0, atol=1e-12)
    sizes = [9, 10, 15, 24]
    coarse = jp.keep_lowest(x, t, sizes, compare=compare)
    at = np.array(sizes) - 1
    np.testing.assert_allclose(coarse.curve, expected[at], rtol=0, atol=1e-12)


def test_by_zeros_of_other_images(features, targets):
    x, t = features("sparse"), targets()
    others = np.maximum(np.random.default_rng(1).normal(size=(200, 24)), 0)
    by = jp.percentage_of_zeros(others)
    got = jp.keep_lowest(x, t, by=by)
    assert (np.diff(by[got.order]) >= 0).all()
    expected = jp.reintroduce(x, t, np.argsort(by, kind="stable"))
    np.testing.assert_array_equal(got.curve, expected.curve)


def test_whole_channels(maps, targets):
    x, t = maps.reshape(9, -1), targets()
    channels = jp.percentage_of_zeros(maps)
    got = jp.keep_lowest(x, t, 4 * np.arange(1, 7), by=np.repeat(channels, 4))
    expected = []
    for kept in range(1, 7):
        chosen = np.argsort(channels, kind="stable")[:kept]
        expected.append(ref.score(maps[:, chosen].reshape(9, -1), t))
    np.testing.assert_allclose(got.curve, expected, rtol=0, atol=1e-12)


def test_squares_of_similarities_and_of_their_fit(features, targets):
    # Truong & Hasson (2022): r² of patterns, and R² of the fit of two matrices of them.
    x = features("dense")
    order = np.random.default_rng(0).permutation(24)
    own = np.corrcoef(x) ** 2
    got = jp.keep_lowest(
        x,
        own,
        [8, 16, 24],
        by=np.argsort(order),
        metric="squared_correlation",
        objective="r2",
        target_kind="similarity",
    )
    upper = np.triu_indices(9, 1)
    for size, score in zip(got.sizes, got.curve, strict=True):
        some = np.corrcoef(x[:, order[:size]]) ** 2
        expected = np.corrcoef(some[upper], own[upper])[0, 1] ** 2
        assert score == pytest.approx(expected, abs=1e-12)
    assert got.curve[-1] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    "by", [np.ones(23), np.ones((1, 24)), np.full(24, np.nan), ["a"] * 24]
)
def test_bad_by(features, targets, by):
    with pytest.raises(ValueError, match="by "):
        jp.keep_lowest(features(), targets(), by=by)


def entropies(x, bins=10):
    """Of each unit's histogram over its own range."""
    shares = [np.histogram(unit, bins)[0] / len(unit) for unit in x.T]
    return np.array([-sum(p * np.log(p) for p in share if p) for share in shares])


def test_criteria_without_a_target(features, targets):
    x, t = features("sparse"), targets()
    alive = x.std(0) > 0
    r = np.corrcoef(x[:, alive], rowvar=False) ** 2
    shared = np.ones(24)
    shared[alive] = (r.sum(0) - 1) / 23
    expected = {
        "deviation": -x.std(0),
        "entropy": np.where(alive, -entropies(x), 0),
        "collinearity": shared,
        "zeros": (x == 0).mean(0),
    }
    for name, values in expected.items():
        for scale in (1, 1e-170, 1e170):
            got = jp.keep_lowest(scale * x, t, by=name, metric="cosine")
            # Ties of zeros, and equal but for round-off.
            np.testing.assert_allclose(values[got.order], np.sort(values), atol=1e-12)
    with pytest.raises(ValueError, match=r"by='size'.*zeros.*collinearity"):
        jp.keep_lowest(x, t, by="size")


def test_groups_go_by_the_mean_of_their_units(maps, targets):
    x, t, labels = maps.reshape(9, -1), targets(), np.repeat(np.arange(6), 4)
    channels = jp.percentage_of_zeros(maps)
    got = jp.keep_lowest(x, t, groups=labels)
    np.testing.assert_array_equal(got.order, np.argsort(channels, kind="stable"))
    order = np.argsort(-x.std(0).reshape(6, 4).mean(1), kind="stable")
    got = jp.keep_lowest(x, t, by="deviation", groups=labels)
    np.testing.assert_array_equal(got.order, order)
    masks = [np.isin(labels, order[: size + 1]) for size in range(6)]
    np.testing.assert_allclose(got.curve, ref.score_masks(x, t, masks), atol=1e-12)

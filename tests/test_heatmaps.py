"""Occlusion maps against a loop over squares with NumPy and SciPy."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from jaxprune.heatmaps import SIZES as PUBLISHED
from jaxprune.heatmaps import HeatMap, occlusion_map, occlusion_maps
from jaxprune.heatmaps.figure import heatmap_figure

HEIGHT, WIDTH, N_UNITS, N_OTHERS = 13, 10, 20, 6
SIZES, STRIDE = (1, 3, 6), 2

COMPARE = {
    "pearson": stats.pearsonr,
    "spearman": stats.spearmanr,
    "tau-b": stats.kendalltau,
}


def reference(
    respond,
    image,
    others,
    row,
    units=slice(None),
    sizes=SIZES,
    stride=STRIDE,
    metric="correlation",
    compare="pearson",
    power=2,
):
    """Maps and baseline, one occluded image after the other."""
    present = ~np.isnan(row)

    def score(picture):
        x = np.asarray(respond(picture[None]), float)[:, units]
        constant = metric == "correlation" and np.ptp(x) == 0
        empty = metric == "cosine" and not x.any()
        if constant or empty:
            return np.nan
        distances = cdist(x, others[present][:, units], metric)[0]
        return COMPARE[compare](distances, row[present])[0] ** power

    baseline = score(image)
    tops, lefts = (range(0, length, stride) for length in image.shape[:2])
    maps = np.zeros((len(sizes), len(tops), len(lefts)))
    for s, size in enumerate(sizes):
        for i, cell_top in enumerate(tops):
            for j, cell_left in enumerate(lefts):
                # The middle of what the image has of this cell.
                below = min(stride, image.shape[0] - cell_top)
                right = min(stride, image.shape[1] - cell_left)
                top = cell_top - (size - below) // 2
                left = cell_left - (size - right) // 2
                masked = image.copy()
                rows = slice(max(top, 0), max(top + size, 0))
                columns = slice(max(left, 0), max(left + size, 0))
                masked[rows, columns] = 0
                maps[s, i, j] = baseline - score(masked)
    return maps, baseline


@pytest.fixture(scope="module")
def weights():
    rng = np.random.default_rng(0)
    return rng.normal(size=(HEIGHT * WIDTH * 3, N_UNITS)).astype(np.float32)


@pytest.fixture(scope="module")
def respond(weights):
    """A layer of rectified units, as plain NumPy; some units are dead."""

    def layer(x):
        x = np.asarray(x).reshape(len(x), -1)
        out = np.maximum(x @ weights + 2, 0)
        out[:, :3] = 0
        return out

    return layer


@pytest.fixture(scope="module")
def problem(respond):
    """Image, features of the other conditions, and a target row with ties."""
    rng = np.random.default_rng(1)
    images = rng.normal(size=(1 + N_OTHERS, HEIGHT, WIDTH, 3)).astype(np.float32)
    row = rng.random(N_OTHERS).round(1)
    return images[0], respond(images[1:]).astype(float), row


def occlude(respond, problem, **options):
    given = {"sizes": SIZES, "stride": STRIDE, **options}
    return occlusion_map(respond, *problem, **given)


def check(found, expected, tolerance=1e-6):
    # The responses are float32, and BLAS sums other batches in another order.
    maps, baseline = expected
    np.testing.assert_allclose(found.maps, maps, atol=tolerance)
    assert found.baseline == pytest.approx(baseline, abs=tolerance)
    assert found.n_undefined == np.isnan(maps).sum()


@pytest.mark.parametrize("objective", ["r", "r2"])
@pytest.mark.parametrize(
    "metric", ["correlation", "cosine", "euclidean", "sqeuclidean"]
)
def test_metrics(respond, problem, metric, objective):
    found = occlude(respond, problem, metric=metric, objective=objective)
    power = 2 if objective == "r2" else 1
    check(found, reference(respond, *problem, metric=metric, power=power))
    np.testing.assert_allclose(found.heat, found.maps.mean(0))


@pytest.mark.parametrize("compare", ["spearman", "tau-b", "kendall"])
def test_comparisons(respond, problem, compare):
    found = occlude(respond, problem, compare=compare)
    name = "tau-b" if compare == "kendall" else compare
    check(found, reference(respond, *problem, compare=name))


def test_retained_units(respond, problem):
    units = np.array([2, 5, 6, 7, 11, 13, 16, 19])
    expected = reference(respond, *problem, units=units)
    check(occlude(respond, problem, units=units), expected)
    mask = np.isin(np.arange(N_UNITS), units)
    check(occlude(respond, problem, units=mask), expected)


def test_several_sets_of_units_at_once(respond, problem):
    subsets = {"retained": [4, 7, 8, 12], "all": None}
    options = {"sizes": SIZES, "stride": STRIDE}
    found = occlusion_maps(respond, *problem, subsets, **options)
    assert list(found) == ["retained", "all"]
    for name, units in subsets.items():
        alone = occlude(respond, problem, units=units)
        np.testing.assert_array_equal(found[name].maps, alone.maps)
        assert found[name].baseline == alone.baseline


def test_missing_pairs(respond, problem):
    image, others, row = problem
    row = row.copy()
    row[[1, 4]] = np.nan
    check(
        occlude(respond, (image, others, row)), reference(respond, image, others, row)
    )


@pytest.mark.parametrize("batch_size", [1, 7, 10_000])
def test_batches_change_nothing(respond, problem, batch_size):
    expected = occlude(respond, problem)
    found = occlude(respond, problem, batch_size=batch_size)
    np.testing.assert_allclose(found.maps, expected.maps, atol=1e-6)


def test_jitted_response(weights, problem, respond):
    @jax.jit
    def layer(x):
        x = x.reshape(len(x), -1)
        return jax.nn.relu(x @ weights + 2).at[:, :3].set(0)

    check(occlude(layer, problem), reference(respond, *problem), 1e-5)


def test_offset_responses_keep_their_digits(respond, problem):
    image, others, row = problem

    def offset(x):
        return respond(x).astype(float) + 1e4

    found = occlude(offset, (image, others + 1e4, row))
    check(found, reference(respond, *problem))


def test_the_response_is_computed_in_the_precision_of_its_caller(respond, problem):
    seen = set()

    def layer(x):
        seen.add((x.dtype.name, jnp.arange(3.0).dtype.name, x.shape[0]))
        return respond(x)

    occlude(layer, problem, batch_size=16)
    assert seen == {("float32", "float32", 16)}
    with jax.enable_x64(True):
        image, *rest = problem
        occlude(layer, (image.astype(np.float64), *rest), batch_size=16)
    assert ("float64", "float64", 16) in seen


def test_all_sizes_share_what_is_compiled(respond, problem):
    compiled = []

    def listen(name, *_, **__):
        if name.endswith("backend_compile_duration"):
            compiled.append(name)

    occlude(respond, problem, sizes=[3], batch_size=9)
    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        occlude(respond, problem, sizes=[1, 2, 5, 7], batch_size=9)
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    assert compiled == []


def test_the_region_that_carries_the_fit_is_hot(weights):
    """Conditions differ in one corner as the target says, and elsewhere by noise."""
    rng = np.random.default_rng(2)
    amount = np.linspace(0, 1, 9)
    pattern = rng.normal(size=(6, 5, 3))
    images = 0.3 * rng.normal(size=(9, 12, 10, 3))
    images[:, 6:, 5:] += 4 * amount[:, None, None, None] * pattern
    row = np.abs(amount[-1] - amount[:-1])

    def pixels(x):
        return np.asarray(x).reshape(len(x), -1)

    options = {"sizes": [2, 4], "stride": 2, "metric": "euclidean"}
    others = pixels(images[:-1])
    heat = occlusion_map(pixels, images[-1], others, row, **options).heat
    corner = np.zeros(heat.shape, bool)
    corner[3:, 3:] = True
    assert heat[corner].min() > heat[:2, :2].max()


@pytest.mark.parametrize("metric", ["correlation", "cosine"])
def test_undefined_squares_are_counted(problem, metric):
    """Units that see one spot only: without it they have no pattern."""
    image, others, row = problem

    def spot(x):
        return np.abs(np.asarray(x)[:, 5:7, 4:6]).reshape(len(x), -1)

    others = np.abs(np.random.default_rng(3).normal(size=(N_OTHERS, 12)))
    found = occlude(spot, (image, others, row), metric=metric)
    check(found, reference(spot, image, others, row, metric=metric))
    assert found.n_undefined > 0
    np.testing.assert_array_equal(np.isnan(found.heat), np.isnan(found.maps).any(0))


def test_constant_conditions(respond, problem):
    image, others, row = problem
    flat = others.copy()
    flat[2] = 0.5
    with pytest.raises(ValueError, match=r"others is constant .* 'units' for 1 .* 2 "):
        occlude(respond, (image, flat, row))
    found = occlude(respond, (image, flat, row), undefined="zero")
    x = np.asarray(respond(image[None]), float)
    distances = np.ones(N_OTHERS)
    kept = np.arange(N_OTHERS) != 2
    distances[kept] = cdist(x, flat[kept], "correlation")[0]
    assert found.baseline == pytest.approx(stats.pearsonr(distances, row)[0] ** 2)


def test_positions(respond, problem):
    found = occlude(respond, problem)
    assert found.maps.shape == (3, 7, 5)
    assert found.positions.shape == (7, 5, 2)
    assert found.positions[0, 0].tolist() == [1, 1]
    assert found.positions[5, 4].tolist() == [11, 9]
    # One row of pixels is left of the last cell.
    assert found.positions[6, 4].tolist() == [12.5, 9]
    assert (found.sizes, found.stride) == (SIZES, STRIDE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.stride = 3


def test_defaults_are_the_published_ones():
    rng = np.random.default_rng(4)
    image = rng.normal(size=(224, 224, 1)).astype(np.float32)
    others, row = rng.random((5, 16)), rng.random(5)

    @jax.jit
    def blocks(x):
        return x.reshape(-1, 4, 56, 4, 56).mean((2, 4)).reshape(-1, 16)

    found = occlusion_map(blocks, image, others, row, sizes=[24], batch_size=256)
    assert (found.stride, found.maps.shape) == (4, (1, 56, 56))
    assert PUBLISHED == (24, 28, 32, 36, 40, 44, 48, 52, 56)
    # As where an image padded by (size - stride) / 2 is cut into overlapping squares.
    masked = image.copy()
    masked[-10 + 20 * 4 : 14 + 20 * 4, 0:14] = 0
    x = np.asarray(blocks(masked[None]), float)
    expected = stats.pearsonr(cdist(x, others, "correlation")[0], row)[0] ** 2
    assert found.baseline - found.maps[0, 20, 0] == pytest.approx(expected, abs=1e-6)


def test_progress(respond, problem, capsys):
    occlude(respond, problem, progress=True, title="a face")
    err = capsys.readouterr().err
    assert "a face" in err
    assert "images" in err


def test_interrupt(respond, problem):
    calls = []

    def layer(x):
        calls.append(len(x))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return respond(x)

    with pytest.raises(KeyboardInterrupt):
        occlude(layer, problem)
    assert len(calls) == 3


ROW = np.arange(float(N_OTHERS))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"metric": "mahalanobis"}, "metric='mahalanobis' is not known; choose from"),
        ({"compare": "corr_cov"}, "compare='corr_cov' is not known; choose from"),
        ({"objective": "r3"}, "objective='r3'"),
        ({"undefined": "x"}, "undefined='x'"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"sizes": []}, r"sizes=\[\]: expected whole numbers of pixels"),
        ({"sizes": [2.5]}, r"sizes=\[2.5\]: expected whole numbers"),
        ({"sizes": [0]}, r"sizes=\[0\]: expected"),
        ({"stride": 0}, "stride=0: expected"),
        ({"sizes": [4, 10]}, "square of 10 pixels is as wide or high as the image, 10"),
        ({"units": [3, N_UNITS]}, "indices of units from 0 to 19, .* 3 to 20"),
        ({"units": []}, "at least one"),
        (
            {"units": np.ones(3, bool)},
            r"mask of shape \(20,\); got bool of shape \(3,\)",
        ),
        ({"units": [3]}, "others is constant over the units of 'units' for 6"),
        ({"units": [0, 1], "metric": "cosine"}, "others is zero"),
    ],
)
def test_bad_options(respond, problem, changes, said):
    with pytest.raises(ValueError, match=said):
        occlude(respond, problem, **changes)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (0, np.zeros((4, 13, 10, 3)), r"image has shape \(4, 13, 10, 3\)"),
        (0, np.zeros((13, 10, 3), np.uint8), "dtype uint8; expected one preprocessed"),
        (0, np.full((13, 10, 3), np.nan), "image contains NaN"),
        (1, np.zeros(6), r"others has shape \(6,\) and target_row \(6,\)"),
        (1, np.full((6, 20), np.inf), "others contains NaN or infinity"),
        (1, np.zeros((6, 5)), r"respond returned shape \(8, 20\) .* \(8, 5\)"),
        (
            2,
            ROW[:5],
            r"and target_row \(5,\); expected \(n - 1, units\) and \(n - 1,\)",
        ),
        (2, np.zeros(6), "target_row is constant"),
        (2, np.full(6, np.nan), "target_row is NaN in every pair"),
        (2, np.where(ROW > 3, ROW, np.nan), r"target_row has only 2 pair\(s\)"),
        (2, np.where(ROW > 3, ROW, np.inf), "target_row contains infinity"),
    ],
)
def test_bad_input(respond, problem, place, value, said):
    given = list(problem)
    given[place] = value
    options = {"metric": "euclidean"}  # zeros are patterns to it
    with pytest.raises(ValueError, match=said):
        occlude(respond, given, **options)


def test_image_without_a_score(problem):
    image, others, row = problem
    with pytest.raises(ValueError, match="image: its score over the units of 'units'"):
        occlude(lambda x: np.ones((len(x), N_UNITS)), (image, others, row))


def test_figure():
    maps = np.linspace(-0.1, 0.3, 2 * 4 * 5).reshape(2, 4, 5)
    gap = maps.copy()
    gap[1, 2, 3] = np.nan
    found = {
        name: HeatMap(drop, baseline, np.zeros((4, 5, 2)), (3, 6), 2)
        for name, drop, baseline in (("retained", maps, 0.61), ("all", gap / 2, -0.2))
    }
    figure = heatmap_figure(np.zeros((9, 10, 3), np.uint8), found, "a cup", "lost")
    *panels, bar = figure.axes
    titles = [axes.get_title(loc="left") for axes in panels]
    assert [title.rpartition("$  ")[2] for title in titles] == [
        "image",
        "retained: 0.610",
        "all: −0.200  (flat grey: undefined)",
    ]
    top = maps.mean(0).max()
    for axes in panels[1:]:
        assert axes.images[1].get_clim() == (-top, top)
        assert axes.images[1].get_extent() == [0, 10, 8, 0]
    assert bar.get_ylabel() == "lost"
    (hidden,) = panels[2].images[2:]
    assert np.argwhere(hidden.get_array()[..., 3]).tolist() == [[2, 3]]


def test_figure_without_heat():
    flat = HeatMap(np.zeros((1, 2, 2)), 0.5, np.zeros((2, 2, 2)), (3,), 4)
    figure = heatmap_figure(np.zeros((8, 8, 3), np.uint8), {"all": flat}, "", "r")
    assert figure.axes[1].images[1].get_clim() == (-1, 1)

"""Metrics that take noise, folds or counts: every function and path, slowly again."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import MAHALANOBIS, MISSING, POISSON, X
from scipy.spatial.distance import mahalanobis

import jaxprune as jp
from jaxprune.engine.problem import make_problem

N_UNITS = 24
ORDER = np.random.default_rng(7).permutation(N_UNITS)


def _precisions():
    """Independent noise, and noise that units share."""
    rng = np.random.default_rng(20)
    measured = rng.normal(size=(60, N_UNITS)) + 0.8 * rng.normal(size=(60, 1))
    return 1 / measured.var(0), np.linalg.inv(np.cov(measured.T))


DIAGONAL, FULL = _precisions()
# Metric, how many folds, noise.
CASES = {
    "mahalanobis, diagonal": ("mahalanobis", 1, DIAGONAL),
    "mahalanobis, full": ("mahalanobis", 1, FULL),
    "crossnobis": ("crossnobis", 3, None),
    "crossnobis, diagonal": ("crossnobis", 3, DIAGONAL),
    "crossnobis, full": ("crossnobis", 3, FULL),
    "poisson": ("poisson", 1, None),
}
over_cases = pytest.mark.parametrize("case", CASES)
# One of each kind of sum, where noise makes no difference of its own.
over_sums = pytest.mark.parametrize(
    "case", ["mahalanobis, full", "crossnobis", "poisson"]
)
# Ranks are taken after the metric is done; the closed form has cosine too.
over_pairs = pytest.mark.parametrize(
    ("case", "compare"),
    [
        *((case, "pearson") for case in CASES),
        ("mahalanobis, full", "spearman"),
        ("poisson", "spearman"),
        ("mahalanobis, full", "cosine"),
    ],
)


@pytest.fixture
def given(features):
    """Function of a case giving features and options."""

    def make(case, kind="dense", dtype=np.float64):
        metric, folds, noise = CASES[case]
        x = features(kind)
        if folds > 1:
            x = x + np.random.default_rng(21).normal(size=(folds, *x.shape)) * np.std(x)
        if metric == "poisson":
            x = np.abs(x)
        options = {} if noise is None else {"noise": noise}
        return x.astype(dtype), {"metric": metric, **options}

    return make


def check(x, target, atol=1e-12, **options):
    got = jp.leave_one_out(x, target, **options)
    slow = {k: v for k, v in options.items() if k not in ("method", "precision")}
    expected = ref.leave_one_out(x, target, **slow)
    np.testing.assert_allclose(got.full_score, expected.full_score, atol=atol)
    np.testing.assert_allclose(got.importance, expected.importance, rtol=0, atol=atol)
    return got


def methods(metric, compare):
    closed = metric == "mahalanobis" and compare != "spearman"
    return ("closed_form", "downdate", "masked")[not closed :]


# --- RDMs ---------------------------------------------------------------------------


def test_golden_numbers():
    noise = 1 / np.arange(1.0, 7)
    for given in (noise, np.diag(noise)):
        got = jp.rdm(X, "mahalanobis", noise=given)
        np.testing.assert_allclose(got / 6, MAHALANOBIS, rtol=1e-11)
    np.testing.assert_allclose(jp.rdm(X, "poisson") / 6, POISSON, rtol=1e-11)


@over_cases
@pytest.mark.parametrize("kind", ["dense", "sparse", "heavy", "tiny", "huge"])
def test_rdm(given, case, kind):
    x, options = given(case, kind)
    got = jp.rdm(x, **options)
    expected = ref.rdm(x, **options)
    assert (got.shape, got.dtype) == ((36,), np.float64)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12 * expected.max())


@over_cases
def test_equals_rsatoolbox(given, case):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    x, options = given(case)
    metric, noise = options["metric"], options.get("noise")
    more = {}
    if noise is not None:
        more["noise"] = np.diag(noise) if noise.ndim == 1 else noise
    descriptors = None
    if metric == "crossnobis":
        names = np.arange(x.shape[0]), np.arange(x.shape[1])
        fold, condition = (
            i.ravel().astype(float) for i in np.meshgrid(*names, indexing="ij")
        )
        descriptors = {"fold": fold, "condition": condition}
        more |= {"descriptor": "condition", "cv_descriptor": "fold"}
    data = rsatoolbox.data.Dataset(
        x.reshape(-1, N_UNITS),
        obs_descriptors=descriptors,
        channel_descriptors={"unit": np.arange(N_UNITS)},
    )

    def theirs(data, **more):
        # It multiplies memory that was never written by NaN.
        with np.errstate(invalid="ignore"):
            rdms = rsatoolbox.rdm.calc_rdm(data, method=metric, **more)
        return rdms.dissimilarities[0] * data.n_channel

    np.testing.assert_allclose(jp.rdm(x, **options), theirs(data, **more), rtol=1e-10)
    # The precision of some units is the inverse of their part of the covariance.
    kept = np.sort(ORDER[:13])
    target = ref.square(np.arange(36.0))
    got = jp.reintroduce(x, target, ORDER, **options)
    data = data.subset_channel("unit", kept)
    if noise is not None:
        covariance = np.linalg.inv(more["noise"])[np.ix_(kept, kept)]
        more["noise"] = np.linalg.inv(covariance)
    fit = np.corrcoef(theirs(data, **more), np.arange(36.0))[0, 1]
    assert got.curve[12] == pytest.approx(fit, abs=1e-10)


def test_mahalanobis_is_the_square_of_that_of_scipy(features):
    x = features("dense")
    i, j = np.triu_indices(9, 1)
    pairs = zip(x[i], x[j], strict=True)
    expected = [mahalanobis(one, other, FULL) ** 2 for one, other in pairs]
    np.testing.assert_allclose(
        jp.rdm(x, "mahalanobis", noise=FULL), expected, rtol=1e-11
    )


def test_noise_of_one_is_no_noise(features):
    x = features("dense")
    expected = jp.rdm(x, "sqeuclidean")
    for noise in (np.ones(N_UNITS), np.eye(N_UNITS), np.eye(N_UNITS, dtype=int)):
        got = jp.rdm(x, "mahalanobis", noise=noise)
        np.testing.assert_allclose(got, expected, rtol=1e-14)


def test_crossnobis_has_no_bias():
    # Conditions that differ by noise alone are 0 apart on average, not 2 N apart. The
    # mean over the pairs of 100 has a standard deviation of 2 sqrt(N / 99), about 1.
    x = np.random.default_rng(0).normal(size=(2, 100, N_UNITS))
    unbiased = jp.rdm(x, "crossnobis")
    assert (unbiased < 0).any()
    assert abs(unbiased.mean()) < 3
    assert jp.rdm(x[0], "sqeuclidean").mean() > 40


def test_two_folds(features, targets):
    x = np.stack([features("dense"), features("sparse")])
    expected = ref.rdm(x, "crossnobis")
    np.testing.assert_allclose(jp.rdm(x, "crossnobis"), expected, rtol=1e-13)
    check(x, targets(), metric="crossnobis")


def test_crossnobis_of_the_same_twice_is_the_squared_distance(features):
    x = features("dense")
    got = jp.rdm(np.stack([x, x, x]), "crossnobis")
    np.testing.assert_allclose(got, jp.rdm(x, "sqeuclidean"), rtol=1e-13)


@pytest.mark.parametrize("noise", [DIAGONAL, FULL], ids=["diagonal", "full"])
def test_scale_of_the_noise_does_not_matter(features, targets, noise):
    expected = jp.score(features(), targets(), "mahalanobis", noise=noise)
    for scale in (1e-300, 1e300):
        got = jp.score(features(), targets(), "mahalanobis", noise=scale * noise)
        assert got == pytest.approx(expected, abs=1e-13)


# --- importance, curves, masks ------------------------------------------------------


@over_pairs
@pytest.mark.parametrize("kind", ["dense", "sparse", "heavy", "huge"])
def test_leave_one_out(given, targets, case, compare, kind):
    x, options = given(case, kind)
    assert (
        jp.select_path(options["metric"], compare)
        == methods(options["metric"], compare)[0]
    )
    for method in methods(options["metric"], compare):
        got = check(x, targets(), compare=compare, method=method, **options)
        assert got.path == method
        assert got.importance.shape == (N_UNITS,)


@over_sums
def test_missing_pairs_and_conditions(given, targets, case):
    # Condition 4 has no pair: it is dropped in every fold.
    t = targets(missing=[*MISSING, *((4, j) for j in range(9) if j != 4)])
    x, options = given(case, "sparse")
    for method in methods(options["metric"], "pearson"):
        check(x, t, method=method, **options)
    got = jp.reintroduce(x, t, ORDER, **options).curve
    expected = ref.prefix_curve(x, t, ORDER, **options)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@over_pairs
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_prefixes(given, targets, case, compare, kind):
    x, options = given(case, kind)
    got = jp.reintroduce(x, targets(), ORDER, compare=compare, **options)
    expected = ref.prefix_curve(x, targets(), ORDER, compare=compare, **options)
    np.testing.assert_allclose(got.curve, expected, rtol=0, atol=1e-12)
    grid = np.array([3, 11, 23])
    some = jp.reintroduce(x, targets(), ORDER, sizes=grid, compare=compare, **options)
    np.testing.assert_allclose(some.curve, expected[grid - 1], rtol=0, atol=1e-12)


@over_pairs
def test_masks(given, targets, case, compare):
    x, options = given(case, "sparse")
    masks = np.random.default_rng(8).random((12, N_UNITS)) < 0.4
    masks[0], masks[1], masks[2] = True, False, np.arange(N_UNITS) == 5
    got = jp.score_masks(x, targets(), masks, compare=compare, **options)
    expected = ref.score_masks(x, targets(), masks, compare=compare, **options)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
    batches = jp.score_masks(
        x, targets(), masks, compare=compare, batch_size=5, **options
    )
    np.testing.assert_allclose(batches, expected, rtol=0, atol=1e-12)
    score = jp.score(x, targets(), compare=compare, **options)
    assert score == pytest.approx(expected[0], abs=1e-12)


@pytest.mark.parametrize("case", ["mahalanobis, full", "crossnobis, full"])
def test_several_targets(given, targets, case):
    x, options = given(case)
    t = targets(k=3)
    got = jp.prune(x, t, **options)
    expected = ref.leave_one_out(x, t, **options).importance
    np.testing.assert_allclose(got.importance, expected, rtol=0, atol=1e-12)
    orders = zip(t, got.order, strict=True)
    expected = [ref.prefix_curve(x, one, order, **options) for one, order in orders]
    np.testing.assert_allclose(got.curve, expected, rtol=0, atol=1e-12)
    got = jp.prune(x, t, pool="mean", **options)
    expected = ref.prefix_curve(x, t, got.order, pool="mean", **options)
    np.testing.assert_allclose(got.curve, expected, rtol=0, atol=1e-12)


@over_cases
def test_prune(given, targets, case):
    (x, options), t = given(case), targets()
    got, expected = jp.prune(x, t, **options), ref.prune(x, t, **options)
    np.testing.assert_array_equal(got.order, expected.order)
    np.testing.assert_array_equal(got.retained, expected.retained)
    assert got.best_score == pytest.approx(expected.best_score, abs=1e-12)
    full = ref.rdm(x, **options)
    np.testing.assert_allclose(got.full_rdm, full, atol=1e-12 * full.max())
    noise = ref.subset_precision(options.get("noise"), got.retained)
    pruned = ref.rdm(x[..., got.retained], **options | {"noise": noise})
    np.testing.assert_allclose(got.pruned_rdm, pruned, atol=1e-12 * full.max())
    kinds = {0: None, 1: "diagonal", 2: "full"}
    assert got.settings.noise == kinds[np.ndim(options.get("noise"))]


@over_sums
def test_float32(given, targets, case):
    x, options = given(case, "dense", np.float32)
    single = jp.leave_one_out(x, targets(), precision="float32", **options)
    expected = ref.leave_one_out(x, targets(), **options).importance
    assert single.dtype == "float32"
    np.testing.assert_allclose(single.importance, expected, rtol=0, atol=1e-5)
    curve = jp.reintroduce(x, targets(), ORDER, precision="float32", **options).curve
    expected = ref.prefix_curve(x, targets(), ORDER, **options)
    np.testing.assert_allclose(curve, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("case", [case for case in CASES if case != "poisson"])
def test_common_offset_in_float32(given, targets, case):
    x, options = given(case)
    expected = jp.prune(x, targets(), **options)
    options["precision"] = "float32"
    # Another one in every fold: a session's baseline.
    x = x + 1e4 * np.arange(1, len(x) + 1)[:, None, None] if x.ndim == 3 else x + 1e4
    for method in ("auto", "masked"):
        got = jp.leave_one_out(x, targets(), method=method, **options).importance
        np.testing.assert_allclose(got, expected.importance, rtol=0, atol=1e-5)
    for sizes in (None, [2, 11, 24]):
        got = jp.reintroduce(x, targets(), expected.order, sizes=sizes, **options)
        wanted = expected.curve[got.sizes - 1]
        np.testing.assert_allclose(got.curve, wanted, rtol=0, atol=1e-5)


@over_cases
def test_jax_arrays_stay_on_their_device(given, targets, case):
    x, options = given(case)
    expected = jp.score(x, targets(), **options)
    with jax.enable_x64(True):
        there = jax.device_put(x, jax.devices()[1])
        if "noise" in options:
            options["noise"] = jnp.asarray(options["noise"])
    problem = make_problem(there, targets(), compare="pearson", **options)
    x, device = problem.layer.features, problem.device
    assert x.devices() == {device.jax_device} == {jax.devices()[1]}
    got = jp.score(there, targets(), **options)
    assert got == pytest.approx(expected, abs=1e-13)


def test_jax_arrays_are_pruned_on_their_device(given, targets):
    x, options = given("crossnobis, full")
    expected = jp.prune(x, targets(), **options)
    with jax.enable_x64(True):
        there = jax.device_put(x, jax.devices()[1])
    got = jp.prune(there, targets(), **options)
    np.testing.assert_allclose(got.curve, expected.curve, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(got.retained, expected.retained)


@over_cases
@pytest.mark.parametrize("method", ["downdate", "masked"])
def test_dead_units_tie(given, targets, case, method):
    x, options = given(case)
    x[..., [4, 11, 19]] = 0
    got = jp.leave_one_out(x, targets(), method=method, **options).importance
    if np.ndim(options.get("noise")) == 2:
        # They tell about the noise of the others.
        assert len(np.unique(got[[4, 11, 19]])) == 3
    else:
        assert len(np.unique(got[[4, 11, 19]])) == 1
        assert abs(got[4]) < 1e-14


# --- bad input ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        (np.ones(N_UNITS - 1), r"\(23,\).*24"),
        (np.ones((N_UNITS, 3)), r"\(24, 3\)"),
        (1.0, "shape"),
        (np.zeros(N_UNITS), "positive"),
        (np.where(np.arange(N_UNITS) == 7, -1.0, 1.0), r"7 \(-1\)"),
        (np.where(np.arange(N_UNITS) == 7, np.inf, 1.0), r"7 \(inf\)"),
        (np.where(np.arange(N_UNITS) == 7, np.nan, 1.0), r"7 \(nan\)"),
        (np.where(np.eye(N_UNITS)[::-1] == 1, np.nan, FULL), "NaN"),
        (FULL + np.triu(FULL, 1), "symmetric"),
        (np.ones((N_UNITS, N_UNITS)), "positive definite"),
        (np.ones(N_UNITS) * 1j, "noise has dtype"),
        ([["a"] * N_UNITS], "noise has dtype"),
        (np.ma.masked_array(np.ones(N_UNITS)), "noise is a masked array"),
    ],
)
def test_bad_noise(features, targets, noise, message):
    with pytest.raises(ValueError, match=f"(?s)noise.*{message}|{message}"):
        jp.prune(features(), targets(), "mahalanobis", noise=noise)
    with pytest.raises(ValueError, match="noise"):
        jp.rdm(features(), "mahalanobis", noise=noise)


def test_noise_where_there_is_none(features, targets):
    with pytest.raises(ValueError, match="noise=None.*sqeuclidean"):
        jp.prune(features(), targets(), "mahalanobis")
    for metric in ("correlation", "sqeuclidean", "poisson"):
        with pytest.raises(ValueError, match=rf"noise.*{metric}.*mahalanobis"):
            jp.prune(np.abs(features()), targets(), metric, noise=DIAGONAL)


@pytest.mark.parametrize("shape", [(9, N_UNITS), (1, 9, N_UNITS), (2, 2, 9, N_UNITS)])
def test_crossnobis_needs_folds(targets, shape):
    with pytest.raises(ValueError, match="(?s)crossnobis.*folds"):
        jp.prune(np.ones(shape), targets(), "crossnobis")


def test_crossnobis_says_how_many_conditions_it_found(given, targets):
    x, options = given("crossnobis")
    with pytest.raises(ValueError, match="target has 9 conditions but features has 8"):
        jp.prune(x[:, :8], targets(), **options)
    with pytest.raises(ValueError, match="features has 2 condition"):
        jp.prune(x[:, :2], np.zeros((2, 2)), **options)


def test_non_finite_value_in_a_fold_is_located(given, targets):
    x, options = given("crossnobis")
    x[1, 3, 17] = np.nan
    with pytest.raises(ValueError, match="fold 1, condition 3, unit 17"):
        jp.prune(x, targets(), **options)


def test_negative_rates_are_located(features, targets):
    x = np.abs(features())
    x[3, 17] = -1e-9
    for call in (jp.rdm, lambda x, metric: jp.prune(x, targets(), metric)):
        with pytest.raises(ValueError, match=r"poisson") as error:
            call(x, metric="poisson")
        assert "condition 3, unit 17" in str(error.value)


def test_pruner_takes_noise(features, targets):
    pytest.importorskip("sklearn", reason="needs scikit-learn")
    x, options = features("dense"), {"metric": "mahalanobis", "noise": DIAGONAL}
    got = jp.Pruner(**options).fit(x, targets())
    expected = jp.prune(x, targets(), **options)
    np.testing.assert_array_equal(got.ranking_, expected.order)

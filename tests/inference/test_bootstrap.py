"""Bootstrap, against samples written out, against rsatoolbox, and by its formulas."""

import importlib

import numpy as np
import pytest
import scipy.stats
from rsatoolbox.inference import (
    eval_bootstrap_pattern,
    eval_bootstrap_rdm,
    eval_dual_bootstrap,
)
from rsatoolbox.model import ModelFixed
from rsatoolbox.rdm import RDMs
from rsatoolbox.rdm import compare as compare_theirs
from rsatoolbox.util.inference_util import extract_variances

import jaxprune as jp
from jaxprune.comparisons import COMPARISONS
from jaxprune.inference import bootstrap, two_factor_variance
from jaxprune.inference.bootstrap.resampling import resampled_scores
from tests import reference

# The functions of the same names hide these modules.
module = importlib.import_module("jaxprune.inference.bootstrap.bootstrapping")

N, K = 9, 3
P = N * (N - 1) // 2
THEIRS = {"pearson": "corr"}


@pytest.fixture(scope="module")
def data():
    """Models (2, P), the better one first, and targets of three subjects with ties."""
    rng = np.random.default_rng(0)
    common = rng.random(P)
    targets = np.round(4 * (common + 0.6 * rng.random((K, P))))
    models = common + np.array([[0.3], [0.9]]) * rng.random((2, P))
    return models, targets


@pytest.fixture(scope="module")
def counts():
    return module.drawn_conditions(np.random.default_rng(1), 8, N)


def written_out(rdm, counts):
    """The sample as an RDM of its own, NaN for a condition with itself."""
    drawn = np.repeat(np.arange(N), counts)
    square = reference.square(rdm)
    np.fill_diagonal(square, np.nan)
    return reference.condensed(square[np.ix_(drawn, drawn)])


@pytest.mark.parametrize("compare", list(COMPARISONS))
def test_samples_against_the_reference(data, counts, compare):
    models, targets = data
    found = resampled_scores(models, targets, counts, COMPARISONS[compare]())
    for b, c in enumerate(counts):
        for k, target in enumerate(targets):
            t = written_out(target, c)
            for m, model in enumerate(models):
                d = written_out(model, c)
                expected = reference.compare(d, t, compare)
                assert found[b, m, k] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("compare", list(COMPARISONS))
def test_samples_against_rsatoolbox(data, counts, compare):
    conditions = {"index": np.arange(N)}
    models, targets = (RDMs(x, pattern_descriptors=conditions) for x in data)
    found = resampled_scores(*data, counts, COMPARISONS[compare]())
    for b, c in enumerate(counts):
        drawn = np.repeat(np.arange(N), c)
        pair = (x.subsample_pattern("index", drawn) for x in (models, targets))
        expected = compare_theirs(*pair, THEIRS.get(compare, compare))
        np.testing.assert_allclose(found[b], expected, atol=1e-10)


@pytest.mark.parametrize("compare", ["pearson", "cosine", "spearman", "cosine_cov"])
def test_missing_pairs(data, counts, compare):
    """Of a model: left out for all. Of a subject: for that subject."""
    models, targets = (x.copy() for x in data)
    models[1, 3] = np.nan
    targets[2, [5, 20]] = np.nan
    found = resampled_scores(models, targets, counts, COMPARISONS[compare]())
    for b, c in enumerate(counts):
        for k, target in enumerate(targets):
            t = written_out(np.where(np.isnan(models[1]), np.nan, target), c)
            expected = reference.compare(written_out(models[0], c), t, compare)
            assert found[b, 0, k] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("compare", ["pearson", "corr_cov"])
def test_offsets_and_scales_lose_no_digits(data, counts, compare):
    models, targets = data
    comparison = COMPARISONS[compare]()
    expected = resampled_scores(models, targets, counts, comparison)
    moved = resampled_scores(1e3 + models, 1e9 * targets, counts, comparison)
    np.testing.assert_allclose(moved, expected, atol=1e-10)


@pytest.mark.parametrize("compare", ["pearson", "spearman", "corr_cov"])
def test_a_sample_without_a_score(compare):
    """Two blocks of conditions: drawn from one block, the target is constant."""
    block = np.repeat([0, 1], [5, 4])
    target = (block[:, None] != block).astype(float)[np.triu_indices(9, 1)]
    model = np.random.default_rng(0).random(P)
    counts = np.array([[3, 3, 3, 0, 0, 0, 0, 0, 0], [1] * 9])
    found = resampled_scores(model[None], target[None], counts, COMPARISONS[compare]())
    assert np.isnan(found[0, 0, 0])
    assert np.isfinite(found[1, 0, 0])


def test_undefined_samples_are_left_out():
    """Four conditions alike and one apart: without that one the target is constant."""
    apart = np.array([0, 0, 0, 0, 1])
    target = (apart[:, None] != apart).astype(float)[np.triu_indices(5, 1)]
    found = bootstrap(np.arange(10.0) % 7, target, 200)
    absent = np.isnan(found.samples[:, 0])
    assert found.n_undefined == absent.sum() > 0
    spread = found.samples[~absent, 0].var(ddof=1) * 5 / 4
    assert found.standard_errors[0] ** 2 == pytest.approx(spread)
    assert np.isfinite(found.interval("percentile")).all()


def test_observed_scores_are_those_of_the_package(data):
    models, targets = data
    found = bootstrap(models, targets, 2, compare="spearman", objective="r2")
    for m, model in enumerate(models):
        for k, target in enumerate(targets):
            r = reference.compare(model, target, "spearman")
            assert found.subject_scores[m, k] == pytest.approx(r**2, abs=1e-12)
    np.testing.assert_allclose(found.scores, found.subject_scores.mean(1))


def test_all_forms_of_input(data):
    models, targets = data
    expected = bootstrap(models, targets, 20)
    squares = np.stack([reference.square(target) for target in targets])
    named = {"good": models[0], "poor": models[1]}
    for rdms, target, kind in (
        (named, squares, "dissimilarity"),
        (models, RDMs(targets), "dissimilarity"),
        (models, 1 - targets, "similarity"),
    ):
        found = bootstrap(rdms, target, 20, target_kind=kind)
        np.testing.assert_allclose(found.samples, expected.samples, atol=1e-12)
    assert bootstrap(named, squares, 2).names == ("good", "poor")
    assert bootstrap(models, targets, 2, names=["a", "b"]).names == ("a", "b")
    one = bootstrap(models[0], targets[0], 20)
    assert one.names == ("0",)
    assert one.samples.shape == (20, 1)


def test_of_a_pruning():
    rng = np.random.default_rng(0)
    position = np.arange(9.0)
    features = rng.random((9, 24))
    features[:, :3] += position[:, None] * [1.0, 0.5, -0.8]
    result = jp.prune(features, np.abs(position[:, None] - position))
    rdms = {"full": result.full_rdm, "pruned": result.pruned_rdm}
    found = bootstrap(rdms, result.target_rdm, 50)
    np.testing.assert_allclose(
        found.scores, [result.full_score, result.best_score], atol=1e-12
    )


# --- variances, intervals, tests ------------------------------------------------------


def theirs(data, evaluate, **options):
    """Variances of rsatoolbox with 1,500 samples: models, and their difference."""
    models, targets = data
    conditions = {"index": np.arange(N)}
    fixed = [ModelFixed(f"m{m}", model) for m, model in enumerate(models)]
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        result = evaluate(
            fixed,
            RDMs(targets, pattern_descriptors=conditions),
            method="corr",
            N=1500,
            **options,
        )
    finally:
        np.random.set_state(state)  # noqa: NPY002
    return result.model_var, float(result.diff_var[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("over", "evaluate", "options"),
    [
        ("conditions", eval_bootstrap_pattern, {"boot_noise_ceil": False}),
        ("subjects", eval_bootstrap_rdm, {"boot_noise_ceil": False}),
        ("both", eval_dual_bootstrap, {}),
    ],
)
def test_variances_against_rsatoolbox(data, over, evaluate, options):
    """Within Monte Carlo error: of 1,500 samples 4 % of a variance, here 3 of those."""
    models, targets = data
    # Without ties: of a target that is constant in a sample their ceiling would warn.
    data = models, targets + np.random.default_rng(5).random(targets.shape)
    variances, of_difference = theirs(data, evaluate, **options)
    found = bootstrap(*data, 20_000, over=over)
    np.testing.assert_allclose(found.standard_errors**2, variances, rtol=0.12)
    error = found.difference(0, 1).standard_error
    assert error**2 == pytest.approx(of_difference, rel=0.12)


def test_two_factors_against_rsatoolbox(data):
    """Their formula, on our samples."""
    found = bootstrap(*data, 200, over="both")
    covariances = np.stack(
        [
            np.cov(samples.T)
            for samples in (
                found.samples,
                found.samples_subjects,
                found.samples_conditions,
            )
        ]
    )
    models, difference, _ = extract_variances(
        covariances, nc_included=False, n_rdm=K, n_pattern=N
    )
    np.testing.assert_allclose(found.standard_errors**2, models, rtol=1e-10)
    error = found.difference(0, 1).standard_error
    np.testing.assert_allclose(error**2, difference[0], rtol=1e-10)
    assert found.df == min(K, N) - 1


def test_two_factor_bounds():
    assert two_factor_variance(0.9, 0.1, 0.1, 5, 5) == pytest.approx(0.125)
    assert two_factor_variance(0.1, 0.2, 0.3, 5, 5) == pytest.approx(0.1)
    expected = 1.25 * 0.1 + 1.25 * 0.1 - 1.5625 * 0.05
    assert two_factor_variance(0.25, 0.1, 0.1, 5, 5) == pytest.approx(expected)


def test_subjects_drawn_are_weights_of_the_observed_scores(data):
    found = bootstrap(*data, 5, over="subjects", seed=3)
    times = module.draws(np.random.default_rng(3), 5, K)
    for sample, times_drawn in zip(found.samples, times, strict=True):
        drawn = np.repeat(np.arange(K), times_drawn)
        np.testing.assert_allclose(sample, found.subject_scores[:, drawn].mean(1))
    assert (times.sum(1) == K).all()
    spread = found.samples.var(0, ddof=1) * K / (K - 1)
    np.testing.assert_allclose(found.standard_errors**2, spread)


def test_sessions_of_a_subject_are_drawn_together(data):
    models, targets = data
    sessions = np.concatenate([targets, targets[:2] + 0.1 * np.arange(P)])
    labels = ["b", "a", "c", "b", "a"]
    found = bootstrap(models, sessions, 30, over="both", subjects=labels)
    each = bootstrap(models, sessions, 2).subject_scores
    mean = np.stack([each[:, [1, 4]].mean(1), each[:, [0, 3]].mean(1), each[:, 2]], 1)
    np.testing.assert_allclose(found.subject_scores, mean)
    np.testing.assert_allclose(found.scores, mean.mean(1))
    assert (found.n_subjects, found.df) == (3, 2)
    with pytest.raises(ValueError, match=r"subjects has shape \(2,\)"):
        bootstrap(models, sessions, 2, subjects=[1, 2])
    with pytest.raises(ValueError, match="1 subject"):
        bootstrap(models, sessions, 2, over="both", subjects=[1] * 5)


def test_intervals(data):
    found = bootstrap(*data, 500, confidence=0.9)
    reach = scipy.stats.t.ppf(0.95, N - 1) * found.standard_errors
    np.testing.assert_allclose(found.interval()[:, 1], found.scores + reach)
    percentiles = np.percentile(found.samples, [5, 95], axis=0).T
    np.testing.assert_allclose(found.interval("percentile"), percentiles)
    with pytest.raises(ValueError, match="kind='bca' is not known"):
        found.interval("bca")
    with pytest.raises(ValueError, match="spread too far"):
        bootstrap(*data, 5, over="both").interval("percentile")


def test_differences(data):
    models, targets = data
    found = bootstrap(models, targets, 200, names=["good", "poor"])
    difference = found.difference("good", "poor")
    assert difference.difference == pytest.approx(found.scores[0] - found.scores[1])
    samples = found.samples[:, 0] - found.samples[:, 1]
    assert difference.standard_error**2 == pytest.approx(samples.var(ddof=1) * 9 / 8)
    t = difference.difference / difference.standard_error
    assert difference.t == pytest.approx(t)
    assert difference.p_value == pytest.approx(2 * scipy.stats.t.sf(abs(t), N - 1))
    share = 2 * ((samples <= 0).sum() + 1) / 201
    assert difference.p_bootstrap == pytest.approx(min(1, share))
    reverse = found.difference(1, 0)
    assert reverse.difference == -difference.difference
    assert reverse.p_bootstrap == difference.p_bootstrap
    same = found.difference("good", "good")
    assert (same.difference, same.p_value, same.p_bootstrap) == (0, 1, 1)
    with pytest.raises(ValueError, match="second='best' is not known"):
        found.difference("good", "best")


def test_few_conditions_are_drawn_again():
    counts = module.drawn_conditions(np.random.default_rng(0), 2000, 4)
    assert (counts > 0).sum(1).min() == 3
    assert (counts.sum(1) == 4).all()


def test_seeds(data):
    first, again = (bootstrap(*data, 10, over="both", seed=7) for _ in range(2))
    np.testing.assert_array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, bootstrap(*data, 10, over="both").samples)


def test_progress(data, capsys):
    bootstrap(*data, 5, compare="tau-a", progress=True)
    assert "bootstrap" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rdms": np.ones((2, 2, 36))}, r"rdms has shapes \[\(2, 36\), \(2, 36\)\]"),
        ({"rdms": []}, r"rdms has shapes \[\]"),
        ({"rdms": np.ones(7)}, "rdms has rows of 7 entries: 7 is not the number"),
        ({"rdms": {"a": np.ones(36)}}, "rdms\\['a'\\] is constant over the pairs"),
        ({"rdms": {"a": np.full(36, np.inf)}}, "contains infinity in 36 entries"),
        ({"rdms": {"a": np.ones(36)}, "names": ["a"]}, "names=.* with a mapping"),
        ({"names": ["a"]}, "names=.* for 2 RDMs; expected one name for each"),
        ({"target": np.ones(10)}, "target has 5 conditions but"),
        ({"target": np.ones(36)}, "target is constant"),
        ({"target": np.arange(36.0), "over": "both"}, "RDMs of 1 subject"),
        ({"rdms": np.arange(3.0), "target": np.arange(3.0)}, "rdms has 3 conditions"),
        ({"n_samples": 1}, "n_samples=1: expected a whole number of at least 2"),
        ({"confidence": 95}, "confidence=95: expected a share between 0 and 1"),
        ({"over": "units"}, "over='units' is not known"),
        ({"compare": "no"}, "compare='no' is not known"),
        ({"objective": "r3"}, "objective='r3' is not known"),
    ],
)
def test_errors(data, given, message):
    arguments = {"rdms": data[0], "target": data[1], "n_samples": 5, **given}
    with pytest.raises(ValueError, match=message):
        bootstrap(**arguments)


@pytest.mark.slow
def test_standard_error_of_real_subjects(data_dir):
    """Over subjects it is that of a mean of independent scores."""
    folder = data_dir / "objects92"
    human = np.load(folder / "rdm_human_it.npy")
    with np.load(folder / "rdms_human_it_subjects.npz") as file:
        subjects = file["rdms"].astype(float)
    i, j = np.triu_indices(92, 1)
    found = bootstrap({"human": human[i, j]}, subjects, 5000, over="subjects")
    error = scipy.stats.sem(found.subject_scores[0])
    assert found.standard_errors[0] == pytest.approx(error, rel=0.05)
    wider = bootstrap({"human": human[i, j]}, subjects, 500, over="both")
    assert wider.standard_errors[0] > 0

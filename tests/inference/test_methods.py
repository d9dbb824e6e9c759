"""Methods on the same folds, against explicit loops over the public functions."""

import re
import warnings

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.comparisons import compare
from jaxprune.inference import compare_methods, corrected_t, random_subsets
from jaxprune.inference.methods import DEFAULT, METHODS
from jaxprune.reweighting import nested_scores, reweight

N, M = 18, 40  # conditions and units: 3 folds are of one size, so kernels compile once
RIVALS = ("full", "pruned", "zeros", "reweighted")


@pytest.fixture(scope="module")
def data():
    """Responses after a ReLU, the first 12 units tuned to what the target measures."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(N, 3))
    features = np.maximum(rng.normal(size=(N, M)) + 0.3, 0)
    features[:, :12] += np.maximum(points @ rng.normal(size=(3, 12)), 0)
    return features, np.linalg.norm(points[:, None] - points, axis=-1)


def of(units):
    mask = np.zeros((1, M), bool)
    mask[0, units] = True
    return mask


def fitted(x, t, options):
    """Units of each method, chosen on some conditions, and weights."""
    pruned = jp.prune(x, t, **options).retained
    order = np.argsort((x == 0).sum(0), kind="stable")
    curve = jp.reintroduce(x, t, order, **options).curve
    zeros = order[: np.nanargmax(curve) + 1]
    # 12 training conditions are 4 folds of 3.
    weights = reweight(x, t, n_folds=min(5, len(x) // 3))
    return {"full": np.arange(M), "pruned": pruned, "zeros": zeros}, weights


def scored(x, t, units, weights, options):
    masks = np.concatenate([of(chosen) for chosen in units.values()])
    scores = dict(zip(units, jp.score_masks(x, t, masks, **options), strict=True))
    pairs = np.triu_indices(len(t), 1)
    r = compare(weights.predict(x), t[pairs], options.get("compare", "pearson"))
    power = 2 if options.get("objective") == "r2" else 1
    return scores | {"reweighted": r**power}


OTHER = {"metric": "euclidean", "compare": "corr_cov", "objective": "r2"}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, marks=pytest.mark.slow),
        {"objective": "r2"},
        pytest.param(OTHER, marks=pytest.mark.slow),
    ],
    ids=["default", "squared", "other"],
)
def test_against_an_explicit_loop(data, options):
    x, t = data
    found = compare_methods(x, t, 3, methods=RIVALS, **options)
    assert found.names == RIVALS
    assert found.left_out == {}
    everything = fitted(x, t, options)
    expected = scored(x, t, *everything, options)
    for name, units in everything[0].items():
        assert found.n_units[name] == len(units)
    assert found.in_sample == pytest.approx(expected, abs=1e-10)
    for name, rdm in found.rdms.items():
        power = 2 if "objective" in options else 1
        r = compare(rdm, t[np.triu_indices(N, 1)], options.get("compare", "pearson"))
        assert r**power == pytest.approx(expected[name], abs=1e-10)
    for number, out in enumerate(found.folds.held_out):
        kept = np.setdiff1d(np.arange(N), out)
        chosen = fitted(x[kept], t[np.ix_(kept, kept)], options)
        for scores, rows in ((found.train, kept), (found.held_out, out)):
            part = x[rows], t[np.ix_(rows, rows)]
            expected = scored(*part, *chosen, options)
            ours = {name: scores[name][number] for name in RIVALS}
            assert ours == pytest.approx(expected, abs=1e-10)
    np.testing.assert_allclose(found.held_out["pruned"], found.folds.pruned, atol=1e-12)
    np.testing.assert_allclose(found.train["full"], found.folds.train_full, atol=1e-12)


def test_random_sets_are_as_large_as_the_pruned_one(data):
    x, t = data
    found = compare_methods(x, t, 3, methods=["random"], n_random=200)
    assert found.n_units["random"] == found.pruning.best_size
    assert found.rdms == {}
    for number, out in enumerate(found.folds.held_out):
        size = int(found.folds.sizes[number])
        part = x[out], t[np.ix_(out, out)]
        null = random_subsets(*part, size, 200, seed=1)
        ours = found.held_out["random"][number]
        # Two means of 200: four standard errors of their difference.
        assert abs(ours - null.mean) < 4 * null.sd * np.sqrt(2 / 200)
    repeated = compare_methods(x, t, 3, repeats=2, methods=["random"], n_random=200)
    assert repeated.in_sample["random"] == found.in_sample["random"]
    first = repeated.held_out["random"][:3]
    np.testing.assert_array_equal(first, found.held_out["random"])


def test_noise_is_fitted_in_sample_only(data):
    """Nothing that is chosen by a target leaks into the conditions it is scored on."""
    x, _ = data
    in_sample, held_out = [], []
    for seed in range(6):
        d = np.random.default_rng(seed).random((N, N))
        t = (d + d.T) * (1 - np.eye(N))
        found = compare_methods(x, t, 3, methods=RIVALS)
        in_sample.append([found.in_sample[name] for name in RIVALS])
        held_out.append([found.estimate(name).mean for name in RIVALS])
    full, pruned, zeros, reweighted = np.mean(in_sample, 0)
    assert abs(full) < zeros < pruned
    assert abs(full) < 0.1
    assert min(pruned, reweighted) > 0.2
    # A correlation over the 15 pairs of a fold has sd 1 / sqrt(14); 18 folds.
    assert np.abs(np.mean(held_out, 0)).max() < 3 / np.sqrt(14 * 18)


def test_estimates_are_of_folds(data):
    found = compare_methods(*data, 3, methods=["full", "pruned", "random"], n_random=1)
    gain = found.estimate("pruned", over="full")
    assert gain == corrected_t(found.held_out["pruned"] - found.held_out["full"], 1 / 2)
    assert gain.mean == pytest.approx(found.folds.estimate("gain").mean)
    with pytest.raises(ValueError, match="name='zeros' is not known; choose from"):
        found.estimate("zeros")
    with pytest.raises(ValueError, match="over='all' is not known"):
        found.estimate("pruned", over="all")


def test_folds_of_measurements_and_noise(data):
    x, t = data
    twice = np.stack([x, x + np.random.default_rng(1).normal(size=x.shape) / 5])
    noise = np.linspace(0.5, 2, M)
    options = {"metric": "crossnobis", "noise": noise}
    found = compare_methods(twice, t, 3, methods=RIVALS, **options)
    assert found.names == ("full", "pruned")
    assert set(found.left_out) == {"zeros", "reweighted"}
    assert "these have folds" in found.left_out["zeros"]
    assert found.in_sample["full"] == pytest.approx(jp.score(twice, t, **options))
    rdm = jp.rdm(twice, "crossnobis", noise=noise)
    np.testing.assert_allclose(found.rdms["full"], rdm, atol=1e-12)
    out = found.folds.held_out[1]
    part = twice[:, out], t[np.ix_(out, out)]
    assert found.held_out["full"][1] == pytest.approx(jp.score(*part, **options))
    mask = of(found.folds.retained[1])
    pruned = jp.score_masks(*part, mask, **options)[0]
    assert found.held_out["pruned"][1] == pytest.approx(pruned)


def test_no_zeros_to_count(data):
    x, t = data
    found = compare_methods(x + 1, t, 3, methods=["full", "zeros"])
    assert found.names == ("full",)
    assert "is this after a ReLU" in found.left_out["zeros"]


def test_what_reweighting_alone_refuses_is_left_out(data, monkeypatch):
    def refused(*_, **__):
        raise ValueError("features: 10000 conditions need 9 TiB of memory")

    monkeypatch.setattr("jaxprune.inference.methods.nested_scores", refused)
    found = compare_methods(*data, 3, methods=["pruned", "reweighted"])
    assert found.names == tuple(found.in_sample) == ("pruned",)
    assert "9 TiB" in found.left_out["reweighted"]


@pytest.mark.slow
def test_a_condition_without_a_pattern(data):
    """It counts as 0 for the other methods, and has no z-scores for reweighting."""
    x, t = data[0].copy(), data[1]
    x[4] = 0
    found = compare_methods(x, t, 3, methods=["pruned", "reweighted"], undefined="zero")
    assert found.names == ("pruned",)
    assert "condition(s) 4" in found.left_out["reweighted"]


@pytest.mark.slow
def test_missing_pairs(data):
    """With a comparison that has to know which conditions the pairs are of."""
    x, t = data[0], data[1].copy()
    t[0, 3] = t[3, 0] = t[5, 9] = t[9, 5] = np.nan
    found = compare_methods(x, t, 3, methods=RIVALS, compare="corr_cov")
    goal = t[np.triu_indices(N, 1)]
    for name, rdm in found.rdms.items():
        expected = compare(rdm, goal, "corr_cov")
        assert found.in_sample[name] == pytest.approx(expected, abs=1e-10)


@pytest.fixture(scope="module")
def undefined(data):
    """A fold in which the units retained by the others are silent for a condition."""
    x, t = data[0].copy(), data[1]
    x[4, :30] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compare_methods(x, t, 3, methods=["full", "pruned", "zeros"])


def test_a_fold_without_a_score_is_left_out_and_counted(undefined):
    gains = undefined.held_out["pruned"] - undefined.held_out["full"]
    assert np.isnan(gains).tolist().count(True) == 1
    gain = undefined.estimate("pruned", over="full")
    assert gain.n_undefined == 1
    assert gain.mean == pytest.approx(np.nanmean(gains))
    assert gain.df == 1
    assert np.isfinite([gain.low, gain.high, gain.p_value]).all()
    assert undefined.folds.estimate("gain") == gain
    assert undefined.estimate("full").n_undefined == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": ["pruned", "best"]}, "methods='best' is not known; choose from"),
        ({"n_random": 0}, "n_random=0: expected a whole number of at least 1"),
        ({"n_folds": 7}, "n_folds=7: expected 2 to 6 for 18 conditions"),
        ({"stack": 2}, "target holds 2 RDMs; expected one. Call compare_methods"),
        ({"target_kind": "x"}, "target_kind='x' is not known"),
    ],
)
def test_errors(data, change, message):
    x, t = data
    t = np.stack([t] * change.pop("stack")) if "stack" in change else t
    with pytest.raises(ValueError, match=re.escape(message)):
        compare_methods(x, t, **change)


@pytest.mark.slow
def test_non_negative_weights_are_asked_for(data):
    x, t = data
    found = compare_methods(x, t, 3, methods=["full", "nonnegative"])
    assert found.names == ("full", "nonnegative")
    # 12 training conditions are 4 folds of 3.
    options = {"n_folds": 4, "nonnegative": True}
    nested = nested_scores(x, t, found.folds.held_out, **options)
    np.testing.assert_allclose(found.held_out["nonnegative"], nested.held_out)
    np.testing.assert_allclose(found.train["nonnegative"], nested.train)
    assert set(METHODS) - set(DEFAULT) == {"nonnegative"}

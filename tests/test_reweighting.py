"""Reweighting against scikit-learn and SciPy on pair features written out."""

import numpy as np
import pytest
from scipy.optimize import nnls
from sklearn.linear_model import Ridge

from jaxprune.base.arrays import double_precision
from jaxprune.comparisons import compare
from jaxprune.inference import cross_validate
from jaxprune.reweighting import gram, nested_scores, pairs, reweight
from jaxprune.reweighting.penalties import FRACTIONS

# One shape of each kind, so that every kernel compiles once: 66 pairs.
N, FEW, MANY = 12, 20, 90
FORMS = ["dot", "sqeuclidean"]
FIRST, SECOND = np.triu_indices(N, 1)


def pair_features(features, form):
    """Φ ``(P, N)``, such that d = b + Φ w: by definition."""
    x = np.asarray(features, float)
    i, j = np.triu_indices(len(x), 1)
    if form == "sqeuclidean":
        return (x[i] - x[j]) ** 2
    z = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
    return -z[i] * z[j]


def pairs_among(conditions, n=N):
    chosen = np.isin(np.arange(n), conditions)
    i, j = np.triu_indices(n, 1)
    return chosen[i] & chosen[j]


def make(n_units, seed=0, n=N, dtype=np.float64):
    """Features, and a target that some of them carry, with noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, n_units)).astype(dtype)
    weights = rng.exponential(size=n_units) * (rng.random(n_units) < 0.3)
    i, j = np.triu_indices(n, 1)
    target = np.zeros((n, n))
    target[i, j] = pair_features(features, "sqeuclidean") @ weights
    target[i, j] += target[i, j].std() * rng.normal(size=len(i))
    return features, target + target.T


def slow_inner_scores(phi, d, conditions, penalties, n_folds, seed):
    """Mean held-out correlation of every penalty: scikit-learn, fold by fold."""
    shuffled = np.random.default_rng(seed).permutation(conditions)
    scores = []
    for held_out in np.array_split(shuffled, n_folds):
        train = pairs_among(np.setdiff1d(conditions, held_out))
        there = pairs_among(held_out)
        scores.append(
            [
                np.corrcoef(
                    Ridge(alpha=a).fit(phi[train], d[train]).predict(phi[there]),
                    d[there],
                )[0, 1]
                for a in penalties
            ]
        )
    return np.mean(scores, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_units", [FEW, MANY])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_to_scikit_learn(form, n_units, dtype):
    features, target = make(n_units, dtype=dtype)
    phi, d = pair_features(features, form), target[FIRST, SECOND]
    total = ((phi - phi.mean(0)) ** 2).sum()
    for penalty in total * np.array([1e-1, 1e-3, 1e-6]):
        found = reweight(features, target, form, penalties=penalty)
        expected = Ridge(alpha=penalty, solver="svd").fit(phi, d)
        size = np.abs(expected.coef_).max()
        np.testing.assert_allclose(found.weights, expected.coef_, atol=1e-8 * size)
        assert found.intercept == pytest.approx(expected.intercept_, rel=1e-9)
        predicted = expected.predict(phi)
        np.testing.assert_allclose(found.predict(features), predicted, rtol=1e-9)
        assert found.score == pytest.approx(np.corrcoef(predicted, d)[0, 1])
        assert found.scores is None
        assert found.penalty == penalty


def test_gram_in_strips_and_slabs(monkeypatch):
    """Many strips of rows, and a last block that overlaps the one before it."""
    monkeypatch.setattr(gram, "ROWS", 25)
    monkeypatch.setattr(gram, "BLOCK", 40)
    features, target = make(MANY)
    phi = pair_features(features, "sqeuclidean")
    with double_precision():
        whole = pairs.make_pairs(features, target, "sqeuclidean", "dissimilarity")
        found = np.asarray(whole.with_gram(progress=False).gram)
    centred = phi - phi.mean(0)
    np.testing.assert_allclose(found, centred @ centred.T, atol=1e-10)


def test_missing_pairs_are_left_out():
    features, target = make(MANY)
    target[2, 5] = target[5, 2] = target[0, 9] = target[9, 0] = np.nan
    d = target[FIRST, SECOND]
    kept = ~np.isnan(d)
    phi = pair_features(features, "dot")
    found = reweight(features, target, penalties=3.0)
    expected = Ridge(alpha=3.0).fit(phi[kept], d[kept])
    np.testing.assert_allclose(found.weights, expected.coef_, atol=1e-9)
    predicted = expected.predict(phi)
    np.testing.assert_allclose(found.predict(features), predicted, rtol=1e-9)
    assert found.score == pytest.approx(np.corrcoef(predicted[kept], d[kept])[0, 1])
    for compared in ("spearman", "cosine_cov"):
        nested = nested_scores(
            features, target, [np.arange(6)], compare=compared, penalties=3.0
        )
        train = pairs_among(np.arange(6, N)) & kept
        fit = Ridge(alpha=3.0).fit(phi[train], d[train])
        there = pairs_among(np.arange(6))
        value = compare(fit.predict(phi[there]), d[there], compared)
        assert nested.held_out[0] == pytest.approx(value)


def test_other_conditions_are_predicted():
    features, target = make(MANY)
    kept, other = np.arange(8), np.arange(8, N)
    found = reweight(features[kept], target[np.ix_(kept, kept)], penalties=1.0)
    phi, d = pair_features(features, "dot"), target[FIRST, SECOND]
    fit = Ridge(alpha=1.0).fit(phi[pairs_among(kept)], d[pairs_among(kept)])
    expected = fit.predict(phi[pairs_among(other)])
    np.testing.assert_allclose(found.predict(features[other]), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("form", "n_units"),
    [("dot", MANY), pytest.param("sqeuclidean", FEW, marks=pytest.mark.slow)],
)
def test_nested_against_the_slow_version(form, n_units):
    features, target = make(n_units, seed=3)
    phi, d = pair_features(features, form), target[FIRST, SECOND]
    penalties = np.logspace(-1, 3, 7)
    folds = cross_validate(features, target, 2, seed=1).held_out
    found = nested_scores(
        features, target, folds, form, penalties=penalties, n_folds=2, seed=5
    )
    for k, held_out in enumerate(folds):
        kept = np.setdiff1d(np.arange(N), held_out)
        scores = slow_inner_scores(phi, d, kept, penalties, 2, 5)
        best = penalties[np.argmax(scores)]
        assert found.penalties[k] == best
        fit = Ridge(alpha=best).fit(phi[pairs_among(kept)], d[pairs_among(kept)])
        for values, side in ((found.held_out, held_out), (found.train, kept)):
            there = pairs_among(side)
            expected = np.corrcoef(fit.predict(phi[there]), d[there])[0, 1]
            assert values[k] == pytest.approx(expected, abs=1e-9)


def test_the_penalty_with_the_best_score_is_chosen():
    features, target = make(MANY)
    phi, d = pair_features(features, "dot"), target[FIRST, SECOND]
    found = reweight(features, target, n_folds=3, seed=2)
    assert found.scores is not None
    # The default: from the total variance of pair features down.
    total = ((phi - phi.mean(0)) ** 2).sum()
    np.testing.assert_allclose(found.penalties, total * np.logspace(0, -7, 20))
    expected = slow_inner_scores(phi, d, np.arange(N), found.penalties, 3, 2)
    np.testing.assert_allclose(found.scores, expected, atol=1e-8)
    assert found.penalty == found.penalties[np.argmax(expected)]
    fit = Ridge(alpha=found.penalty).fit(phi, d)
    np.testing.assert_allclose(found.weights, fit.coef_, atol=1e-9)
    again = reweight(features, target, n_folds=3, seed=2)
    np.testing.assert_array_equal(again.weights, found.weights)


@pytest.mark.parametrize("n_units", [FEW, MANY])
def test_fractions_of_the_norm(n_units):
    features, target = make(n_units)
    phi, d = pair_features(features, "dot"), target[FIRST, SECOND]
    found = reweight(features, target, penalties="fractions", n_folds=3)
    free = np.linalg.lstsq(phi - phi.mean(0), d - d.mean(), rcond=None)[0]
    np.testing.assert_array_equal(found.penalties, FRACTIONS)
    norm = np.linalg.norm(free)
    assert np.linalg.norm(found.weights) / norm == pytest.approx(found.penalty)
    # The weights of ridge regression, with one penalty or another.
    residual = d - found.predict(features)
    gradient = (phi - phi.mean(0)).T @ residual
    penalty = gradient @ found.weights / (found.weights @ found.weights)
    np.testing.assert_allclose(gradient, penalty * found.weights, atol=1e-7)
    assert penalty > 0


@pytest.mark.parametrize(("form", "n_units"), [("dot", MANY), ("sqeuclidean", FEW)])
def test_nonnegative(form, n_units):
    """Against nnls on the augmented system, and by the conditions of a minimum."""
    features, target = make(n_units, seed=1)
    phi, d = pair_features(features, form), target[FIRST, SECOND]
    centred, y = phi - phi.mean(0), d - d.mean()
    total = (centred**2).sum()
    for penalty in total * np.array([1e-1, 1e-3, 1e-6]):
        found = reweight(features, target, form, penalties=penalty, nonnegative=True)
        augmented = np.vstack([centred, np.sqrt(penalty) * np.eye(n_units)])
        expected, _ = nnls(augmented, np.concatenate([y, np.zeros(n_units)]))
        size = expected.max()
        np.testing.assert_allclose(found.weights, expected, atol=1e-7 * size)
        assert 0 < (found.weights > 0).sum() < n_units
        gradient = centred.T @ (d - found.predict(features)) - penalty * found.weights
        scale = np.abs(centred.T @ y).max()
        assert (found.weights >= 0).all()
        assert gradient.max() < 1e-8 * scale
        assert np.abs(gradient[found.weights > 0]).max() < 1e-8 * scale


def test_nonnegative_without_a_weight():
    """Every unit speaks against the target: nothing to predict."""
    place = np.arange(float(N))
    features = np.outer(place, np.arange(1, FEW + 1))
    target = 144 - (place[:, None] - place) ** 2
    np.fill_diagonal(target, 0)
    found = reweight(features, target, "sqeuclidean", penalties=1.0, nonnegative=True)
    assert not found.weights.any()
    assert np.isnan(found.score)
    with pytest.raises(ValueError, match="no penalty has a score in every fold"):
        reweight(features, target, "sqeuclidean", nonnegative=True, n_folds=2)


def test_held_out_pairs_do_not_decide():
    """Nothing of the held-out conditions reaches the weights."""
    features, target = make(MANY)
    folds = np.arange(N).reshape(2, 6)
    before = nested_scores(features, target, folds, n_folds=2)
    rng = np.random.default_rng(9)
    other, held_out = features.copy(), folds[0]
    other[held_out] = rng.normal(size=(6, MANY))
    noise = np.abs(rng.normal(size=(N, N)))
    noise = noise + noise.T
    changed = target.copy()
    changed[held_out] = noise[held_out]
    changed[:, held_out] = noise[:, held_out]
    np.fill_diagonal(changed, 0)
    after = nested_scores(other, changed, folds[:1], n_folds=2)
    assert after.train[0] == pytest.approx(before.train[0], abs=1e-12)
    assert after.penalties[0] == pytest.approx(before.penalties[0])
    assert abs(after.held_out[0] - before.held_out[0]) > 0.1


def test_noise_fits_in_sample_only():
    held_out = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        features, d = rng.normal(size=(N, MANY)), rng.random(len(FIRST))
        folds = rng.permutation(N).reshape(2, 6)
        found = nested_scores(features, d, folds, penalties=1e-3)
        assert found.train.min() > 0.99
        held_out.append(found.held_out)
    # 40 correlations of 15 pairs each: a standard error of 0.04.
    assert abs(np.mean(held_out)) < 0.1


def test_kinds_of_targets():
    features, target = make(FEW)
    expected = reweight(features, target, penalties=1.0)
    condensed = reweight(features, target[FIRST, SECOND], penalties=1.0)
    np.testing.assert_array_equal(condensed.weights, expected.weights)
    similar = reweight(features, 1 - target, penalties=1.0, target_kind="similarity")
    np.testing.assert_allclose(similar.weights, expected.weights, atol=1e-12)
    np.testing.assert_allclose(similar.intercept, expected.intercept)


def test_equal_weights_are_the_correlation_distance():
    """Targets that the layer predicts as it is come back, with one weight for all."""
    features, _ = make(FEW)
    d = 1 - np.corrcoef(features)[FIRST, SECOND]
    found = reweight(features, d, penalties=1e-9)
    np.testing.assert_allclose(found.weights, 1 / FEW, atol=1e-6)
    assert found.intercept == pytest.approx(1)


def test_progress(capfd):
    features, target = make(MANY)
    reweight(features, target, n_folds=2, progress=True)
    shown = capfd.readouterr().err
    assert "pair features" in shown
    assert "reweighting" in shown


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"form": "cosine"}, r"form='cosine' is not known; choose from \['dot'"),
        ({"penalties": 0}, "penalties=0: expected positive numbers"),
        ({"penalties": [1.0, np.nan]}, "penalties=.*: expected positive numbers"),
        ({"penalties": "half"}, "penalties='half': expected positive"),
        ({"penalties": "fractions", "nonnegative": True}, "nonnegative=True: fract"),
        ({"n_folds": 1}, "n_folds=1 with 12 conditions.*expected 2 to 4"),
        ({"n_folds": 5}, "n_folds=5 with 12 conditions"),
        ({"target_kind": "no"}, "target_kind='no' is not known"),
    ],
)
def test_errors(given, message):
    with pytest.raises(ValueError, match=message):
        reweight(*make(FEW), **given)


def test_more_pairs_than_memory_holds(monkeypatch):
    monkeypatch.setattr(pairs, "memory", lambda x: 1e4)
    with pytest.raises(ValueError, match=r"12 conditions have 66 pairs.* 0.00 GiB"):
        reweight(*make(FEW))


def test_bad_data():
    features, target = make(FEW)
    with pytest.raises(ValueError, match="target holds 2 RDMs; expected one"):
        reweight(features, np.stack([target, target]))
    with pytest.raises(ValueError, match="target is constant"):
        reweight(features, 1 - np.eye(N))
    with pytest.raises(ValueError, match="contains NaN or infinity"):
        reweight(np.where(features == features[2, 3], np.nan, features), target)
    silent = features.copy()
    silent[7] = 0
    with pytest.raises(ValueError, match=r"constant over all units for .* 7 \(count"):
        reweight(silent, target)
    assert np.isfinite(reweight(silent, target, "sqeuclidean", penalties=1.0).score)
    for same in (np.ones_like(features), features * 1e-90):
        with pytest.raises(ValueError, match="pair features of variance 0"):
            reweight(same, target, "sqeuclidean")
    found = reweight(features, target, penalties=1.0)
    with pytest.raises(ValueError, match=r"features has 19 units; .* of 20"):
        found.predict(features[:, 1:])
    target[:6, :6] = 1 - np.eye(6)
    with pytest.raises(ValueError, match=r"constant.*\(the pairs among conditions \[0"):
        nested_scores(features, target, [np.arange(6)], penalties=1.0)


@pytest.mark.parametrize(
    ("held_out", "message"),
    [
        ([], "held_out is empty"),
        ([[0, 1]], r"held_out\[0\] is \[0, 1\]; expected at least 3 different"),
        ([[0, 1, 2], [3, 3, 4]], r"held_out\[1\]"),
        ([[0, 1, N]], "conditions of 0 to 11"),
        ([[True, False, True]], r"held_out\[0\]"),
        ([np.arange(10)], r"1 pair\(s\) kept.*among conditions \[10, 11\]"),
    ],
)
def test_bad_folds(held_out, message):
    with pytest.raises(ValueError, match=message):
        nested_scores(*make(FEW), held_out, penalties=1.0)


def test_an_unknown_comparison():
    with pytest.raises(ValueError, match="compare='no' is not known"):
        nested_scores(*make(FEW), [np.arange(6)], compare="no")


@pytest.mark.slow
def test_a_real_layer(data_dir):
    """Dual ridge on 2,000 units of pool5 against scikit-learn's."""
    folder = data_dir / "objects92"
    with np.load(folder / "vgg16_pool5.npz") as archive:
        features = archive["x"][:40, ::10]
    target = np.load(folder / "rdm_human_it.npy")[:40, :40]
    phi = pair_features(features, "dot")
    d = target[np.triu_indices(40, 1)]
    for fraction in (1e-2, 1e-4):
        penalty = fraction * ((phi - phi.mean(0)) ** 2).sum()
        found = reweight(features, target, penalties=penalty)
        expected = Ridge(alpha=penalty).fit(phi, d).coef_
        size = np.abs(expected).max()
        np.testing.assert_allclose(found.weights, expected, atol=1e-8 * size)

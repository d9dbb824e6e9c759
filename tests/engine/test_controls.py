"""Partial and semi-partial scores against residuals of least squares."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import pearsonr, rankdata

import jaxprune as jp
from jaxprune.comparisons import compare
from jaxprune.inference import (
    compare_methods,
    compare_targets,
    cross_validate,
    noise_ceiling,
    permutation_test,
    random_orders,
)

N, UNITS = 10, 24
PAIRS = np.triu_indices(N, 1)
rng = np.random.default_rng(3)
POINTS = rng.random((3, N))
DISTANCES = np.abs(POINTS[:, :, None] - POINTS[:, None])
TARGET, CONTROLS = DISTANCES[0] + 0.5 * DISTANCES[1], DISTANCES[1:] ** 2 + DISTANCES[:2]
X = rng.random((N, UNITS))
X[:, :4] += POINTS[:2, :, None].mean(0)
KINDS = [
    ("correlation", "pearson"),
    ("correlation", "cosine"),
    ("correlation", "spearman"),
    ("sqeuclidean", "pearson"),
    ("sqeuclidean", "cosine"),
    ("euclidean", "pearson"),
]


def residual(values: np.ndarray, controls: np.ndarray, constant: bool) -> np.ndarray:
    """By ordinary least squares, with an intercept or without."""
    design = sm.add_constant(controls.T) if constant else controls.T
    return sm.OLS(values, design).fit().resid


def partial(x, metric, how, target=TARGET, controls=CONTROLS, semi=False) -> float:
    """Correlation (or cosine) of residuals, over the pairs of the target."""
    i, j = np.triu_indices(len(x), 1)
    kept = ~np.isnan(target[i, j])
    vectors = [jp.rdm(x, metric)[kept], target[i, j][kept]]
    vectors += [control[i, j][kept] for control in controls]
    if how == "spearman":
        # Equal dissimilarities differ by round-off.
        vectors = [rankdata(np.round(values, 12)) for values in vectors]
    rdm, goal, *others = vectors
    others = np.array(others)
    centred = how != "cosine"
    goal = residual(goal, others, centred)
    if not semi:
        rdm = residual(rdm, others, centred)
    elif centred:
        rdm = rdm - rdm.mean()
    return rdm @ goal / np.sqrt(rdm @ rdm * (goal @ goal))


def test_one_control_is_the_formula_of_textbooks():
    d, t, c = (a[PAIRS] for a in (X @ X.T, TARGET, CONTROLS[0]))
    dt, dc, tc = (pearsonr(*ab).statistic for ab in ((d, t), (d, c), (t, c)))
    expected = (dt - dc * tc) / np.sqrt((1 - dc**2) * (1 - tc**2))
    assert compare(d, t, controls=c[None]) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("semi", [False, True])
@pytest.mark.parametrize(("metric", "how"), KINDS)
def test_every_path_against_residuals(metric, how, semi):
    given = {"controls": CONTROLS, "semi": semi}
    full = partial(X, metric, how, semi=semi)
    without = [
        partial(np.delete(X, k, 1), metric, how, semi=semi) for k in range(UNITS)
    ]
    path = jp.select_path(metric, how)
    for method in dict.fromkeys((path, "downdate", "masked")):
        found = jp.leave_one_out(X, TARGET, metric, how, method=method, **given)
        assert found.full_score == pytest.approx(full, abs=1e-12)
        np.testing.assert_allclose(found.scores, without, atol=1e-12)
        np.testing.assert_allclose(
            found.importance, full - np.array(without), atol=1e-12
        )
    assert found.settings.controls == 2
    curve = jp.reintroduce(X, TARGET, np.arange(UNITS), metric, how, **given).curve
    expected = [partial(X[:, :k], metric, how, semi=semi) for k in range(3, UNITS + 1)]
    np.testing.assert_allclose(curve[2:], expected, atol=1e-12)


@pytest.mark.parametrize(("metric", "how"), KINDS[:3])
def test_missing_pairs_and_several_targets(metric, how):
    holed = TARGET.copy()
    holed[2, 5] = holed[5, 2] = np.nan
    stack = np.stack([TARGET, holed])
    found = jp.leave_one_out(X, stack, metric, how, controls=CONTROLS)
    for score, importance, target in zip(
        found.full_score, found.importance, stack, strict=True
    ):
        assert score == pytest.approx(partial(X, metric, how, target), abs=1e-12)
        without = partial(np.delete(X, 1, 1), metric, how, target)
        assert importance[1] == pytest.approx(score - without, abs=1e-12)


def test_searches_groups_masks_and_shapley_know_controls():
    given = {"controls": CONTROLS[0]}
    only = {"controls": CONTROLS[:1]}
    backward = jp.prune(X, TARGET, search="backward", **given)
    score = partial(X[:, backward.retained], "correlation", "pearson", **only)
    assert backward.best_score == pytest.approx(score, abs=1e-12)
    groups = np.arange(UNITS) // 4
    maps = jp.leave_one_out(X, TARGET, groups=groups, **given)
    without = partial(X[:, groups != 2], "correlation", "pearson", **only)
    assert maps.full_score - maps.importance[2] == pytest.approx(without, abs=1e-12)
    alone = jp.score(X, TARGET, groups=groups, **given)[0]
    expected = partial(X[:, :4], "correlation", "pearson", **only)
    assert alone == pytest.approx(expected, abs=1e-12)
    values = jp.shapley(X, TARGET, tolerance=100, max_orders=4, **given)
    assert values.values.sum() == pytest.approx(jp.score(X, TARGET, **given))


def test_a_pruning_says_the_plain_scores_and_keeps_them(tmp_path):
    result = jp.prune(X, TARGET, controls=CONTROLS, objective="r2")
    assert result.plain_full_score == pytest.approx(jp.score(X, TARGET) ** 2)
    units = X[:, result.retained]
    assert result.plain_best_score == pytest.approx(jp.score(units, TARGET) ** 2)
    again = jp.Pruning.load(result.save(tmp_path / "out", figure=False))
    assert again.plain_best_score == result.plain_best_score
    assert again.settings.controls == 2
    assert jp.prune(X, TARGET).plain_full_score is None


def test_folds_take_controls_of_their_conditions():
    folds = cross_validate(X, TARGET, 2, controls=CONTROLS)
    methods = compare_methods(X, TARGET, 2, controls=CONTROLS, n_random=3)
    compared = compare_targets(
        X, TARGET, TARGET.T**2, n_folds=2, n_permutations=0, controls=CONTROLS
    )
    for fold, (held_out, units) in enumerate(
        zip(folds.held_out, folds.retained, strict=True)
    ):
        here = np.ix_(held_out, held_out)
        some = {"target": TARGET[here], "controls": [c[here] for c in CONTROLS]}
        pruned = partial(X[held_out][:, units], "correlation", "pearson", **some)
        assert folds.pruned[fold] == pytest.approx(pruned, abs=1e-12)
        full = partial(X[held_out], "correlation", "pearson", **some)
        assert folds.full[fold] == pytest.approx(full, abs=1e-12)
        assert compared.transfer[fold, -1, 0] == pytest.approx(full, abs=1e-12)
    np.testing.assert_array_equal(methods.held_out["pruned"], folds.pruned)
    assert "share of controls" in methods.left_out["reweighted"]


def test_a_ceiling_is_of_what_is_left():
    noise = np.random.default_rng(1).random((4, N, N))
    subjects = TARGET + 0.3 * (noise + noise.swapaxes(1, 2)) * (1 - np.eye(N))
    left = [residual(s[PAIRS], CONTROLS[:, *PAIRS], True) for s in subjects]
    unit = np.array([row / np.linalg.norm(row) for row in left])
    others = [np.delete(unit, k, 0).mean(0) for k in range(4)]
    lower = [row @ o / np.linalg.norm(o) for row, o in zip(unit, others, strict=True)]
    found = noise_ceiling(subjects, controls=CONTROLS)
    np.testing.assert_allclose(found.lower_scores, lower, atol=1e-12)
    folds = cross_validate(X, subjects, over="subjects", controls=CONTROLS)
    np.testing.assert_allclose(folds.ceiling_lower, found.lower_scores, atol=1e-12)


def test_permutations_are_calibrated_where_both_depend_on_the_control():
    """Without the control, the same test finds what is not there."""
    p = {"plain": [], "partial": []}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        # Squared distances add up, so that the share of the control is linear.
        confound, own, *others = rng.random((6, N))
        control, rest = ((v[:, None] - v) ** 2 for v in (confound, own))
        target = control + 0.5 * rest
        carried = np.array([confound] * 4 + others)
        x = carried.T * rng.normal(size=8)
        for name, given in (("plain", {}), ("partial", {"controls": control})):
            test = permutation_test(x, target, 19, metric="sqeuclidean", **given)
            p[name].append(test.p_value)
    # Of 60, 3 are expected below .05 by chance; more than 8 in one of 130 tests.
    assert np.sum(np.array(p["partial"]) <= 0.05) <= 8
    assert np.sum(np.array(p["plain"]) <= 0.05) > 40


def test_random_orders_and_float32():
    given = {"controls": CONTROLS, "sizes": [5, UNITS]}
    null = random_orders(X, TARGET, 3, **given)
    full = partial(X, "correlation", "pearson")
    np.testing.assert_allclose(null.curves[:, 1], full, atol=1e-12)
    double, single = (
        jp.leave_one_out(X, TARGET, controls=CONTROLS, precision=p).importance
        for p in ("float64", "float32")
    )
    np.testing.assert_allclose(single, double, atol=1e-5 * np.abs(double).max())


def test_labels_of_controls_are_matched():
    pd = pytest.importorskip("pandas")
    names = [f"c{i}" for i in range(N)]
    frame = pd.DataFrame(X, index=names)
    control = pd.DataFrame(CONTROLS[0], index=names, columns=names)
    mixed = control.iloc[::-1, ::-1]
    assert jp.score(frame, TARGET, controls=[mixed]) == pytest.approx(
        jp.score(X, TARGET, controls=CONTROLS[0])
    )
    with pytest.raises(ValueError, match="controls"):
        jp.score(frame, TARGET, controls=[mixed.rename(index={"c0": "other"})])


def test_controls_that_are_alike_control_once():
    twice = [CONTROLS[0], 3 * CONTROLS[0] + 1 - np.eye(N)]
    once = jp.leave_one_out(X, TARGET, controls=CONTROLS[0])
    both = jp.leave_one_out(X, TARGET, controls=np.stack(twice))
    np.testing.assert_allclose(both.importance, once.importance, atol=1e-14)


def test_what_a_control_explains_wholly_has_no_score():
    control = jp.rdm(X, "sqeuclidean")
    given = {"metric": "sqeuclidean", "controls": control}
    assert np.isnan(jp.score(X, TARGET, **given))
    without = jp.leave_one_out(X, TARGET, **given)
    assert np.isnan(without.full_score)
    assert not np.isnan(without.scores).any()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"controls": TARGET}, "explain all of target"),
        ({"controls": np.ones((N, N)) - np.eye(N)}, "constant"),
        ({"controls": np.full((N, N), np.nan)}, "NaN"),
        ({"controls": TARGET[:-1, :-1]}, "controls"),
        ({"controls": CONTROLS[0], "compare": "tau-a"}, "pearson"),
        ({"controls": CONTROLS[0], "compare": "cosine_cov"}, "pearson"),
        ({"semi": True}, "without controls"),
    ],
)
def test_bad_controls(options, said):
    with pytest.raises(ValueError, match=said):
        jp.prune(X, TARGET, **options)


def test_a_readout_beside_a_control():
    def half(layer):
        return layer[:, ::2]

    found = jp.leave_one_out(X, TARGET, readout=half, controls=CONTROLS)
    read = X[:, ::2]
    full = partial(read, "correlation", "pearson")
    assert found.full_score == pytest.approx(full, abs=1e-12)
    without = partial(read * (np.arange(UNITS // 2) != 3), "correlation", "pearson")
    assert found.scores[6] == pytest.approx(without, abs=1e-12)

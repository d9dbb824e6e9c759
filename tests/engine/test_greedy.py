"""search="backward" and "forward": every step is the best one from where it starts."""

import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import CLOSED_FORM

import jaxprune as jp
from jaxprune.cli import main
from jaxprune.inference import cross_validate, permutation_test

SEARCHES = ("backward", "forward")
over_searches = pytest.mark.parametrize("search", SEARCHES)
KINDS = ("dense", "sparse", "heavy", "levels", "fragile", "dominated", "offset")
# Each takes a second or two to compile; the others are marked slow.
CASES = (
    ("backward", "correlation", "pearson", "nan"),
    ("forward", "correlation", "pearson", "zero"),
)
ALL = tuple((s, *p, u) for s in SEARCHES for p in CLOSED_FORM for u in ("nan", "zero"))
REST = tuple(case for case in ALL if case not in CASES)


def check(x, target, search, atol=1e-12, **options):
    """Every step against all others by definition, and the curve."""
    got = jp.prune(x, target, search=search, **options)
    scoring = {k: v for k, v in options.items() if k not in ("method", "precision")}
    np.testing.assert_array_equal(np.sort(got.order), np.arange(np.shape(x)[-1]))
    missed = ref.shortfalls(x, target, got.order, search, **scoring)
    assert missed.max() <= atol, (missed.argmax(), missed.max())
    curve = ref.prefix_curve(x, target, got.order, **scoring)
    np.testing.assert_allclose(got.curve, curve, rtol=0, atol=max(atol, 1e-12))
    assert got.settings.search == search
    return got


def check_kinds(features, targets, search, metric, compare, undefined):
    options = {"metric": metric, "compare": compare, "undefined": undefined}
    for kind in KINDS:
        # The offset costs the features themselves three digits.
        atol = 1e-11 if kind == "offset" else 1e-12
        got = check(features(kind), targets(), search, atol=atol, **options)
        assert got.paths["search"] == "closed_form"
        if kind == "sparse":
            dead = [unit for unit in got.order.tolist() if unit in (4, 11, 19)]
            assert dead == [4, 11, 19]


@pytest.mark.parametrize(("search", "metric", "compare", "undefined"), CASES)
def test_closed_form(features, targets, search, metric, compare, undefined):
    check_kinds(features, targets, search, metric, compare, undefined)


@pytest.mark.slow
@pytest.mark.parametrize(("search", "metric", "compare", "undefined"), REST)
def test_all_closed_forms(features, targets, search, metric, compare, undefined):
    check_kinds(features, targets, search, metric, compare, undefined)


@pytest.mark.parametrize(
    ("search", "metric", "compare"),
    [
        ("backward", "correlation", "spearman"),
        ("forward", "euclidean", "corr_cov"),
    ],
)
def test_any_metric_and_comparison(features, targets, search, metric, compare):
    for kind in ("sparse", "fragile"):
        got = check(features(kind), targets(), search, metric=metric, compare=compare)
        assert got.paths["search"] == "downdate"


@over_searches
def test_folds(targets, search):
    x = np.random.default_rng(0).normal(size=(2, 9, 8))
    check(x, targets(), search, metric="crossnobis", noise=np.linspace(1, 2, 8))


@pytest.mark.filterwarnings("ignore:The best prefix is anti-correlated")
@pytest.mark.parametrize(
    ("search", "method"),
    [
        pytest.param("backward", "auto", marks=pytest.mark.slow),
        ("forward", "downdate"),
    ],
)
def test_objective_and_several_targets(features, targets, search, method):
    x, t = features("heavy"), 1 - targets(k=3)
    options = {"target_kind": "similarity", "objective": "r2", "method": method}
    got = check(x, t, search, pool="mean", **options)
    assert got.order.shape == (24,)


@pytest.mark.slow
def test_each_target_has_its_own_search(features, targets):
    x, t = features("sparse"), targets(k=3, missing=[(0, 1, 2), (2, 4, 7)])
    each = jp.prune(x, t, search="backward")
    assert each.order.shape == each.curve.shape == (3, 24)
    for one, order, curve in zip(t, each.order, each.curve, strict=True):
        alone = jp.prune(x, one, search="backward")
        np.testing.assert_array_equal(order, alone.order)
        np.testing.assert_allclose(curve, alone.curve, rtol=0, atol=1e-13)


@pytest.mark.slow
def test_targets_that_miss_different_pairs(features, targets):
    t = targets(k=2, missing=[(0, 1, 2), (1, 4, 7), (1, 0, 3)])
    check(features("heavy")[:, :12], t, "forward", pool="mean")


@pytest.mark.slow
def test_many_units():
    # More than a call's steps and than a block's columns: sums are made anew, and fewer
    # and fewer blocks computed.
    rng = np.random.default_rng(3)
    x = np.maximum(rng.normal(size=(9, 200)) - 0.5, 0)
    t = ref.square(ref.rdm(x[:, :20]))
    got = jp.prune(x, t, search="backward", batch_size=64)
    assert ref.shortfalls(x, t, got.order, "backward", every=13).max() <= 1e-12
    assert got.best_score > jp.prune(x, t).best_score


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sparse", "heavy"])
def test_float32(features, targets, kind):
    x = features(kind, np.float32)
    options = {"precision": "float32", "search": "backward"}
    got = check(x, targets(), atol=1e-5, **options)
    assert got.dtype == "float32"
    of_jax = jp.prune(jnp.asarray(x), targets(), **options)
    np.testing.assert_array_equal(got.order, of_jax.order)


def test_a_unit_that_cannot_be_spared_stays(features, targets):
    got = jp.prune(features("fragile"), targets(), search="backward")
    assert np.isnan(got.importance[[5, 9]]).all()
    assert set(got.order[:2].tolist()) == {5, 9}
    assert np.isfinite(got.curve[2:]).all()


def test_forward_begins_with_the_first_unit_if_no_set_has_a_score(features, targets):
    x = features("dense")
    x[:, :2] = 1.0
    order = jp.prune(x, targets(), search="forward").order.tolist()
    assert order[0] == 0
    assert order[1] != 1  # with which every pattern is constant still


def test_result_is_that_of_its_order(features, targets):
    x, t = features("sparse"), targets()
    got, ranked = jp.prune(x, t, search="backward"), jp.prune(x, t)
    again = jp.reintroduce(x, t, got.order)
    np.testing.assert_array_equal(got.curve, again.curve)
    assert (got.best_size, got.best_score) == (again.best_size, again.best_score)
    np.testing.assert_array_equal(got.retained, np.sort(got.order[: got.best_size]))
    np.testing.assert_array_equal(got.importance, ranked.importance)
    assert got.full_score == ranked.full_score
    assert ranked.settings.search == "ranked"
    assert "search" not in ranked.paths


def test_held_out_scores_of_a_search(targets):
    x = np.random.default_rng(0).normal(size=(18, 24))
    t, options = targets(n=18), {"search": "backward", "metric": "sqeuclidean"}
    found = cross_validate(x, t, 2, **options)
    for out, units in zip(found.held_out, found.retained, strict=True):
        kept = np.setdiff1d(np.arange(18), out)
        alone = jp.prune(x[kept], t[np.ix_(kept, kept)], **options)
        np.testing.assert_array_equal(units, alone.retained)


def test_bad_input(features, targets):
    x, t = features(), targets()
    with pytest.raises(ValueError, match="search='both'.*ranked.*backward.*forward"):
        jp.prune(x, t, search="both")
    with pytest.raises(ValueError, match="importance='mean'.*shapley"):
        jp.prune(x, t, importance="mean")
    with pytest.raises(ValueError, match="search='forward'.*Leave one of them out"):
        jp.prune(x, t, search="forward", importance="shapley")
    shared = np.eye(24) + 0.1
    with pytest.raises(ValueError, match="share noise.*search='ranked'"):
        jp.prune(x, t, "mahalanobis", noise=shared, search="backward")


def test_permutations_refuse_searches(features, targets):
    with pytest.raises(ValueError, match="search='backward'.*cross_validate"):
        permutation_test(features(), targets(), 9, search="backward")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"search": "backward"}, "backward search"),
        pytest.param(
            {"importance": "shapley"}, "by Shapley values", marks=pytest.mark.slow
        ),
    ],
)
def test_command_line(features, targets, tmp_path, monkeypatch, capsys, options, word):
    monkeypatch.chdir(tmp_path)
    x, t = features("heavy"), targets()
    np.save("x.npy", x)
    np.save("t.npy", t)
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    line = ["prune", "x.npy", "t.npy", "--out", "out", "--no-figure", *given]
    assert main(line) == 0
    assert word in capsys.readouterr().out
    loaded, expected = jp.Pruning.load("out"), jp.prune(x, t, **options)
    np.testing.assert_array_equal(loaded.order, expected.order)
    assert loaded.settings == expected.settings

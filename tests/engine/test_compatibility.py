"""How our functions reproduce the published scripts, defects included, on purpose."""

import numpy as np
import pytest
import reference as ref
import scripts_semantics as scripts

import jaxprune as jp

# --- number_neurons: RDM 1 - r, Pearson r -------------------------------------------


@pytest.fixture
def problem(features):
    """Features without constant rows in any pair of units, a target some units like."""
    x = features("dense")
    noise = np.random.default_rng(11).normal(size=36)
    return x, ref.square(ref.rdm(x[:, :9]) + 0.3 * np.abs(noise))


def test_number_neurons_scores_and_rank(problem):
    x, t = problem
    ours = jp.leave_one_out(x, t)
    scores = scripts.number_neurons_scores(x, t)
    np.testing.assert_allclose(ours.scores, scores, rtol=0, atol=1e-12)
    rank = scripts.number_neurons_rank(scripts.number_neurons_fit(x, t), scores)
    np.testing.assert_array_equal(jp.prune(x, t).order, rank)


def test_number_neurons_forward_starts_at_two_units(problem):
    x, t = problem
    ours = jp.prune(x, t)
    forward = scripts.number_neurons_select_forward(x, t, ours.order)
    assert len(forward) == x.shape[1] - 1
    np.testing.assert_allclose(ours.curve[1:], forward, rtol=0, atol=1e-12)
    assert ours.best_size == np.argmax(forward) + 2


def test_number_neurons_read_out_is_two_units_short(problem):
    x, t = problem
    ours = jp.prune(x, t)
    forward = scripts.number_neurons_select_forward(x, t, ours.order)
    read_out = scripts.number_neurons_read_out(ours.order, forward)
    np.testing.assert_array_equal(ours.order[: ours.best_size - 2], read_out)
    np.testing.assert_array_equal(ours.order[: np.argmax(ours.curve[1:])], read_out)


def test_number_neurons_reversed_read_back(problem):
    x, t = problem
    loo = jp.leave_one_out(x, t)
    order = ref.ranking(loo.importance)
    back = scripts.number_neurons_rank_read_back(loo.full_score, loo.scores)
    np.testing.assert_array_equal(order[::-1], back)
    ours = jp.reintroduce(x, t, order[::-1])
    forward = scripts.number_neurons_select_forward(x, t, back)
    np.testing.assert_allclose(ours.curve[1:], forward, rtol=0, atol=1e-12)


def test_number_neurons_takes_the_first_undefined_prefix(features, targets):
    # argmax returns the first NaN; ours never calls an undefined prefix the best.
    x, t = features("sparse"), targets()
    ours = jp.prune(x, t)
    forward = scripts.number_neurons_select_forward(x, t, ours.order)
    assert np.isnan(forward[0])
    assert np.argmax(forward) == 0
    np.testing.assert_array_equal(np.isnan(ours.curve[1:]), np.isnan(forward))
    assert ours.best_size == np.nanargmax(forward) + 2


# --- pruning_2oi: similarity r, R squared -------------------------------------------


def test_pruning_2oi_ranking(problem):
    x, t = problem
    drop, ascending = scripts.pruning_2oi_compute_feature_ranking(x, t)
    ours = jp.leave_one_out(x, t, objective="r2")
    np.testing.assert_allclose(ours.importance, drop, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(ref.ranking(ours.importance)[::-1], ascending)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_pruning_2oi_curve_and_units(features, kind):
    x = features(kind)
    x[5, :15] = 0.0  # undefined similarities become 0 in the script
    t = ref.square(ref.rdm(x[:, 12:], undefined="zero"))
    options = {"objective": "r2", "undefined": "zero"}
    ours = jp.prune(x, t, **options)
    r2s = scripts.pruning_2oi_compute_2oi(x, t, ours.order)
    # Sizes 0 .. M - 1: the full set is never scored.
    np.testing.assert_allclose(r2s[1:], ours.curve[:-1], rtol=0, atol=1e-12)
    size = np.argmax(r2s)
    assert size == np.argmax(ours.curve[:-1]) + 1
    retained = scripts.pruning_2oi_ret_features(ours.order[::-1], size)
    np.testing.assert_array_equal(np.sort(ours.order[:size]), np.sort(retained))


def test_pruning_2oi_never_keeps_everything(features):
    x = features("dense")
    own = ref.square(ref.rdm(x))
    ours = jp.prune(x, own, objective="r2")
    assert ours.best_size == 24
    r2s = scripts.pruning_2oi_compute_2oi(x, own, ours.order)
    assert np.argmax(r2s) == np.nanargmax(ours.curve[:-1]) + 1 < 24


# --- poz ----------------------------------------------------------------------------


def test_percentage_of_zeros(features):
    x = features("sparse")
    x[0, 1] = -0.0
    got = jp.percentage_of_zeros(x)
    assert got.shape == (24,)
    np.testing.assert_allclose(got, scripts.poz_get_apoz(x), atol=1e-15)
    np.testing.assert_allclose(got, ref.percentage_of_zeros(x), atol=1e-15)
    assert got[[4, 11, 19]].tolist() == [1.0, 1.0, 1.0]


def test_poz_of_unequal_batches(features):
    x = features("sparse")
    batches = (x[:5], x[5:])  # five images, then four
    ours = np.mean([jp.percentage_of_zeros(batch) for batch in batches], axis=0)
    theirs = scripts.poz_get_apoz_batches(x, 5)
    np.testing.assert_allclose(ours, theirs, atol=1e-15)
    assert not np.allclose(ours, jp.percentage_of_zeros(x))


def test_poz_keep_rules():
    # A different number of zeros in each of 12 units: no ties.
    x = np.ones((12, 12))
    zeros = np.random.default_rng(0).permutation(12)
    for unit, count in enumerate(zeros):
        x[:count, unit] = 0
    poz = jp.percentage_of_zeros(x)
    np.testing.assert_allclose(poz, zeros / 12)
    ours = np.argsort(poz, kind="stable")[:5]
    np.testing.assert_array_equal(np.sort(ours), np.sort(scripts.poz_keep(poz, 5)))
    kept = scripts.poz_keep_rate(poz, 0.5)
    np.testing.assert_array_equal(np.flatnonzero(poz <= 0.5), kept)


def test_poz_fit_of_squared_similarities(features):
    x = features("dense")
    poz = np.linspace(0, 1, 24)
    similarity = 1 - ref.square(np.random.default_rng(3).random(36))
    sizes, fits = scripts.poz_compute_2oi(x, similarity, poz, step=5)
    for size, fit in zip(sizes, fits, strict=True):
        kept = x[:, np.argsort(poz, kind="stable")[:size]]
        options = {"target_kind": "similarity", "objective": "r2"}
        ours = jp.score(kept, similarity, "squared_correlation", **options)
        assert ours == pytest.approx(fit, abs=1e-12)

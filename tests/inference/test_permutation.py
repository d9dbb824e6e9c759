"""Prunings for permuted targets, against plain prunings of permuted targets."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

import jaxprune as jp
from jaxprune.base import checks
from jaxprune.execution import budget
from jaxprune.inference import cross_validate, permutation_test, random_orders
from jaxprune.inference.grid import grid as sizes_of
from jaxprune.inference.null import reached, round_off
from jaxprune.inference.permutation import permuting
from tests import reference

N, M = 9, 24
EVERY = np.arange(N)
GRID = checks.sizes(5, M)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    features, points = rng.random((N, M)), rng.normal(size=(N, 2))
    features[:, :4] += points @ rng.normal(size=(2, 4))
    return features, np.linalg.norm(points[:, None] - points, axis=-1)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Three permutations a chunk: more chunks than threads, one shape to compile."""
    monkeypatch.setattr(budget, "TARGETS", 3)


def shuffled(target, index, seed=0, rows=EVERY):
    order = permuting.relabelled(N, rows, seed, index)
    return target[..., order[:, None], order]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"metric": "sqeuclidean", "compare": "cosine"},
        {"metric": "euclidean", "compare": "spearman"},
        {"metric": "cosine", "compare": "tau-a", "method": "masked"},
        {"objective": "r2", "undefined": "zero"},
        {"method": "downdate", "batch_size": 7},
        {"sizes": 5},
        {"sizes": [2, 7, 24], "compare": "spearman"},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:The best prefix is anti-correlated")
def test_each_permutation_is_a_plain_pruning(data, options):
    features, target = data
    test = permutation_test(features, target, 6, seed=3, **options)
    plain = jp.prune(features, target, **options)
    assert test.full_score == plain.full_score
    assert test.best_score == plain.best_score
    assert test.best_size == plain.best_size
    assert test.settings == plain.settings
    for index in range(6):
        plain = jp.prune(features, shuffled(target, index, 3), **options)
        assert test.null[index] == pytest.approx(plain.best_score, abs=1e-12)
        assert test.null_full[index] == pytest.approx(plain.full_score, abs=1e-12)
        assert test.null_sizes[index] == plain.best_size


def test_wide_layers_have_a_grid(data, monkeypatch):
    """From some width on prunings are repeated on a grid, and settings say so."""
    assert (sizes_of(None, 1999), sizes_of(None, 2000)) == ("all", 512)
    monkeypatch.setattr("jaxprune.inference.grid.SIZES", 5)
    monkeypatch.setattr("jaxprune.inference.grid.UNITS", M)
    features, target = data
    assert permutation_test(features, target, 2).settings.sizes == "5"
    assert set(cross_validate(features, target, 2).sizes) <= set(GRID)
    np.testing.assert_array_equal(random_orders(features, target, 2).sizes, GRID)


def test_tests_of_other_sizes_keep_other_checkpoints(data, tmp_path):
    features, target = data
    for sizes in (None, 5, [2, 24]):
        kept = permutation_test(features, target, 4, sizes=sizes, checkpoint=tmp_path)
        plain = permutation_test(features, target, 4, sizes=sizes)
        np.testing.assert_array_equal(kept.null, plain.null)


@pytest.mark.slow
def test_folds_and_shared_noise(data, tmp_path):
    rng = np.random.default_rng(2)
    features = data[0] + 0.3 * rng.normal(size=(3, N, M))
    noise = np.linalg.inv(np.cov(rng.normal(size=(M, 200))))
    options = {"metric": "crossnobis", "compare": "corr_cov", "noise": noise}
    test = permutation_test(features, data[1], 3, checkpoint=tmp_path, **options)
    for index in range(3):
        plain = jp.prune(features, shuffled(data[1], index), **options)
        assert test.null[index] == pytest.approx(plain.best_score, abs=1e-12)
        assert test.null_sizes[index] == plain.best_size
    options["noise"] = noise + np.eye(M)
    other = permutation_test(features, data[1], 3, checkpoint=tmp_path, **options)
    assert not np.array_equal(other.null, test.null)


@pytest.mark.parametrize(
    ("metric", "compare"), [("correlation", "pearson"), ("euclidean", "spearman")]
)
def test_against_the_slow_version(data, metric, compare):
    features, target = data
    options = {"metric": metric, "compare": compare}
    test = permutation_test(features, target, 12, seed=1, **options)
    slow = [reference.prune(features, target, **options)]
    for index in range(12):
        permuted = shuffled(target, index, 1)
        slow.append(reference.prune(features, permuted, **options))
    best = np.array([one.curve[one.best_size - 1] for one in slow])
    full = np.array([one.full_score for one in slow])
    np.testing.assert_allclose(test.null, best[1:], atol=1e-10)
    np.testing.assert_allclose(test.null_full, full[1:], atol=1e-10)
    np.testing.assert_allclose(test.null_gain, (best - full)[1:], atol=1e-10)
    for found, values in (
        (test.p_value, best),
        (test.p_full, full),
        (test.p_gain, best - full),
    ):
        # The observed one is among the 13 that reach it.
        assert found == np.mean(values >= values[0] - 1e-9)


def test_the_plain_test_of_rsa(data):
    """p_full is a permutation test of the full layer's RDM, by definition."""
    features, target = data
    test = permutation_test(features, target, 200, seed=5)
    rdm = jp.rdm(features)
    null = [
        jp.comparisons.compare(rdm, reference.condensed(shuffled(target, i, 5)))
        for i in range(200)
    ]
    np.testing.assert_allclose(test.null_full, null, atol=1e-12)
    assert test.p_full == (np.sum(np.array(null) >= test.full_score) + 1) / 201


def test_several_targets(data):
    features, target = data
    other = np.abs(EVERY[:, None] - EVERY) + 0.0
    stack = np.stack([target, other])
    both = permutation_test(features, stack, 6)
    assert both.p_value.shape == both.p_gain.shape == both.best_size.shape == (2,)
    assert both.null.shape == both.null_sizes.shape == (2, 6)
    for k, one in enumerate(stack):
        alone = permutation_test(features, one, 6)
        np.testing.assert_allclose(both.null[k], alone.null, atol=1e-12)
        assert both.p_value[k] == alone.p_value
        assert both.p_gain[k] == alone.p_gain
    single = permutation_test(features, target[None], 6)
    assert single.p_value.shape == (1,)
    assert single.null.shape == (1, 6)


def test_pooled_targets(data):
    features, target = data
    other = np.abs(EVERY[:, None] - EVERY) + 0.0
    stack = np.stack([target, other, target + other])
    test = permutation_test(features, stack, 4, pool="mean", seed=2)
    assert isinstance(test.p_value, float)
    assert test.null.shape == (4,)
    for index in range(4):
        plain = jp.prune(features, shuffled(stack, index, 2), pool="mean")
        assert test.null[index] == pytest.approx(plain.best_score, abs=1e-12)
        assert test.null_full[index] == pytest.approx(plain.full_score, abs=1e-12)
        assert test.null_sizes[index] == plain.best_size


def test_missing_pairs_move_with_the_labels(data):
    features, target = data
    target = target.copy()
    for i, j in [(0, 1), (2, 5), (2, 6)]:
        target[i, j] = target[j, i] = np.nan
    stack = np.stack([target, data[1]])
    test = permutation_test(features, stack, 4)
    for index in range(4):
        plain = jp.prune(features, shuffled(stack, index))
        np.testing.assert_allclose(test.null[:, index], plain.best_score, atol=1e-12)
        np.testing.assert_array_equal(test.null_sizes[:, index], plain.best_size)


def test_a_condition_without_pairs_keeps_its_place(data):
    """It may even have no pattern: it is never compared."""
    features, target = (a.copy() for a in data)
    features[3] = 1.0
    target[3] = target[:, 3] = np.nan
    test = permutation_test(features, target, 5)
    rest = np.delete(EVERY, 3)
    assert np.isfinite(test.null).all()
    for index in range(5):
        permuted = shuffled(target, index, rows=rest)
        assert np.isnan(permuted[3]).all()
        plain = jp.prune(features, permuted)
        assert test.null[index] == pytest.approx(plain.best_score, abs=1e-12)
    alone = jp.prune(features[rest], target[np.ix_(rest, rest)])
    assert test.best_score == pytest.approx(alone.best_score, abs=1e-12)


def test_a_condition_missing_in_one_target_of_two(data):
    features, target = data
    stack = np.stack([target, target])
    stack[1, 2] = stack[1, :, 2] = np.nan
    test = permutation_test(features, stack, 3)
    for index in range(3):
        plain = jp.prune(features, shuffled(stack, index))
        np.testing.assert_allclose(test.null[:, index], plain.best_score, atol=1e-12)


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
def test_permutations_that_change_nothing_count(data, compare):
    """Two of nine are a category: so they are still in 1 of 36 permutations."""
    features, _ = data
    category = EVERY < 2
    target = 1.0 - (category[:, None] & category) - np.diag(~category)
    unchanged = [np.array_equal(shuffled(target, i), target) for i in range(150)]
    assert sum(unchanged) > 2
    test = permutation_test(features, target, 150, compare=compare)
    assert (test.null[unchanged] == test.best_score).all()
    assert (test.null_gain[unchanged] == test.gain).all()
    assert (test.null_sizes[unchanged] == test.best_size).all()
    assert test.p_value >= (sum(unchanged) + 1) / 151


def test_equal_up_to_round_off_reaches():
    null = np.array([[0.5 - 1e-15, 0.5, 0.5 + 1e-15, 0.4, np.nan]])
    double, single = round_off("float64"), round_off("float32")
    assert reached(np.array([0.5]), null, double).tolist() == [4]
    assert reached(0.5 + 1e-9, null[0], double) == 1
    assert reached(0.5 + 1e-9, null[0], single) == 4


def test_a_permutation_without_a_score_counts_against(data, monkeypatch):
    scores = permuting.curves

    def broken(problem, *arguments):
        curve = scores(problem, *arguments)
        return np.full_like(curve, np.nan)

    monkeypatch.setattr(permuting, "curves", broken)
    test = permutation_test(*data, 5)
    assert np.isnan(test.null).all()
    assert (test.null_sizes == 0).all()
    assert test.p_value == test.p_gain == 1
    assert np.isfinite(test.null_full).all()


def test_neither_chunks_nor_threads_decide(data, monkeypatch):
    expected = permutation_test(*data, 9)
    longer = permutation_test(*data, 20)
    np.testing.assert_allclose(longer.null[:9], expected.null, atol=1e-12)
    for together in (1, 9):
        monkeypatch.setattr(budget, "TARGETS", together)
        test = permutation_test(*data, 9)
        np.testing.assert_allclose(test.null, expected.null, atol=1e-12)
        np.testing.assert_array_equal(test.null_sizes, expected.null_sizes)


def test_seeds(data):
    one, same, other = (permutation_test(*data, 6, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.null, same.null)
    assert not np.array_equal(one.null, other.null)


@pytest.mark.slow
def test_float32(data):
    test = permutation_test(*data, 6, precision="float32")
    exact = permutation_test(*data, 6)
    np.testing.assert_allclose(test.null, exact.null, atol=1e-5)


def test_features_far_from_one_and_on_the_device(data):
    import jax

    features, target = data
    expected = permutation_test(features, target, 4)
    with jax.enable_x64(True):
        there = jax.numpy.asarray(features)
    for x in (features * 2.0**40, there):
        test = permutation_test(x, target, 4)
        np.testing.assert_allclose(test.null, expected.null, atol=1e-12)


# --- checkpoints --------------------------------------------------------------------


class Interrupted(Exception):
    pass


def interrupt_after(monkeypatch, n):
    """Let n more prunings of permuted targets through."""
    scores, done = permuting.curves, []

    def counted(*arguments):
        if len(done) == n:
            raise Interrupted
        done.append(None)
        return scores(*arguments)

    monkeypatch.setattr(permuting, "curves", counted)
    return done


def test_an_interrupted_test_goes_on(data, tmp_path, monkeypatch):
    expected = permutation_test(*data, 12)
    with monkeypatch.context() as patch:
        interrupt_after(patch, 8)
        with pytest.raises(Interrupted):
            permutation_test(*data, 12, checkpoint=tmp_path / "new" / "kept")
    kept = len(list((tmp_path / "new" / "kept").glob("*.npz")))
    # 8 prunings in 2 threads (or in 1, or 4): chunks of 3 that are finished.
    with monkeypatch.context() as patch:
        done = interrupt_after(patch, 12)
        test = permutation_test(*data, 12, checkpoint=tmp_path / "new" / "kept")
    assert len(done) == 12 - 3 * kept
    np.testing.assert_array_equal(test.null, expected.null)
    np.testing.assert_array_equal(test.null_sizes, expected.null_sizes)
    assert test.p_value == expected.p_value


def test_more_and_fewer_permutations_than_were_kept(data, tmp_path, monkeypatch):
    first = permutation_test(*data, 7, checkpoint=tmp_path)
    done = interrupt_after(monkeypatch, 6)
    fewer = permutation_test(*data, 5, checkpoint=tmp_path)
    assert not done
    np.testing.assert_array_equal(fewer.null, first.null[:5])
    more = permutation_test(*data, 13, checkpoint=tmp_path)
    assert len(done) == 6
    np.testing.assert_array_equal(more.null[:7], first.null)
    again = permutation_test(*data, 13, checkpoint=tmp_path)
    np.testing.assert_array_equal(again.null, more.null)
    assert len(done) == 6


def test_tests_that_differ_share_a_folder(data, tmp_path, monkeypatch):
    features, target = data
    calls = [
        (features, target, {}),
        (features, target, {"seed": 1}),
        (features, target, {"method": "downdate", "batch_size": 7}),
        (features, target + 1 - np.eye(N), {}),
        (features * [2.0, *np.ones(M - 1)], target, {}),
    ]
    for x, t, options in calls:
        permutation_test(x, t, 2, checkpoint=tmp_path, **options)
    done = interrupt_after(monkeypatch, 0)
    for x, t, options in calls:
        permutation_test(x, t, 2, checkpoint=tmp_path, **options)
    assert not done


def test_progress(data, tmp_path, capfd):
    permutation_test(*data, 6, progress=True, checkpoint=tmp_path)
    permutation_test(*data, 9, progress=True, checkpoint=tmp_path)
    shown = capfd.readouterr().err
    assert "permutations: " in shown
    assert "/9" in shown
    assert "importance" not in shown
    assert "reintroduction" not in shown


# --- calibration --------------------------------------------------------------------


@pytest.mark.slow
def test_calibration():
    """Corrected p-values of unrelated targets are uniform, uncorrected ones are not.

    Uncorrected: the units selected for the observed target stay, and only the labels
    of the target are permuted.
    """
    rng = np.random.default_rng(7)
    features = rng.random((N, M))
    corrected, uncorrected = [], []
    for seed in range(60):
        points = rng.normal(size=(N, 3))
        target = ((points[:, None] - points) ** 2).sum(-1)
        test = permutation_test(features, target, 39, seed=seed)
        corrected.append(test.p_value)
        chosen = jp.prune(features, target).pruned_rdm
        null = []
        for index in range(39):
            order = permuting.relabelled(N, EVERY, seed, index)
            permuted = reference.condensed(target[np.ix_(order, order)])
            null.append(np.corrcoef(chosen, permuted)[0, 1])
        uncorrected.append((np.sum(np.array(null) >= test.best_score) + 1) / 40)
    assert kstest(corrected, "uniform").pvalue > 0.05
    assert kstest(uncorrected, "uniform").pvalue < 1e-12
    assert 0.3 < np.mean(corrected) < 0.7
    assert np.mean(uncorrected) < 0.1


# --- bad input ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_permutations": 0}, "n_permutations=0: expected a whole number of at"),
        ({"n_permutations": 10.0}, "n_permutations=10.0"),
        ({"n_permutations": 5, "seed": -1}, "seed=-1: expected .* at least 0"),
        ({"n_permutations": 5, "compare": "no"}, "compare='no' is not known"),
    ],
)
def test_errors(data, given, message):
    with pytest.raises(ValueError, match=message):
        permutation_test(*data, **given)


def test_an_unknown_option(data):
    with pytest.raises(TypeError, match="unexpected keyword argument 'metrics'"):
        permutation_test(*data, 5, metrics="cosine")


def test_a_checkpoint_that_is_a_file(data, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ValueError, match=r"checkpoint=.*is a file; expected a folder"):
        permutation_test(*data, 2, checkpoint=file)


def test_an_opposed_fit_warns_as_in_prune(data):
    features, target = data
    with pytest.warns(UserWarning, match="anti-correlated"):
        permutation_test(features, 3 - target - 3 * np.eye(N), 2, objective="r2")


def test_the_place_has_one_thread_only_inside(data):
    """Threads are shared out once: a chunk for each, not a segment of a curve."""
    from jaxprune.engine.problem import make_problem

    problem = make_problem(*data, metric="correlation", compare="pearson")
    inside = replace(problem.device, threads=1)
    assert inside.workers == 1
    assert problem.device.workers >= 1

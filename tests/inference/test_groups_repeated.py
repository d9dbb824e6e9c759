"""groups=: prunings of groups of units again for folds, permutations and rivals."""

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.inference import (
    compare_methods,
    cross_validate,
    permutation_test,
    random_orders,
)
from jaxprune.inference.permutation import permuting
from tests.inference.conftest import M, N

LABELS = np.arange(M) % 7
MEMBERS = np.arange(7)[:, None] == LABELS


def test_folds_are_prunings_of_the_kept_conditions(data):
    x, t = data
    found = cross_validate(x, t, 3, groups=LABELS)
    for fold, held_out in enumerate(found.held_out):
        kept = np.setdiff1d(np.arange(N), held_out)
        chosen = jp.prune(x[kept], t[np.ix_(kept, kept)], groups=LABELS)
        np.testing.assert_array_equal(found.retained[fold], chosen.retained)
        there = jp.score(x[held_out][:, chosen.retained], t[np.ix_(held_out, held_out)])
        assert found.pruned[fold] == pytest.approx(there, abs=1e-12)
    assert found.n_units == M


@pytest.mark.slow
def test_folds_are_kept_for_the_same_groups(data, tmp_path):
    x, t = data
    first = cross_validate(x, t, 3, groups=LABELS, checkpoint=tmp_path)
    n_files = len(list(tmp_path.iterdir()))
    again = cross_validate(x, t, 3, groups=LABELS.astype(str), checkpoint=tmp_path)
    np.testing.assert_array_equal(again.pruned, first.pruned)
    assert len(list(tmp_path.iterdir())) == n_files
    other = cross_validate(x, t, 3, groups=LABELS // 2, checkpoint=tmp_path)
    assert not np.array_equal(other.pruned, first.pruned)
    units = cross_validate(x, t, 3, checkpoint=tmp_path)
    np.testing.assert_array_equal(units.pruned, cross_validate(x, t, 3).pruned)


@pytest.mark.slow
def test_permutations_are_prunings_of_permuted_targets(data):
    x, t = data
    found = permutation_test(x, t, 4, groups=LABELS)
    assert found.settings.groups == 7
    for index in range(4):
        order = permuting.relabelled(N, np.arange(N), 0, index)
        pruned = jp.prune(x, t[np.ix_(order, order)], groups=LABELS)
        assert found.null[index] == pytest.approx(pruned.best_score, abs=1e-12)
        assert found.null_sizes[index] == pruned.best_size


@pytest.mark.slow
def test_random_sets_are_of_as_many_groups(data):
    x, t = data
    names = ["full", "pruned", "random"]
    found = compare_methods(x, t, 3, methods=names, n_random=200, groups=LABELS)
    size = found.pruning.best_size
    assert found.n_units["pruned"] == len(found.pruning.retained)
    rng = np.random.default_rng(0)
    chosen = rng.permuted(np.tile(np.arange(7) < size, (200, 1)), axis=1)
    scores = jp.score_masks(x, t, chosen, groups=LABELS)
    error = scores.std() / np.sqrt(200)
    assert abs(found.in_sample["random"] - scores.mean()) < 6 * error


@pytest.mark.slow
def test_curves_of_random_orders_of_groups(data):
    x, t = data
    found = random_orders(x, t, 3, groups=LABELS)
    for index, curve in enumerate(found.curves):
        order = np.random.default_rng([0, index]).permutation(7)
        expected = jp.reintroduce(x, t, order, groups=LABELS).curve
        np.testing.assert_allclose(curve, expected, atol=1e-14)


@pytest.mark.parametrize("function", [cross_validate, permutation_test])
def test_bad_groups(data, function):
    with pytest.raises(ValueError, match=rf"groups has shape \({M - 1},\)"):
        function(*data, groups=LABELS[1:])
    with pytest.raises(ValueError, match="one group at most"):
        function(*data, groups=[[0, 1], [1, 2]])

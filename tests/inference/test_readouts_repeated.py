"""Read-outs where a pruning is repeated: folds, permutations, a second run."""

import jax
import numpy as np
import pytest

import jaxprune as jp
from jaxprune.inference import compare_methods, cross_validate, permutation_test

RNG = np.random.default_rng(0)
X, WEIGHT = RNG.random((12, 30)), RNG.normal(size=(30, 5))
POINTS = np.linspace(0, 1, 12)
X[:, :6] += POINTS[:, None]
TARGET = np.abs(POINTS[:, None] - POINTS)
OPTIONS = {"groups": np.arange(30) // 3, "precision": "float32", "metric": "euclidean"}


def readout(x):
    return jax.nn.relu(x @ WEIGHT)


@pytest.mark.slow
def test_folds_are_scored_on_what_is_read(tmp_path):
    given = {"n_folds": 3, "readout": readout, "checkpoint": tmp_path, **OPTIONS}
    found = cross_validate(X, TARGET, **given)
    for fold, out in enumerate(found.held_out):
        kept = np.setdiff1d(np.arange(12), out)
        train, test = (TARGET[np.ix_(rows, rows)] for rows in (kept, out))
        chosen = jp.prune(X[kept], train, readout=readout, **OPTIONS)
        np.testing.assert_array_equal(found.retained[fold], chosen.retained)
        patterns = np.asarray(readout(np.where(chosen.mask, X[out], 0)))
        score = jp.score(patterns, test, "euclidean")
        assert found.pruned[fold] == pytest.approx(score, abs=1e-5)
    # Folds that were kept are those of this function, and of no other.
    files = {file.name for file in tmp_path.iterdir()}
    cross_validate(X, TARGET, **given)
    assert {file.name for file in tmp_path.iterdir()} == files
    cross_validate(X, TARGET, **{**given, "readout": lambda x: x @ WEIGHT})
    assert len(list(tmp_path.iterdir())) == 2 * len(files)


def test_permutations_repeat_what_is_read():
    found = permutation_test(X, TARGET, 19, readout=readout, **OPTIONS)
    pruned = jp.prune(X, TARGET, readout=readout, **OPTIONS)
    assert found.best_score == pruned.best_score
    assert found.p_value == 0.05
    order = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(3,)))
    shuffled = order.permutation(12)
    again = jp.prune(X, TARGET[np.ix_(shuffled, shuffled)], readout=readout, **OPTIONS)
    assert found.null[3] == pytest.approx(again.best_score, abs=1e-6)


def test_methods_that_read_units_take_no_readout():
    with pytest.raises(ValueError, match="readout is given, and the methods"):
        compare_methods(X, TARGET, readout=readout)

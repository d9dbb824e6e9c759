"""Every input gives the number of plain NumPy, or an error that names what is wrong."""

import re
import warnings

import numpy as np
import pytest

import jaxprune as jp
from tests.fuzz.inputs import (
    OPTIONS,
    UNITS,
    N,
    bad_arrays,
    bad_targets,
    clean,
    right,
)

X, TARGET = clean(np.random.default_rng(2))
ARRAYS, TARGETS = bad_arrays(X), bad_targets(TARGET)
# Errors name an argument as the user wrote it.
ARGUMENTS = re.compile(
    r"features|target|noise|metric|compare|objective|undefined|precision|pool|devices"
    r"|memory|masks|sizes|order|\by\b|\bX\b"
)
# Words of NumPy, JAX or Python that tell a user nothing.
FOREIGN = re.compile(
    r"setting an array element|could not convert|inhomogeneous|ufunc|broadcast"
    r"|object is not|unsupported operand|Traceback|\x1b|concrete value"
)


def outcome(function, *args, **options):
    """What comes out: a result, or an error that is fit to be shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(*args, **options)
        except ValueError as error:
            text = str(error)
            assert ARGUMENTS.search(text), text
            assert not FOREIGN.search(text), text
            assert len(text) < 900, text
            return None


def check(score, x, target):
    """A score that came out is that of the numbers that went in."""
    assert np.isfinite(score)
    x, target = np.asarray(x, float), np.asarray(target, float)
    if target.ndim == 1:
        square = np.zeros((N, N))
        square[np.triu_indices(N, 1)] = target
        target = square + square.T
    if x.shape == (N, UNITS) and target.shape[-2:] == (N, N):
        expected = right(x, target.reshape(-1, N, N)[0])
        assert np.ravel(score)[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", ARRAYS)
def test_features(name):
    found = outcome(jp.score, ARRAYS[name], TARGET)
    if found is not None:
        scale = {"huge": 1e-200, "tiny": 1e250}.get(name, 1)
        check(found, np.asarray(ARRAYS[name], float) * scale, TARGET)
    pruned = outcome(jp.prune, ARRAYS[name], TARGET)
    assert (pruned is None) == (found is None or name == "one unit")


@pytest.mark.parametrize("name", TARGETS)
def test_targets(name):
    found = outcome(jp.score, X, TARGETS[name])
    if found is not None:
        check(found, X, TARGETS[name])
    assert (outcome(jp.prune, X, TARGETS[name]) is None) == (found is None)


FUNCTIONS = {
    "leave_one_out": lambda x, t, **o: jp.leave_one_out(x, t, **o).full_score,
    "prune": lambda x, t, **o: jp.prune(x, t, **o).full_score,
    "score_masks": lambda x, t, **o: jp.score_masks(x, t, np.ones((1, UNITS)), **o),
    "keep_lowest": lambda x, t, **o: jp.keep_lowest(x, t, **o).curve[..., -1],
    "Pruner": lambda x, t, **o: jp.Pruner(**o).fit(x, t).full_score_,
}


# Of other X it is scikit-learn that complains, in its own words.
FOR_PRUNER = ("as it is", "list", "float32", "big-endian", "huge", "constant unit")


def combined(seed):
    """Features, target, options and function of a seed."""
    rng = np.random.default_rng([5, seed])
    pick = lambda names: list(names)[int(rng.integers(len(names)))]  # noqa: E731
    x = pick(ARRAYS) if rng.random() < 0.6 else "as it is"
    target = pick(TARGETS) if rng.random() < 0.6 else "as it is"
    return x, target, OPTIONS[int(rng.integers(len(OPTIONS)))], pick(FUNCTIONS)


def try_seed(seed):
    x, target, options, function = combined(seed)
    if function == "Pruner":
        pytest.importorskip("sklearn")
        options = {k: v for k, v in options.items() if k in jp.Pruner().get_params()}
        x = x if x in FOR_PRUNER else "as it is"
    found = outcome(FUNCTIONS[function], ARRAYS[x], TARGETS[target], **options)
    if found is not None and not options and x not in ("huge", "tiny"):
        check(np.ravel(found)[:1], ARRAYS[x], TARGETS[target])
    elif found is not None:
        assert np.isfinite(found).all()


@pytest.mark.parametrize("seed", range(40))
def test_combinations(seed):
    try_seed(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 340))
def test_more_combinations(seed):
    try_seed(seed)

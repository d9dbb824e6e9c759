"""Judged pairs as frames of pandas: a pair a row, as in a file."""

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.io import load_target

pd = pytest.importorskip("pandas")

RNG = np.random.default_rng(0)
N, UNITS = 9, 24  # as everywhere: kernels are compiled once
NAMES = [f"c{i}" for i in range(N)]
X = RNG.normal(size=(N, UNITS))
FRAME = pd.DataFrame(X, index=NAMES)
TARGET = np.abs(np.subtract.outer(X[:, 0], X[:, 0]))
RIGHT = jp.score(X, TARGET)


def pair_frame(raters=0):
    """The target as judged pairs, in both orders, of several raters perhaps."""
    i, j = np.triu_indices(N, 1)
    names = pd.DataFrame({"a": np.array(NAMES)[j], "b": np.array(NAMES)[i]})
    names["score"] = TARGET[i, j]
    if not raters:
        return names
    each = [names.assign(score=TARGET[i, j] + k, rater=f"r{k}") for k in range(raters)]
    return pd.concat(each, ignore_index=True)


@pytest.mark.parametrize("kind", ["frame", "array"])
def test_judged_pairs(kind):
    features = FRAME
    if kind == "array":
        xr = pytest.importorskip("xarray")
        features = xr.DataArray(X, dims=("x", "y"), coords={"x": NAMES})
    pairs = pair_frame().sample(frac=1, random_state=0)
    assert jp.score(features, pairs) == pytest.approx(RIGHT, abs=1e-12)
    result = jp.prune(features, pairs)
    assert result.conditions == tuple(NAMES)
    found = load_target(pairs)
    assert set(found.labels) == set(NAMES)
    similar = pairs.assign(score=9 - pairs["score"])
    again = jp.prune(features, similar, target_kind="similarity")
    np.testing.assert_allclose(again.importance, result.importance, atol=1e-12)


def test_raters_of_judged_pairs_are_targets():
    features, pairs = FRAME, pair_frame(2)
    assert jp.score(features, pairs) == pytest.approx([RIGHT] * 2, abs=1e-12)
    # Columns are known by what they hold, and raters by their name.
    other = pairs.rename(columns={"a": "word1", "b": "word2", "rater": "Subject"})
    other = other[["Subject", "word1", "word2", "score"]]
    assert jp.score(features, other) == pytest.approx([RIGHT] * 2, abs=1e-12)


def test_judged_pairs_of_some_conditions():
    features, pairs = FRAME, pair_frame()
    last = NAMES[-1]
    some_pairs = pairs[(pairs["a"] != last) & (pairs["b"] != last)]
    with pytest.warns(UserWarning, match=f"1 of {N} conditions .*'{last}'"):
        result = jp.prune(features, some_pairs)
    assert result.conditions == tuple(NAMES[:-1])
    expected = jp.prune(X[:-1], TARGET[:-1, :-1])
    np.testing.assert_allclose(result.importance, expected.importance, atol=1e-12)
    with pytest.raises(ValueError, match="lacks 1 of .* conditions"):
        jp.prune(features.iloc[1:], pairs)
    with pytest.raises(ValueError, match="features have no labels, and target"):
        jp.prune(X, pairs)
    with pytest.raises(
        ValueError, match="the score is 'much'; expected two conditions"
    ):
        jp.prune(
            features, pairs.astype(object).assign(score=["much", *pairs["score"][1:]])
        )

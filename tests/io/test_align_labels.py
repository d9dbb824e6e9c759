import numpy as np
import pytest
from scipy.spatial.distance import squareform

from jaxprune.io import Labelled, align, how_matched

N = 7
RNG = np.random.default_rng(0)
NAMES = tuple(f"c{i}" for i in range(N))
X = RNG.random((N, 3))


def squares(k):
    return np.stack([squareform(RNG.random(N * (N - 1) // 2)) for _ in range(k)])


def brute_force(square, old, new):
    out = np.empty_like(square)
    for i, a in enumerate(new):
        for j, b in enumerate(new):
            out[..., i, j] = square[..., old.index(a), old.index(b)]
    return out


@pytest.mark.parametrize("condensed", [False, True])
@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_target_follows_features(condensed, stacked, seed):
    shuffled = tuple(np.random.default_rng(seed).permutation(NAMES).tolist())
    rdms = squares(3)
    rdms[1, 2, 4] = rdms[1, 4, 2] = np.nan
    expected = brute_force(rdms, shuffled, NAMES)
    upper = np.triu_indices(N, 1)
    if condensed:
        rdms, expected = rdms[:, *upper], expected[:, *upper]
    if not stacked:
        rdms, expected = rdms[1], expected[1]
    features = Labelled(X, NAMES, "features")
    kept, target = align(features, Labelled(rdms, shuffled, "target"))
    np.testing.assert_array_equal(target.values, expected)
    assert target.labels == NAMES
    assert kept is features
    assert how_matched(features, target) == "by label"


def test_asymmetric_square_is_only_permuted():
    square = RNG.random((N, N))
    features = Labelled(X, NAMES, "x")
    _, target = align(features, Labelled(square, NAMES[::-1], "y"))
    np.testing.assert_array_equal(target.values, square[::-1, ::-1])


@pytest.mark.parametrize("ours", [None, NAMES])
@pytest.mark.parametrize("theirs", [None, NAMES])
def test_nothing_moves_without_both_labels(ours, theirs):
    given = Labelled(squares(1)[0], theirs, "y")
    _, target = align(Labelled(X, ours, "x"), given)
    assert target is given
    matched = how_matched(Labelled(X, ours, "x"), given)
    assert matched.startswith("by" if ours and theirs else "assumed")


def test_errors():
    target = Labelled(squares(1)[0], None, "file.npy")
    with pytest.raises(ValueError, match=r"x has 6 conditions and file\.npy has 7"):
        align(Labelled(X[:6], None, "x"), target)
    features = Labelled(X, NAMES, "x")
    twice = Labelled(target.values, ("c0", *NAMES[:-1]), "y")
    with pytest.raises(ValueError, match=r"y: labels occur more than once: 'c0';"):
        align(features, twice)
    with pytest.raises(ValueError, match="x: labels occur more than once"):
        align(Labelled(X, twice.labels, "x"), target=Labelled(X @ X.T, NAMES, "y"))
    other = Labelled(target.values, ("d0", "d1", *NAMES[2:]), "y")
    with pytest.raises(
        ValueError, match=r"only in x: 'c0', 'c1'; only in y: 'd0', 'd1'\."
    ):
        align(features, other)
    fewer = Labelled(squares(1)[0][:6, :6], NAMES[:6], "y")
    with pytest.raises(ValueError, match=r"differ; only in x: 'c6'\. Expected"):
        align(features, fewer)


def test_numbers_are_no_names():
    numbers = tuple(map(str, range(N)))
    (square,) = squares(1)
    counted, named = Labelled(X, numbers, "x"), Labelled(square, NAMES, "t")
    found, target = align(counted, named)
    assert (found.labels, target.labels) == (None, NAMES)
    assert target.values is square
    assert how_matched(found, target) == "assumed to be in the same order"
    found, target = align(Labelled(X, NAMES, "x"), Labelled(square, numbers, "t"))
    assert (found.labels, target.labels) == (NAMES, None)


def test_numbers_match_numbers():
    numbers = tuple(map(str, range(N)))
    (square,) = squares(1)
    backwards = Labelled(square, numbers[::-1], "t")
    found, target = align(Labelled(X, numbers, "x"), backwards)
    assert how_matched(found, target) == "by label"
    np.testing.assert_array_equal(target.values, square[::-1, ::-1])

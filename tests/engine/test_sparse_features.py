"""Features of scipy.sparse: the numbers of the same array, never dense as a whole."""

import json

import numpy as np
import pytest
from scipy import sparse

import jaxprune as jp
from jaxprune.base.sparse import SparseUnits
from jaxprune.cli.main import main

FORMATS = ("csr", "csc", "coo")


def same(found, expected, tolerance=1e-12):
    for name in ("full_score", "importance", "curve", "full_rdm", "pruned_rdm"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(found.order, expected.order)


@pytest.mark.parametrize("kind", FORMATS)
def test_sparse_is_as_dense(kind, features, targets):
    x, t = features("sparse"), targets()
    given = sparse.csr_array(x).asformat(kind)
    expected = jp.prune(x, t, undefined="zero")
    same(jp.prune(given, t, undefined="zero"), expected)
    assert jp.score(given, t) == pytest.approx(expected.full_score, abs=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"metric": "cosine"}, marks=pytest.mark.slow),
        pytest.param(
            {"metric": "sqeuclidean", "compare": "cosine"}, marks=pytest.mark.slow
        ),
        {"compare": "spearman"},
        {"method": "masked"},
        {"sizes": [3, 12, 24]},
    ],
)
def test_every_path(options, features, targets):
    x = features("sparse")
    t = targets(missing=[(0, 1), (4, 7)])
    options = {"undefined": "zero"} | options
    same(jp.prune(sparse.csr_matrix(x), t, **options), jp.prune(x, t, **options))


def test_scale_rows_and_repeated_entries(features, targets):
    x, t = features("sparse"), targets()
    far = np.ldexp(x, np.arange(len(x))[:, None] * 20 - 400)
    expected = jp.prune(far, t, undefined="zero")
    same(jp.prune(sparse.csr_array(far), t, undefined="zero"), expected)
    rows, columns = np.nonzero(x)
    halves = np.r_[x[rows, columns], x[rows, columns]] / 2
    twice = (np.r_[rows, rows], np.r_[columns, columns])
    given = sparse.coo_array((halves, twice), shape=x.shape)
    same(jp.prune(given, t, undefined="zero"), jp.prune(x, t, undefined="zero"))


@pytest.fixture
def largest(monkeypatch):
    """Largest number of units that were ever dense together."""
    found = [0]
    slices, gathers = SparseUnits.__getitem__, SparseUnits.units

    def sliced(self, index):
        out = slices(self, index)
        if isinstance(out, np.ndarray):
            found[0] = max(found[0], out.shape[1])
        return out

    def gathered(self, index):
        found[0] = max(found[0], np.size(index))
        return gathers(self, index)

    monkeypatch.setattr(SparseUnits, "__getitem__", sliced)
    monkeypatch.setattr(SparseUnits, "units", gathered)
    return found


@pytest.mark.slow
def test_units_are_dense_some_at_a_time(largest, targets):
    rng = np.random.default_rng(0)
    x = sparse.random_array((9, 2**17), density=0.3, rng=rng, format="csr")
    few = {"memory": "4MiB", "sizes": 20, "undefined": "zero"}
    found = jp.prune(x, targets(), **few)
    assert 0 < largest[0] <= 2**15
    expected = jp.prune(x.toarray(), targets(), sizes=20, undefined="zero")
    np.testing.assert_allclose(found.importance, expected.importance, atol=1e-15)
    np.testing.assert_allclose(found.curve, expected.curve, atol=1e-12)


def test_what_cannot_stay_sparse(features, targets):
    x, t = sparse.csr_array(features("sparse")), targets()
    for options in (
        {"metric": "poisson"},
        {"metric": "mahalanobis", "noise": np.ones(24)},
    ):
        with pytest.raises(
            ValueError, match=r"sparse matrix, and .*features.toarray\(\)"
        ):
            jp.prune(x, t, **options)
    bad = x.copy()
    bad.data[3] = np.nan
    row, column = (int(k[3]) for k in (bad.tocoo().row, bad.tocoo().col))
    with pytest.raises(
        ValueError, match=rf"condition {row}, unit {column}\) \(counted"
    ):
        jp.prune(bad, t)
    with pytest.raises(ValueError, match="complex128; expected real"):
        jp.prune(x * 1j, t)
    with pytest.raises(ValueError, match="sparse matrix .*toarray"):
        jp.prune(x.toarray(), sparse.csr_array(t))
    from jaxprune.inference import cross_validate

    with pytest.raises(ValueError, match="sparse matrix .*toarray"):
        cross_validate(x, t)


def test_files_of_scipy(tmp_path, monkeypatch, features, targets, capsys):
    monkeypatch.chdir(tmp_path)
    x, t = features("sparse"), targets()
    sparse.save_npz("x.npz", sparse.csr_array(x))
    np.save("t.npy", t)
    more = ["--out", "out", "--no-figure", "--undefined", "zero"]
    assert main(["prune", "x.npz", "t.npy", *more]) == 0
    expected = jp.prune(x, t, undefined="zero")
    with open("out/summary.json", encoding="utf-8") as file:
        assert json.load(file)["full_score"] == pytest.approx(expected.full_score)
    assert main(["prune", "x.npz", "x.npz", "--out", "no"]) == 2
    assert "holds a sparse matrix, which only features" in capsys.readouterr().err

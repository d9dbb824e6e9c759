"""Odd-one-out choices: beside NumPy, one set of units after the other."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import log_softmax

import jaxprune as jp
from jaxprune.cli.main import main
from jaxprune.io import Labelled, among, load_features, load_triplets

N, UNITS, T = 9, 24, 60
RNG = np.random.default_rng(0)
TRIPLETS = np.array([RNG.permutation(N)[:3] for _ in range(T)])
KINDS = {
    "dense": RNG.normal(size=(N, UNITS)),
    "counts": RNG.integers(0, 2, (N, UNITS)).astype(float),  # many ties
}


def score(x, name):
    """By definition, from the similarities of some units."""
    s = x @ x.T
    a, b, odd = TRIPLETS.T
    three = np.stack([s[a, b], s[a, odd], s[b, odd]])
    if name == "log_loss":
        return log_softmax(three, 0)[0].mean()
    best = np.isclose(three, three.max(0), rtol=0, atol=1e-9)
    return (best[0] / best.sum(0)).mean()


@pytest.mark.parametrize("name", ["accuracy", "log_loss"])
@pytest.mark.parametrize("kind", KINDS)
def test_scores(kind, name):
    x = KINDS[kind]
    found = jp.prune_triplets(x, TRIPLETS, name)
    without = [score(np.delete(x, k, 1), name) for k in range(UNITS)]
    full = score(x, name)
    assert found.full_score == pytest.approx(full, abs=1e-12)
    np.testing.assert_allclose(found.importance, full - np.array(without), atol=1e-12)
    prefixes = [score(x[:, found.order[:k]], name) for k in range(1, UNITS + 1)]
    np.testing.assert_allclose(found.curve, prefixes, atol=1e-12)
    assert found.best_size == 1 + int(np.argmax(np.round(prefixes, 10)))
    assert found.best_score == pytest.approx(score(x[:, found.retained], name))
    assert found.settings.compare == name


def test_rdms_and_files_of_the_result(tmp_path):
    x = KINDS["dense"]
    found = jp.prune_triplets(x, TRIPLETS)
    pairs = np.triu_indices(N, 1)
    for place, (i, j) in enumerate(zip(*pairs, strict=True)):
        both = [t for t in TRIPLETS if i in t and j in t]
        elsewhere = [t for t in both if {t[0], t[1]} != {i, j}]
        share = len(elsewhere) / len(both) if both else np.nan
        np.testing.assert_allclose(found.target_rdm[place], share, rtol=1e-12)
    np.testing.assert_allclose(found.full_rdm, -(x @ x.T)[pairs], atol=1e-12)
    again = jp.Pruning.load(found.save(tmp_path))
    np.testing.assert_array_equal(again.curve, found.curve)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([[0, 1]], r"shape \(1, 2\) and dtype int64; expected integers \(T, 3\)"),
        ([[0.0, 1.0, 2.0]], "dtype float64; expected integers"),
        (np.zeros((0, 3), int), "triplets has no row"),
        (
            [[0, 1, N]],
            "triplets runs from 0 to 9; expected numbers of the 9 conditions",
        ),
        (
            [[0, 1, 2], [3, 3, 1]],
            r"condition twice in 1 row\(s\), the first of them row 1",
        ),
    ],
)
def test_bad_triplets(bad, message):
    with pytest.raises(ValueError, match=message):
        jp.prune_triplets(KINDS["dense"], bad)


NAMES = [f"word{k}" for k in range(N)]


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("x.npz", x=KINDS["dense"], labels=NAMES)

    def write(head=None, extra=(), sep=","):
        rows = [[NAMES[k] for k in row] for row in TRIPLETS] + list(extra)
        lines = [head] * (head is not None) + [sep.join(row) for row in rows]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")

    return write


@pytest.mark.parametrize(
    ("head", "sep"), [(None, ","), ("a,b,odd", ","), ("x\ty\tz", "\t")]
)
def test_on_the_command_line(files, capsys, head, sep):
    files(head, [["word1", "word1", "word2"], ["word0", "Word1", "word2"]], sep)
    options = ["--ignore-case", "--no-figure", "--score", "log_loss"]
    assert main(["prune", "x.npz", "t.csv", "--out", "out", *options]) == 0
    rows = np.vstack([TRIPLETS, [[0, 1, 2]]])
    expected = jp.prune_triplets(KINDS["dense"], rows, "log_loss")
    found = jp.Pruning.load("out")
    np.testing.assert_array_equal(found.importance, expected.importance)
    assert found.conditions == tuple(NAMES)
    said = capsys.readouterr().out
    assert "t.csv: 61 triplets" in said
    assert "t.csv: 1 triplets that name a condition twice left out" in said
    with open("out/summary.json", encoding="utf-8") as file:
        assert json.load(file)["inputs"]["target_shape"] == [61, 3]
    assert main(["explain", "out"]) == 0
    assert "left out" not in capsys.readouterr().out  # the features are still there
    page = Path("out/report.html").read_text("utf-8")
    assert "log_loss of triplets, no sum over pairs of conditions" in page


def test_what_does_not_go_together(files, capsys):
    files(extra=[["word1", "owl", "word2"]])
    prune = ["prune", "x.npz", "t.csv", "--out", "out"]
    for options, message in (
        ([], "lacks 1 of 10 conditions of t.csv: 'owl'"),
        (["--metric", "cosine"], "--metric was given with odd-one-out triplets"),
    ):
        assert main([*prune, *options]) == 2
        assert message in capsys.readouterr().err
    np.save("rdm.npy", np.ones(36))
    assert (
        main(["prune", "x.npz", "rdm.npy", "--out", "out", "--score", "accuracy"]) == 2
    )
    assert "rdm.npy holds no odd-one-out triplets" in capsys.readouterr().err
    assert main([*prune, "--missing", "drop", "--no-figure"]) == 0
    assert "t.csv: 1 of 61 triplets with conditions" in capsys.readouterr().out


def test_triplets_of_objects(files):
    files()
    features, triplets = load_features("x.npz"), load_triplets("t.csv")
    assert triplets is not None
    found = among(features, triplets)
    np.testing.assert_array_equal(found.values, TRIPLETS)
    with pytest.raises(ValueError, match="has no labels, and triplets name"):
        among(Labelled(KINDS["dense"], None, "x"), triplets)
    assert load_triplets("x.npz") is None

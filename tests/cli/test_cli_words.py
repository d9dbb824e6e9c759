"""Word vectors and judged pairs on the command line."""

import csv
import json
import re

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli.main import main
from jaxprune.io import align, load_features, load_target, shared

NAMES = [f"word{k}" for k in range(9)]


@pytest.fixture
def files(tmp_path, monkeypatch, features, targets):
    """Vectors of nine words and three more, and every pair of the nine, shuffled."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    x, rdm = features("dense"), targets()
    rows = [*zip(NAMES, x, strict=True), *zip("abc", x[:3], strict=True)]
    rows = [rows[k] for k in rng.permutation(len(rows))]
    lines = [f"{word} {' '.join(map(repr, row.tolist()))}" for word, row in rows]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n")
    pairs = [(i, j) for i in range(9) for j in range(i)]
    lines = [f"{NAMES[i]},{NAMES[j]},{10 - rdm[i, j]}" for i, j in pairs]
    rng.shuffle(lines)
    (tmp_path / "pairs.csv").write_text("word1,word2,score\n" + "\n".join(lines) + "\n")
    return x, rdm


def prune(*options):
    argv = ["prune", "vectors.txt", "pairs.csv", "--out", "out", "--no-figure"]
    return main([*argv, *options])


def summary():
    with open("out/summary.json", encoding="utf-8") as file:
        return json.load(file)


def test_words_and_judgements(files, capsys):
    x, rdm = files
    assert prune("--target-kind", "similarity") == 0
    found, expected = summary(), jp.prune(x, rdm)
    assert found["full_score"] == pytest.approx(expected.full_score, abs=1e-12)
    assert found["best_size"] == expected.best_size
    assert (found["n_conditions"], found["conditions_matched"]) == (9, "by label")
    said = capsys.readouterr().out
    note = found["inputs"]["notes"][0]
    assert note.startswith("vectors.txt: 3 of 12 conditions that pairs.csv lacks left")
    assert "3 of 12 conditions that pairs.csv lacks" in " ".join(said.split())
    with open("out/conditions.csv", encoding="utf-8", newline="") as file:
        assert {row["label"] for row in csv.DictReader(file)} == set(NAMES)


def test_the_sign_is_said(files, capsys):
    sign = np.sign(jp.score(*files))
    for kind, factor in (("similarity", 1), ("dissimilarity", -1)):
        for objective in ("r", "r2"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("warnings.warn", lambda *a, **k: None)
                assert prune("--target-kind", kind, "--objective", objective) == 0
            said = " ".join(capsys.readouterr().out.split())
            word = "positive" if factor * sign > 0 else "negative"
            assert f"sign {word}, with all units" in said
            hint = "if TARGET holds similarities, give --target-kind similarity"
            assert (hint in said) == (word == "negative" and kind[0] == "d")


def test_some_words_in_any_case(files):
    with open("pairs.csv", encoding="utf-8") as file:
        text = file.read()
    with open("pairs.csv", "w", encoding="utf-8") as file:
        file.write(text.replace("word1,word2,score", "a,b,score").upper())
    with open("some", "w", encoding="utf-8") as file:
        file.write("\n".join([*NAMES[:5], "a"]))
    more = ["--words", "some", "--ignore-case", "--missing", "drop"]
    assert prune("--target-kind", "similarity", *more) == 0
    found = summary()
    assert found["n_conditions"] == 5
    assert len(found["inputs"]["notes"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "vectors.txt lacks 1 of 10 conditions of pairs.csv: 'owl'; .* --missing"),
        (("--words", "nothing"), "nothing"),
        (("--words", "vectors.txt"), "has none of the 12 words"),
        (("--missing", "perhaps"), "invalid choice"),
        (("--target-key", "mean"), "no column 'mean'"),
        (("--target-labels", "x"), "--target-labels|labels='x'"),
    ],
)
def test_bad_words(files, capsys, tmp_path, options, message):
    with open("pairs.csv", "a", encoding="utf-8") as file:
        file.write("word1,owl,3\n")
    try:
        status = prune(*options)
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert re.search(message, err), err
    assert not (tmp_path / "out").exists()


def test_glove_and_men(data_dir):
    """Against the cosines and one correlation, over the judged pairs alone."""
    words = data_dir / "words"
    vectors = {}
    for line in (words / "glove_6b_50d.txt").read_text("utf-8").splitlines():
        word, *numbers = line.split(" ")
        vectors[word] = np.array(numbers, float)
    with open(words / "men.csv", encoding="utf-8", newline="") as file:
        rows = [
            (r["word1"], r["word2"], float(r["score"])) for r in csv.DictReader(file)
        ]
    cosines = [
        vectors[a]
        @ vectors[b]
        / np.sqrt(vectors[a] @ vectors[a] * (vectors[b] @ vectors[b]))
        for a, b, _ in rows
    ]
    expected = np.corrcoef(cosines, [score for *_, score in rows])[0, 1]
    features, target = align(
        *shared(
            load_features(words / "glove_6b_50d.txt"), load_target(words / "men.csv")
        )
    )
    assert np.isfinite(target.values).sum() == len(rows) == 3000
    options = {"metric": "cosine", "target_kind": "similarity"}
    found = jp.score(features.values, target.values, **options)
    assert found == pytest.approx(expected, abs=1e-12)
    assert found > 0.6

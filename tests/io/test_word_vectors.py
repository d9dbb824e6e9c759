"""Vectors of words as text, of the kinds that people download."""

import gzip

import numpy as np
import pytest

from jaxprune.io import load_features, load_target, read_lines

WORDS = ("cat", "naïve", "at name@x", "1999", "nan")
X = np.round(np.random.default_rng(0).normal(size=(5, 4)), 4)


def lines(end="", sep=" "):
    rows = [
        f"{word}{sep}{sep.join(map(str, row))}{end}"
        for word, row in zip(WORDS, X.tolist(), strict=True)
    ]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("name", ["x.txt", "x.vec", "x.txt.gz", "x.vec.gz"])
@pytest.mark.parametrize("head", ["", "5 4\n"])
@pytest.mark.parametrize(
    ("end", "sep"), [("", " "), (" ", " "), ("\r", " "), ("", "\t")]
)
def test_word_vectors(tmp_path, name, head, end, sep):
    text = (head + lines(end, sep)).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    found = load_features(path)
    np.testing.assert_array_equal(found.values, X)
    assert found.values.dtype == np.float64
    assert found.labels == WORDS
    some = load_features(path, words=["1999", "cat"])
    assert some.labels == ("cat", "1999")
    np.testing.assert_array_equal(some.values, X[[0, 3]])
    assert load_features(path, labels="none").labels is None


def test_numbers_alone_have_no_labels(tmp_path):
    np.savetxt(tmp_path / "features.txt", X)
    found = load_features(tmp_path / "features.txt")
    np.testing.assert_array_equal(found.values, X)
    assert found.labels is None


def test_chosen_words(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text(lines())
    with pytest.raises(
        ValueError, match=r"lacks 2 of 3 conditions of words: 'Cat', 'ow"
    ) as e:
        load_features(path, words=["Cat", "owl", "nan"])
    assert "1 of them are there in another case: ignore_case=True" in str(e.value)
    found = load_features(path, words=["Cat", "owl"], missing="drop", ignore_case=True)
    assert found.labels == ("cat",)
    assert "words: 1 of 2 conditions that x.txt lacks left out: 'owl'" in found.notes
    with pytest.raises(ValueError, match="has none of the 1 words: 'owl'"):
        load_features(path, words=["owl"], missing="drop")
    np.savez(tmp_path / "x.npz", x=X)
    with pytest.raises(ValueError, match="has no labels, and conditions were chosen"):
        load_features(tmp_path / "x.npz", words=["cat"])
    np.savez(tmp_path / "x.npz", x=X, labels=WORDS)
    assert load_features(tmp_path / "x.npz", words=["nan"]).labels == ("nan",)
    (tmp_path / "words").write_text(" cat\n\nnai\u0308ve \n", encoding="utf-8")
    assert read_lines(tmp_path / "words", "words") == ["cat", "naïve"]
    (tmp_path / "words").write_text("\n")
    with pytest.raises(ValueError, match="words: .* holds no text"):
        read_lines(tmp_path / "words", "words")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "could not be read as .txt: it is empty"),
        ("cat 1 2 3\ndog 1 2\nowl 1 2 3\n", "line 2"),
        ("3 2\ncat 1 2\ndog 1\n", "line 3: 1 numbers after a word; expected 2"),
        ("cat 1 2\ndog 1 x\n", "line 2, 'dog': could not convert"),
        ("cat,1,2\ndog,1,3\n", "Is the file complete"),
    ],
)
def test_damaged(tmp_path, text, message):
    (tmp_path / "x.txt").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_features(tmp_path / "x.txt")


def test_a_key_is_refused(tmp_path):
    (tmp_path / "x.txt").write_text(lines())
    with pytest.raises(ValueError, match="leave the key out"):
        load_features(tmp_path / "x.txt", "k")
    (tmp_path / "x.vec.gz").write_bytes(gzip.compress(lines().encode())[:40])
    with pytest.raises(ValueError, match="could not be read"):
        load_features(tmp_path / "x.vec.gz")
    (tmp_path / "t.txt").write_text("0\t1\n1\t0\n")
    assert load_target(tmp_path / "t.txt").values.shape == (2, 2)

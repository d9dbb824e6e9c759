"""The study words: files and made-up data, from vectors and judgements to files."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cosine
from scipy.stats import pearsonr

import jaxprune as jp
from benchmarks.studies import section
from jaxprune.io.labelled import InputError
from jaxprune.studies.words import STUDY, Options
from jaxprune.studies.words import study as words_study
from jaxprune.studies.words.data import load, made_up
from jaxprune.studies.words.measure import first_component
from tests.studies.test_number_sense import links_of

FEW = Options(n_folds=2, repeats=1, n_permutations=9)
SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(os.environ.get("JAXPRUNE_DATA", SHARED)) / "words"


# End to end: each takes some ten seconds of processor time.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("words") / "out"


@pytest.fixture(scope="module")
def found(folder):
    found = STUDY.run(FEW, folder)
    STUDY.save(found, folder)
    return found


def rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def slow_score(x, target):
    """Cosine distances of the judged pairs, correlated with the judgements."""
    n = len(x)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    kept = [k for k in range(len(pairs)) if not np.isnan(target[k])]
    near = [1 - cosine(*x[list(pairs[k])]) for k in kept]
    return pearsonr(near, target[kept])[0]


def test_scores_of_the_judged_pairs(found):
    data = made_up(0)
    for one in found:
        x = data.vectors[one.about["vectors"]]
        for row, kept, target in zip(
            one["sets"], one["retained"], data.targets.values(), strict=True
        ):
            assert row["full"] == pytest.approx(slow_score(x, target), abs=1e-12)
            pruned = slow_score(x[:, kept], target)
            assert row["pruned"] == pytest.approx(pruned, abs=1e-12)
            assert (row["pairs"], row["retained"]) == (250, kept.sum())


def test_units_that_carry_a_meaning_are_found(found):
    late = found.measured[1]
    first, second = late["retained"]
    assert first[:8].mean() > 0.6 > 0.3 > first[16:].mean()
    assert second[8:16].mean() > 0.6
    own = {row["set"]: row["p"] for row in late["sets"]}
    assert own == {"meaning A": 0.1, "meaning B": 0.1}
    gains = {(t["chosen_for"], t["scored_on"]): t["gain"] for t in late["transfer"]}
    assert gains["meaning A", "meaning A"] > 0.1 > gains["meaning A", "meaning B"]


def test_first_component_is_that_of_the_covariance():
    x = np.random.default_rng(0).normal(size=(30, 5)) * [1, 2, 3, 1, 1]
    values, vectors = np.linalg.eigh(np.cov(x.T))
    scores, share = first_component(x)
    assert share == pytest.approx(values[-1] / values.sum())
    expected = (x - x.mean(0)) @ vectors[:, -1]
    sign = np.sign(expected[0] / scores[0])
    np.testing.assert_allclose(scores, sign * expected)


def test_files(found, folder):
    for name in STUDY.files:
        assert (folder / name).stat().st_size > 0, name
    assert len(rows(folder, "scores")) == 4
    assert len(rows(folder, "transfer")) == 8
    assert len(rows(folder, "overlaps")) == 2
    assert len(rows(folder, "units")) == 80
    order = [float(r["component"]) for r in rows(folder, "components")[:48]]
    assert order == sorted(order)
    content = json.loads((folder / "summary.json").read_text("utf-8"))
    assert content["published"] == {"retained_percent": "20 to 40"}
    links = links_of(folder / "report.html")
    assert links
    assert all(link.startswith(("#", "data:image/")) for link in links)
    text = section("words", folder)
    assert "| late, meaning A | 40 |" in text
    assert "meaning A on meaning B" in text


def test_screen(found):
    text = STUDY.screen(found)
    assert "late, meaning B" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_repeated_run_takes_what_is_done(found, folder, monkeypatch):
    monkeypatch.setattr(words_study, "measure", lambda: None)
    again = STUDY.run(FEW, folder)
    assert again.measured[0]["sets"] == found.measured[0]["sets"]
    with pytest.raises(TypeError):
        STUDY.run(replace(FEW, n_folds=3), folder)


def given(folder):
    """Three files: vectors, the same in another order and case, and two lists."""
    rng = np.random.default_rng(0)
    words = [f"w{k}" for k in range(9)]
    x = rng.normal(size=(9, 4))
    np.savez(folder / "a.npz", x=x, labels=words)
    order = rng.permutation(9)
    np.savez(folder / "b.npz", x=x[order], labels=[words[k].upper() for k in order])
    (folder / "one.csv").write_text("w0,w3,1\nw5,W1,2\nw3,w1,4\nw0,emu,9\n")
    (folder / "two.csv").write_text("w8,w0,1\nw8,w5,2\nw0,w5,4\n")
    names = {"vectors": ("a.npz", "b.npz"), "sets": ("one.csv", "two=two.csv")}
    return {
        key: tuple(
            text.replace(text.split("=")[-1], str(folder / text.split("=")[-1]))
            for text in texts
        )
        for key, texts in names.items()
    }


def test_vectors_and_judgements_come_to_the_same_words(tmp_path):
    data = load(Options(**given(tmp_path)))
    assert data.words == ("w0", "w3", "w5", "w1", "w8")
    np.testing.assert_array_equal(data.vectors["a"], data.vectors["b"])
    assert np.nansum(data.targets["one"]) == np.nansum(data.targets["two"]) == 7
    # w0 and w3 are the first pair, w5 and w8 the last but one.
    assert (data.targets["one"][0], data.targets["two"][-2]) == (1, 2)
    (note,) = data.notes
    assert note.endswith("lacks left out: 'emu', and 1 pairs with them")


def test_words_that_will_not_do(tmp_path):
    names = given(tmp_path)
    with pytest.raises(ValueError, match="expected both, or neither"):
        Options(vectors=names["vectors"])
    with pytest.raises(ValueError, match="metric='cos'"):
        Options(metric="cos")
    with pytest.raises(FileNotFoundError, match=r"none\.txt does not exist"):
        load(Options(vectors=("none.txt",), sets=names["sets"]))
    (tmp_path / "raters.csv").write_text("a,b,1,x\nb,c,2,x\na,b,3,y\n")
    with pytest.raises(InputError, match="has several raters; expected judged pairs"):
        load(Options(vectors=names["vectors"], sets=(str(tmp_path / "raters.csv"),)))
    np.savez(tmp_path / "bare.npz", x=np.eye(3))
    with pytest.raises(InputError, match="has no labels"):
        load(Options(vectors=(str(tmp_path / "bare.npz"),), sets=names["sets"]))


@pytest.mark.skipif(not DATA.is_dir(), reason="no words in JAXPRUNE_DATA")
def test_glove_and_men():
    vectors, men = (str(DATA / name) for name in ("glove_6b_50d.txt", "men.csv"))
    data = load(Options(vectors=(f"GloVe={vectors}",), sets=(men,)))
    x, target = data.vectors["GloVe"], data.targets["men"]
    assert (len(data.words), np.isfinite(target).sum()) == (751, 3000)
    i, j = (k[np.isfinite(target)] for k in np.triu_indices(len(x), 1))
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    expected = np.corrcoef((unit[i] * unit[j]).sum(1), target[np.isfinite(target)])
    options = Options().scoring
    assert jp.score(x, target, **options) == pytest.approx(expected[0, 1], abs=1e-12)

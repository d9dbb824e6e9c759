"""Lists of judged pairs, as people collect them, beside what they say pair by pair."""

import json

import numpy as np
import pytest

from jaxprune.io import Labelled, align, load_target, shared

PAIRS = [("cat", "dog", 7.5), ("Owl", "cat", 1), ("dog", "Owl", 3), ("nan", "cat", 2)]
NAMES = ("cat", "dog", "Owl", "nan")


def expected(pairs=PAIRS, names=NAMES):
    """Mean of the scores of every pair, in whatever order it was given."""
    n = len(names)
    out = []
    for i in range(n):
        for j in range(i + 1, n):
            both = {names[i], names[j]}
            scores = [s for a, b, s, *_ in pairs if {a, b} == both and s is not None]
            out.append(np.mean(scores) if scores else np.nan)
    return np.array(out)


def table(path, rows, sep=",", head=None):
    lines = [sep.join("" if c is None else str(c) for c in row) for row in rows]
    path.write_text("\n".join([*([head] if head else []), *lines]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.txt", "x.json", "x.jsonl"])
@pytest.mark.parametrize("head", ["", "word1,word2,score", "a,b,rating"])
def test_formats(tmp_path, name, head):
    path = tmp_path / name
    if "json" in name:
        names = head.split(",") if head else None
        records = [dict(zip(names, p, strict=True)) if names else p for p in PAIRS]
        lines = map(json.dumps, records)
        path.write_text(
            json.dumps(records) if name == "x.json" else "\n".join(lines) + "\n"
        )
    else:
        sep = "\t" if name != "x.csv" else ","
        table(path, PAIRS, sep, head.replace(",", sep))
    found = load_target(path)
    assert found.labels == NAMES
    np.testing.assert_array_equal(found.values, expected())
    assert found.notes == ()


def test_index_and_decimal_comma(tmp_path):
    rows = [(k, *row) for k, row in enumerate(PAIRS)]
    for head in (",a,b,score", "a,b,score"):
        found = load_target(table(tmp_path / "x.csv", rows, head=head))
        np.testing.assert_array_equal(found.values, expected())
    path = table(tmp_path / "x.csv", PAIRS, ";")
    path.write_text(path.read_text().replace("7.5", "7,5"))
    np.testing.assert_array_equal(load_target(path).values, expected())


def test_duplicates_self_pairs_and_gaps(tmp_path):
    rows = [*PAIRS, ("dog", "cat", 2.5), ("cat", "cat", 9), ("Owl", "nan", None)]
    found = load_target(table(tmp_path / "x.csv", rows))
    np.testing.assert_array_equal(found.values, expected(rows))
    assert found.values[0] == 5
    assert found.notes == (
        "x.csv: 1 pair of a condition with itself left out: 'cat'",
        "x.csv: 1 pair without a score left out: 'Owl - nan'",
        "x.csv: 1 pair judged more than once, 2 judgements averaged",
    )


def test_case_decides_what_is_a_duplicate(tmp_path):
    rows = [*PAIRS, ("Dog", "CAT", 2.5), ("owl", "Owl", 9)]
    path = table(tmp_path / "x.csv", rows)
    assert len(load_target(path).labels) == 7
    found = load_target(path, ignore_case=True)
    assert found.labels == NAMES
    folded = [(a.casefold(), b.casefold(), s) for a, b, s in rows]
    known = expected(folded, tuple(map(str.casefold, NAMES)))
    np.testing.assert_array_equal(found.values, known)
    assert "1 pair of a condition with itself left out: 'owl - Owl'" in found.notes[0]


@pytest.mark.parametrize("head", [None, "a,b,score,rater", "Subject_ID,a,b,score"])
@pytest.mark.parametrize("who", [("s2", "s1"), (12, 7)])
def test_raters_are_a_stack(tmp_path, head, who):
    rows = [(*p[:2], p[2] + k, rater) for k, rater in enumerate(who) for p in PAIRS]
    rows.append(("dog", "cat", 0.5, who[1]))
    written = rows
    if head and head.startswith("S"):
        written = [(r[3], *r[:3]) for r in rows]
    found = load_target(table(tmp_path / "x.csv", written, head=head))
    alone = [[row for row in rows if row[3] == rater] for rater in who]
    np.testing.assert_array_equal(found.values, [expected(one) for one in alone])
    assert f"2 raters, a target each: '{who[0]}'" in found.notes[-1]


def test_columns_that_may_be_scores(tmp_path):
    rows = [(*p, 0.5, "N") for p in PAIRS]
    path = table(tmp_path / "x.csv", rows, head="a,b,mean,sd,pos")
    with pytest.raises(ValueError, match="'mean', 'sd', 'pos', and one of them is the"):
        load_target(path)
    np.testing.assert_array_equal(load_target(path, "mean").values, expected())
    with pytest.raises(ValueError, match="no column 'score'; expected the header"):
        load_target(path, "score")


def test_numbered_conditions(tmp_path):
    rows = [(1, 2, 0.5), (1, 3, 0.25), (2, 3, 1.0), (4, 1, 2.0)]
    found = load_target(table(tmp_path / "x.csv", rows, head="image1,image2,score"))
    assert found.labels == ("1", "2", "3", "4")
    assert found.values[:3].tolist() == [0.5, 0.25, 2.0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("cat", "dog", "high"), ("dog", "owl", "low")], "ratings are text, 'low'"),
        ([*PAIRS, ("cat", "owl", "x")], "row 5: the score is 'x'; expected two cond"),
        ([*PAIRS, ("", "owl", 1)], "row 5: a name is missing"),
        ([("cat", "cat", 1), ("dog", "dog", 2)], "no pair of two conditions has a sc"),
    ],
)
def test_bad_pairs(tmp_path, rows, message):
    with pytest.raises(ValueError, match=message):
        load_target(table(tmp_path / "x.csv", rows))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": "cat", "b": {"c": 1}, "s": 1}', "a record holds"),
        ("[1, 2]", "no records and no rows"),
        ('[{"a": 1, "b": 2}]', "no judgements of pairs"),
        ("{", "could not be read as .json"),
    ],
)
def test_bad_json(tmp_path, text, message):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_target(tmp_path / "x.json")


# --- The conditions that features and target share -----------------------------------

X = np.arange(12.0).reshape(6, 2)
WORDS = ("ant", "Dog", "cat", "owl", "Owl", "bee")


def test_shared_conditions():
    features = Labelled(X, WORDS, "f.txt")
    target = Labelled(np.array([1.0, 2.0, 3.0]), ("owl", "ant", "bee"), "t.csv")
    ours, theirs = align(*shared(features, target))
    assert ours.labels == theirs.labels == ("ant", "owl", "bee")
    np.testing.assert_array_equal(ours.values, X[[0, 3, 5]])
    assert theirs.values.tolist() == [1.0, 3.0, 2.0]
    assert ours.notes == (
        "f.txt: 3 of 6 conditions that t.csv lacks left out: 'Dog', 'cat', 'Owl'",
    )
    # Folded features lose conditions, not folds.
    folds = Labelled(np.stack([X, X + 1]), WORDS, "f.npy")
    np.testing.assert_array_equal(shared(folds, target)[0].values[1], X[[0, 3, 5]] + 1)


@pytest.mark.parametrize("form", ["condensed", "stack", "square", "squares"])
def test_unknown_conditions(form):
    values = np.array([1.0, 2.0, 3.0, np.nan, 5.0, 6.0])
    square = np.zeros((4, 4))
    square[np.triu_indices(4, 1)] = values
    square += square.T
    forms = {
        "condensed": values,
        "stack": np.stack([values, values]),
        "square": square,
        "squares": np.stack([square, square]),
    }
    target = Labelled(forms[form], ("ant", "fox", "dog", "owl"), "t.csv")
    features = Labelled(X, WORDS, "f.txt")
    with pytest.raises(ValueError, match=r"lacks 2 of 4 .* 'fox', 'dog'") as error:
        shared(features, target)
    assert "1 of them are there in another case" in str(error.value)
    with pytest.raises(ValueError, match="lacks 1 of 4 .* 'fox'"):
        shared(features, target, ignore_case=True)
    ours, theirs = shared(features, target, ignore_case=True, missing="drop")
    assert theirs.labels == ("ant", "Dog", "owl")
    if "square" in form:
        found = theirs.values[..., *np.triu_indices(3, 1)]
    else:
        found = theirs.values
    expected = np.array([square[i, j] for i, j in [(0, 2), (0, 3), (2, 3)]])
    np.testing.assert_array_equal(found, np.broadcast_to(expected, found.shape))
    assert ours.labels == ("ant", "Dog", "owl")
    lost = 2 * (2 if form in ("stack", "squares") else 1)
    assert f"'fox', and {lost} pairs with them" in theirs.notes[0]


def test_ambiguous_conditions():
    features = Labelled(X, WORDS, "f.txt")
    pairs = np.ones(1)
    exact = Labelled(pairs, ("Owl", "cat"), "t.csv")
    assert shared(features, exact, ignore_case=True)[0].labels == ("cat", "Owl")
    with pytest.raises(ValueError, match="'OWL' of t.csv may be any of 2 conditions"):
        shared(features, Labelled(pairs, ("OWL", "cat"), "t.csv"), ignore_case=True)
    with pytest.raises(ValueError, match="several conditions are 'cat' of f.txt"):
        shared(features, Labelled(pairs, ("Cat", "cat"), "t.csv"), ignore_case=True)
    with pytest.raises(ValueError, match="missing='maybe'"):
        shared(features, exact, missing="maybe")


def test_without_labels_nothing_is_left_out():
    target = Labelled(np.ones(3), None, "t.csv")
    features = Labelled(X[:3], WORDS[:3], "f.txt")
    assert shared(features, target) == (features, target)
    counted = Labelled(X[:3], ("0", "1", "2"), "f.txt")
    named = Labelled(np.ones(3), ("a", "b", "c"), "t.csv")
    assert shared(counted, named) == (counted, named)

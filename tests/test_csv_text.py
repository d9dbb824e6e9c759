"""Every CSV of ours comes back as it went, by csv, by pandas and by our own reader."""

import csv
import io

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.base.csv_text import as_csv, as_table
from jaxprune.io import load_features

AWKWARD = [
    "plain",
    "a,b",
    'say "x"',
    "two\nlines",
    "a\r\nb",
    "cr\rhere",
    "x\u2028y",
    "x\x85y",
    " blanks ",
    "tab\there",
    "ünïcode",
    '"',
]


def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_text_comes_back():
    text = as_table({"name": AWKWARD, "k": np.arange(len(AWKWARD))})
    assert [row[0] for row in rows_of(text)[1:]] == AWKWARD
    # Nothing outside of quotes that anybody takes for the end of a line.
    bare = text.replace('""', "")
    outside = "".join(bare.split('"')[::2])
    assert len(outside.splitlines()) == outside.count("\n")


def test_pandas_reads_it(tmp_path):
    pd = pytest.importorskip("pandas")
    (tmp_path / "x.csv").write_text(as_table({"name": AWKWARD}), "utf-8", newline="")
    found = pd.read_csv(tmp_path / "x.csv", skip_blank_lines=False)
    assert found["name"].tolist() == AWKWARD


def test_undefined_and_absent():
    rows = [{"a": np.nan, "b": None, "c": True}, {"a": 0.1, "b": "", "c": 3}]
    assert as_csv(rows) == "a,b,c\nNaN,,True\n0.1,,3\n"
    with pytest.raises(ValueError, match=r"columns \['d'\], the first has not"):
        as_csv([{"a": 1}, {"d": 2}])


def test_labels_and_columns_of_a_result(tmp_path):
    rng = np.random.default_rng(0)
    n = len(AWKWARD)
    x = rng.normal(size=(n, n))
    result = jp.prune(x, rng.random(n * (n - 1) // 2))
    result.save(tmp_path, labels=AWKWARD, units={"name": AWKWARD}, figure=False)
    # Blanks at the ends of labels are no part of them, as everywhere.
    labels = [label.strip() for label in AWKWARD]
    for file, right in (("conditions.csv", labels), ("units.csv", AWKWARD)):
        text = (tmp_path / file).read_bytes().decode()
        assert [row[1] for row in rows_of(text)[1:]] == right
    table = as_table({"label": AWKWARD, **{f"u{k}": x[:, k] for k in range(3)}})
    (tmp_path / "x.csv").write_text(table, "utf-8", newline="")
    found = load_features(tmp_path / "x.csv")
    assert found.labels == tuple(labels)
    np.testing.assert_array_equal(found.values, x[:, :3])

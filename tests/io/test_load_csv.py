import numpy as np
import pytest

from jaxprune.io import load_features, load_target

RDM = np.array([[0, 1, 2.5], [1, 0, np.nan], [2.5, np.nan, 0]])
ROWS = ["0,1,2.5", "1,0,", "2.5,NaN,0"]
CELLS = [row.split(",") for row in ROWS]


def beside(cells):
    return [",".join([name, *row]) for name, row in zip("abc", cells, strict=True)]


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        (ROWS, None),
        (["a,b,c", *ROWS], ("a", "b", "c")),
        (beside(CELLS), ("a", "b", "c")),
        ([",a,b,c", *beside(CELLS)], ("a", "b", "c")),
        (["condition,a,b,c", *beside(CELLS)], ("a", "b", "c")),
        (["a,b,c", *beside(CELLS)], ("a", "b", "c")),
        (["1,2,3", *ROWS], ("1", "2", "3")),
        (['"a,1",b,"c ""x"""', *ROWS], ("a,1", "b", 'c "x"')),
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_edges(tmp_path, lines, labels, start):
    (tmp_path / "x.csv").write_text(start + "\n".join(lines) + "\n", "utf-8")
    found = load_target(tmp_path / "x.csv")
    np.testing.assert_array_equal(found.values, RDM)
    assert found.labels == labels


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_delimiters(tmp_path, delimiter):
    text = "\n".join(",".join(row) for row in CELLS).replace(",", delimiter)
    (tmp_path / "x.csv").write_text(text)
    np.testing.assert_array_equal(load_target(tmp_path / "x.csv").values, RDM)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "rows have no cells"),
        ("0,1\n1", "rows have 1, 2 cells"),
        ("0\n1,0\n2,3,0", "one triangle of an RDM: save the whole square"),
        ("0,1\n1,0\n2,0\n3,0", "4 rows of 2 cells; expected a square"),
        ("0,x,1\nx,0,1\n1,1,0", "cell 'x' is not a number"),
        (",a,b\na,0,1\nc,1,0", "expected the same labels"),
    ],
)
def test_errors(tmp_path, text, message):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_target(tmp_path / "x.csv")


def test_no_key_and_no_binary(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"could not be read as \.csv"):
        load_target(tmp_path / "x.csv")
    (tmp_path / "x.csv").write_text("\n".join(ROWS))
    with pytest.raises(ValueError, match="leave the key out"):
        load_target(tmp_path / "x.csv", "rdm")


FEATURES = np.array([[0.5, 1.5, -2.0], [3.0, 1e-3, 4.0], [2.5, 0.0, 7.0], [1, 2, 4]])
NAMES = ("cat", "dog", "owl", "fox")
PAIRS = tuple(zip(FEATURES, NAMES, strict=True))


def text_of(values, sep=",", first=(), header=None, end=""):
    rows = [
        sep.join([*first[i : i + 1], *map(repr, row)]) for i, row in enumerate(values)
    ]
    lines = rows if header is None else [header, *rows]
    return "\n".join(line + end for line in lines) + "\n"


@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (2, 3), (1, 3), (4, 1)])
def test_features_never_lose_a_row_or_column(tmp_path, shape):
    values = FEATURES[: shape[0], : shape[1]]
    (tmp_path / "x.csv").write_text(text_of(values.tolist()))
    found = load_features(tmp_path / "x.csv")
    np.testing.assert_array_equal(found.values, values)
    assert found.labels is None


@pytest.mark.parametrize(
    ("header", "first", "labels"),
    [
        ("a,b,c", (), None),
        ("name,a,b,c", NAMES, None),
        (",a,b,c", NAMES, None),
        ("a,b,c", NAMES, None),
        (None, NAMES, None),
        (",0,1,2", NAMES, None),
        ("what,a,b,c", NAMES, "what"),
    ],
)
@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["", "sep"])
def test_edges_of_features(tmp_path, header, first, labels, sep, end):
    header = header and header.replace(",", sep)
    text = text_of(FEATURES.tolist(), sep, first, header, sep if end else "")
    if sep != ",":
        text = text.replace(".", ",")
    (tmp_path / "x.csv").write_text(text)
    found = load_features(tmp_path / "x.csv", labels=labels)
    np.testing.assert_array_equal(found.values, FEATURES)
    assert found.labels == (first or None)


def test_a_column_of_labels_is_named(tmp_path):
    rows = [[*row, name, k] for k, (row, name) in enumerate(PAIRS)]
    text = "a,b,c,what,number\n"
    text += "\n".join(",".join(map(str, row)) for row in rows)
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ValueError, match="cell 'cat' is not a number"):
        load_features(tmp_path / "x.csv")
    with pytest.raises(ValueError, match="header of one column, 'a', 'b'"):
        load_features(tmp_path / "x.csv", labels="names")


@pytest.mark.parametrize("start", [0, 1])
def test_a_column_that_counts_is_asked_about(tmp_path, start):
    rows = [[k + start, *row] for k, row in enumerate(FEATURES.tolist())]
    path = tmp_path / "x.csv"
    path.write_text("unit0,a,b,c\n" + text_of(rows))
    with pytest.raises(ValueError, match="first column counts.*labels='none'"):
        load_features(path)
    assert load_features(path, labels="none").values.shape == (4, 4)
    found = load_features(path, labels="unit0")
    assert found.labels == tuple(str(k + start) for k in range(4))
    np.testing.assert_array_equal(found.values, FEATURES)
    # A header that says so needs no option.
    path.write_text("condition,a,b,c\n" + text_of(rows))
    assert load_features(path).labels == found.labels


def test_line_breaks_and_delimiters_in_labels(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('label,u\n"big\ncat",1\n"a,b",2\n"x\u2028y",3\n', newline="")
    assert load_features(path).labels == ("big\ncat", "a,b", "x\u2028y")


def test_labels_of_an_rdm_are_on_its_edges(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(",a,b,c\n" + "\n".join(beside(CELLS)))
    assert load_target(path).labels == ("a", "b", "c")
    assert load_target(path, labels="none").labels is None
    with pytest.raises(ValueError, match="labels='a' was given; an RDM in a table"):
        load_target(path, labels="a")

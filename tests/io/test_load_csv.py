import numpy as np
import pytest

from jaxprune.io import load_target

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
        ("0,1\n1", r"rows have \[1, 2\] cells"),
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
    with pytest.raises(ValueError, match="leave the key out"):
        load_target(tmp_path / "x.csv", "rdm")

import unicodedata

import numpy as np
import pytest

import jaxprune_ports as jpp
from jaxprune.io.labelled import as_labels
from jaxprune_ports import Conditions, Images, conditions_of


def fake(*names, folders=None, labels=None):
    return Images("there", names, folders, labels, lambda i: None)


FOLDERS = fake("dog/1.png", "cat/1.png", "cat/2.png", folders=("dog", "cat", "cat"))
FLAT = fake("b.png", "a.png", "c.png")


def found(conditions):
    return conditions.labels, conditions.index.tolist(), conditions.origin


def table(path, text, encoding="utf-8"):
    path.write_text(text, encoding)
    return path


def test_folders_name_the_conditions():
    assert found(conditions_of(FOLDERS)) == (("dog", "cat"), [0, 1, 1], "folder names")


def test_images_beside_the_folders():
    images = fake("x.png", "cat/1.png", folders=("", "cat"))
    with pytest.raises(ValueError, match=r"1 images of there lie beside .*'x.png'"):
        conditions_of(images)


def test_labels_in_the_file_come_first():
    images = fake("0", "1", "2", labels=("y", "x", "y"))
    labels, index, origin = found(conditions_of(images))
    assert (labels, index) == (("y", "x"), [0, 1, 0])
    assert "labels in the file" in origin
    with pytest.raises(ValueError, match="2 labels .'y', 'x'. for 3 images; give cond"):
        conditions_of(fake("0", "1", "2", labels=("y", "x")))


def test_every_image():
    expected = ("b", "a", "c"), [0, 1, 2], "one per image"
    assert found(conditions_of(FLAT)) == found(conditions_of(FLAT, "image")) == expected
    # Two are called 1.png.
    assert conditions_of(FOLDERS, "image").labels == FOLDERS.names


def test_values():
    assert found(conditions_of(FLAT, [10, 9, 10]))[:2] == (("9", "10"), [1, 0, 1])
    assert found(conditions_of(FLAT, ["v", "u", "v"]))[:2] == (("v", "u"), [0, 1, 0])
    assert conditions_of(FLAT, np.array([2.0, 0.5, 2.0])).labels == ("0.5", "2")
    with pytest.raises(ValueError, match=r"each of 3 images, got shape \(2,\)"):
        conditions_of(FLAT, [1, 2])


@pytest.mark.parametrize(
    "values",
    [[1.0, np.nan, 1.0], ["v", None, "v"], ["v", " ", "v"], ["v", float("nan"), "v"]],
)
def test_images_without_a_condition_are_no_condition(values):
    with pytest.raises(ValueError, match=r"conditions: 1 of 3 images have none.*'a.p"):
        conditions_of(FLAT, np.array(values, object))
    if values[0] == 1.0:
        for given in (values, np.ma.masked_invalid(values)):
            with pytest.raises(ValueError, match="have none"):
                conditions_of(FLAT, given)


def test_values_in_a_file(tmp_path):
    np.save(tmp_path / "v.npy", [1, 0, 1])
    labels, index, origin = found(conditions_of(FLAT, tmp_path / "v.npy"))
    assert (labels, index, origin) == (("0", "1"), [1, 0, 1], "file v.npy")


def test_conditions_themselves():
    mine = Conditions(("x", "y"), np.array([0, 1, 1]), "mine")
    assert conditions_of(FLAT, mine) is mine
    for index in ([0, 1], [0, 2, 1], [0, 0, 0], [-1, 0, 1]):
        with pytest.raises(ValueError, match="expected numbers below 2 for 3 images"):
            conditions_of(FLAT, Conditions(("x", "y"), np.array(index), ""))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_tables(tmp_path, delimiter, encoding):
    rows = [("Image", "note", "Condition"), ("c.png", "", "z"), ("a.png", "", "ä")]
    rows += [("./b.png", "", '"z"')]
    text = "".join(delimiter.join(row) + "\n" for row in rows)
    path = table(tmp_path / "l.csv", text, encoding)
    # The order is that of the table, not that of the images.
    assert found(conditions_of(FLAT, path)) == (("z", "ä"), [0, 1, 0], "file l.csv")


def test_tables_match_by_path_or_by_a_file_name_of_its_own(tmp_path):
    rows = "image,condition\ndog\\1.png,x\ncat/1.png,y\n2.png,x\n"
    path = table(tmp_path / "l.csv", rows)
    assert conditions_of(FOLDERS, str(path)).index.tolist() == [0, 1, 0]
    path = table(tmp_path / "l.csv", rows.replace("cat/", ""))
    with pytest.raises(
        ValueError, match=r"no condition for 1 images: 'cat/1.png'; no "
    ):
        conditions_of(FOLDERS, path)


def test_tables_that_do_not_match(tmp_path):
    path = table(tmp_path / "l.csv", "image,condition\na.png,x\nd.png,y\nb.png,\n")
    with pytest.raises(ValueError) as error:  # noqa: PT011
        conditions_of(FLAT, path)
    message = str(error.value)
    assert "no condition for 2 images: 'b.png', 'c.png'" in message
    assert "no image for 1 of its rows: 'd.png'" in message
    assert "l.csv and there do not match" in message


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a.png,x\n", "begins with 'a.png,x'; expected a line with the names"),
        ("", "begins with ''"),
        ("image,condition,condition\na.png,x,y\n", "image and condition, each once"),
        ("image,condition\na.png,x,y\n", "row 2 of .* has 3 cells"),
        ("image,condition\na.png,x\na.png,y\n", "'a.png' two conditions, 'x' and 'y'"),
    ],
)
def test_tables_that_are_none(tmp_path, text, match):
    with pytest.raises(ValueError, match=match):
        conditions_of(FLAT, table(tmp_path / "l.csv", text))


def test_other_files(tmp_path):
    with pytest.raises(ValueError, match="'folder' is neither 'image' nor a .csv"):
        conditions_of(FLAT, "folder")
    with pytest.raises(FileNotFoundError, match="there is no file .*absent.csv"):
        conditions_of(FLAT, tmp_path / "absent.csv")
    (tmp_path / "x.csv").write_bytes(b"image,condition\n\xff,x\n")
    with pytest.raises(ValueError, match="not text in UTF-8"):
        conditions_of(FLAT, tmp_path / "x.csv")


def test_arrays_go_by_number(tmp_path):
    images = jpp.open_images(np.zeros((2, 8, 8), np.uint8))
    path = table(tmp_path / "l.csv", "image,condition\n1,x\n0,y\n")
    assert conditions_of(images, path).index.tolist() == [1, 0]


def test_accents_are_the_same_however_they_are_written(tmp_path):
    apart, whole = unicodedata.normalize("NFD", "café"), "café"
    assert apart != whole
    images = jpp.Images("here", (f"{apart}/1.png",), (apart,), None, lambda i: None)
    assert jpp.conditions_of(images).labels == (whole,)
    given = table(tmp_path / "x.csv", f"image,condition\n{whole}/1.png,{apart}\n")
    assert jpp.conditions_of(images, given).labels == (whole,)
    assert as_labels([apart], "here") == (whole,)


def test_a_table_with_line_breaks(tmp_path):
    images = jpp.open_images(np.zeros((2, 8, 8), np.uint8))
    names = images.names
    table = f'image;condition\n{names[0]};"two\nlines"\n{names[1]};a\u2028b\n'
    (tmp_path / "c.csv").write_text(table, "utf-8", newline="")
    assert conditions_of(images, tmp_path / "c.csv").labels == (
        "two\nlines",
        "a\u2028b",
    )
    (tmp_path / "c.csv").write_text(f"image,condition\n{names[0]},a,b\n{names[1]},c\n")
    with pytest.raises(ValueError, match="row 2 of .* has 3 cells"):
        conditions_of(images, tmp_path / "c.csv")

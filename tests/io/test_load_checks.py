import numpy as np
import pytest

from jaxprune.io import Labelled, load_features, load_target

SQUARE = np.arange(16.0).reshape(4, 4)


@pytest.mark.parametrize("load", [load_features, load_target])
def test_missing_file_folder_and_suffix(tmp_path, load):
    with pytest.raises(FileNotFoundError, match=r"nothing\.npy does not exist"):
        load(tmp_path / "nothing.npy")
    (tmp_path / "x.npz").mkdir()
    with pytest.raises(FileNotFoundError, match="is a folder"):
        load(tmp_path / "x.npz")
    with pytest.raises(ValueError, match=r"suffix '\.xyz'; expected one of \.npy, "):
        load(tmp_path / "x.xyz")
    with pytest.raises(ValueError, match="suffix 'nothing'"):
        load(tmp_path / "x")
    with pytest.raises(ValueError, match=r"pickle.*\.npy"):
        load(tmp_path / "x.pkl")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(3), r"shape \(3,\); expected \(conditions, units\)"),
        (np.ones((2, 3, 4, 5)), r"x\.reshape\(len\(x\), -1\)"),
        (np.ones((3, 0)), r"shape \(3, 0\)"),
        (np.ones((3, 2), complex), "complex128; expected real numbers"),
        (np.array([["a", "b"]]), "<U1; expected real numbers"),
        (np.zeros((2, 2), "M8[s]"), "datetime64"),
    ],
)
def test_bad_features(tmp_path, array, message):
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(ValueError, match=message):
        load_features(tmp_path / "x.npy")


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_integers_become_float64(tmp_path, dtype):
    np.save(tmp_path / "x.npy", np.eye(3, dtype=dtype))
    found = load_features(tmp_path / "x.npy").values
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.eye(3))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((4, 4), (4, 4)),
        ((6,), (6,)),
        ((1, 6), (6,)),
        ((6, 1), (6,)),
        ((1, 4, 4), (4, 4)),
        ((3, 6), (3, 6)),
        ((3, 4, 4), (3, 4, 4)),
        ((4, 4, 3), (3, 4, 4)),
        ((4, 4, 4), (4, 4, 4)),
        ((2, 1), None),
        ((5,), None),
        ((0,), None),
        ((3, 5), None),
        ((2, 3, 4), None),
        ((2, 2, 4, 4), None),
    ],
)
def test_target_shapes(shape, expected):
    values = np.arange(float(np.prod(shape))).reshape(shape)
    if expected is None:
        with pytest.raises(ValueError, match="expected a square RDM"):
            load_target(values)
        return
    found = load_target(values)
    assert found.values.shape == expected
    assert found.labels is None


def test_target_objects():
    given = Labelled(SQUARE, ("a", "b", "c", "d"), "mine")
    found = load_target(given)
    assert found.labels == given.labels
    np.testing.assert_array_equal(found.values, SQUARE)
    with pytest.raises(ValueError, match=r"3 labels, 'a', 'b', 'c', for 4"):
        load_target(Labelled(SQUARE, ("a", "b", "c"), "mine"))
    with pytest.raises(ValueError, match="key 'k' was given with a ndarray"):
        load_target(SQUARE, "k")
    with pytest.raises(ValueError, match="dtype object"):
        load_target(np.array([None, 1, 2], object))


def test_labels_of_the_wrong_kind():
    from jaxprune.io.labelled import as_labels

    with pytest.raises(ValueError, match=r"shape \(2, 2\); expected one label"):
        as_labels(SQUARE[:2, :2], "here")
    for values, message in {
        (1j, 2j): "label 0 .* is 1j",
        ("a", 2): "label 1 .* numbers and text are mixed",
        ("a", ""): "label 1 .* is empty",
        ("a", None): "label 1 .* is None",
        (1.0, np.nan): "label 1 .* is NaN",
    }.items():
        with pytest.raises(ValueError, match=message):
            as_labels(np.array(values, object), "here")
    masked = np.ma.masked_equal([1, 2, 3], 2)
    with pytest.raises(ValueError, match="label 1 .* is masked"):
        as_labels(masked, "here")

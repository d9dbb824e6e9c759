import sys

import h5py
import numpy as np
import pytest

from jaxprune.io import load_features, load_target

X = np.random.default_rng(0).random((4, 7))
NAMES = ("a", "b", "c", "d")


@pytest.mark.parametrize("suffix", [".h5", ".hdf5", ".H5"])
def test_only_dataset(tmp_path, suffix):
    file = tmp_path / f"x{suffix}"
    with h5py.File(file, "w") as out:
        out["layer/pool5"] = X
        out["labels"] = np.array(NAMES, "S")
    found = load_features(file)
    np.testing.assert_array_equal(found.values, X)
    assert found.labels == NAMES
    assert found.source.endswith("[layer/pool5]")


def test_key_path_and_nearest_labels(tmp_path):
    file = tmp_path / "x.h5"
    with h5py.File(file, "w") as out:
        out["a/x"], out["b/x"] = X, X + 1
        out["labels"] = list(NAMES)
        out["b/labels"] = list(NAMES[::-1])
    assert load_features(file, "a/x").labels == NAMES
    found = load_features(file, "/b/x")
    assert found.labels == NAMES[::-1]
    np.testing.assert_array_equal(found.values, X + 1)
    with pytest.raises(ValueError, match=r"2 arrays:\n  a/x: \(4, 7\) float64"):
        load_features(file)
    with pytest.raises(ValueError, match=r"no array 'c/x'.*\n  a/x: \(4, 7\)"):
        load_features(file, "c/x")


@pytest.mark.parametrize("place", ["x", "/"])
def test_labels_as_attribute(tmp_path, place):
    with h5py.File(tmp_path / "x.h5", "w") as out:
        out["x"] = X
        out[place].attrs["labels"] = list(NAMES)
    assert load_features(tmp_path / "x.h5").labels == NAMES


def test_layers_of_an_extraction(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as out:
        out["features.30"] = X
        out["features.30"].attrs["shape"] = (7, 1, 1)
        out["count"], out["moments/features.30"] = [2, 2, 2, 2], X
        out["labels"] = list(NAMES)
    found = load_features(tmp_path / "x.h5")
    assert (found.labels, found.shape) == (NAMES, (7, 1, 1))
    assert load_features(tmp_path / "x.h5", "features.30").shape == (7, 1, 1)


@pytest.mark.parametrize("shape", [(2, 2, 2), (7, 1), "seven"])
def test_shape_of_something_else(tmp_path, shape):
    with h5py.File(tmp_path / "x.h5", "w") as out:
        out["x"] = X
        out["x"].attrs["shape"] = shape
    assert load_features(tmp_path / "x.h5").shape is None


def test_big_endian_becomes_native(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as out:
        out["x"] = X.astype(">f4")
    found = load_features(tmp_path / "x.h5").values
    assert found.dtype == np.float32
    assert found.dtype.isnative


def test_damaged_file(tmp_path):
    (tmp_path / "x.h5").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"could not be read as \.h5"):
        load_features(tmp_path / "x.h5")


def test_without_h5py(tmp_path, monkeypatch):
    (tmp_path / "x.h5").write_bytes(b"nothing")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match="pip install h5py"):
        load_target(tmp_path / "x.h5")


def test_without_scipy(tmp_path, monkeypatch):
    (tmp_path / "x.mat").write_bytes(b"nothing")
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(ImportError, match="pip install scipy"):
        load_target(tmp_path / "x.mat")

"""Features that stay in their file, and are read where they are sliced."""

import gc
import sys

import h5py
import numpy as np
import pytest

from jaxprune.io import align, load_features, load_target

X = np.random.default_rng(0).random((4, 7)).astype(np.float32)
NAMES = ("a", "b", "c", "d")


def npy(file):
    np.save(file, X)


def h5(file):
    with h5py.File(file, "w") as out:
        out.create_dataset("x", data=X, chunks=(2, 3))
        out["labels"] = list(NAMES)


def zarr_group(file):
    zarr = pytest.importorskip("zarr")
    group = zarr.open_group(file, mode="w")
    group.create_array("x", data=X, chunks=(2, 3))
    group.create_array("labels", shape=4, dtype="string")[:] = np.array(NAMES)


def zarr_array(file):
    zarr = pytest.importorskip("zarr")
    array = zarr.create_array(file, data=X, chunks=(4, 2))
    array.attrs["labels"] = list(NAMES)


@pytest.mark.parametrize(
    ("write", "name"),
    [(npy, "x.npy"), (h5, "x.h5"), (zarr_group, "g.zarr"), (zarr_array, "x.zarr")],
)
def test_slices_of_a_file(tmp_path, write, name):
    write(tmp_path / name)
    found = load_features(tmp_path / name, lazy=True)
    gc.collect()
    assert type(found.values) is not np.ndarray
    assert (found.values.shape, found.values.dtype) == (X.shape, X.dtype)
    np.testing.assert_array_equal(found.values[..., 2:6], X[:, 2:6])
    np.testing.assert_array_equal(np.asarray(found.values), X)
    whole = load_features(tmp_path / name)
    assert type(whole.values) is np.ndarray
    np.testing.assert_array_equal(whole.values, X)
    assert whole.labels == found.labels == (None if write is npy else NAMES)


def test_other_formats_are_read_at_once(tmp_path):
    np.savez(tmp_path / "x.npz", x=X)
    found = load_features(tmp_path / "x.npz", lazy=True)
    np.testing.assert_array_equal(found.values, X)


def test_integers_stay_what_they_are(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(6).reshape(2, 3))
    assert load_features(tmp_path / "x.npy", lazy=True).values.dtype.kind == "i"
    assert load_features(tmp_path / "x.npy").values.dtype == np.float64


def test_the_target_is_what_is_reordered(tmp_path):
    h5(tmp_path / "x.h5")
    features = load_features(tmp_path / "x.h5", lazy=True)
    rdm = np.arange(16.0).reshape(4, 4)
    np.savez(tmp_path / "t.npz", rdm=rdm, labels=NAMES[::-1])
    aligned, target = align(features, load_target(tmp_path / "t.npz"))
    assert aligned.values is features.values
    np.testing.assert_array_equal(target.values, rdm[::-1, ::-1])


def test_zarr_as_a_target(tmp_path):
    zarr = pytest.importorskip("zarr")
    zarr.save(tmp_path / "t.zarr", np.arange(6.0))
    np.testing.assert_array_equal(load_target(tmp_path / "t.zarr").values, np.arange(6))


def test_zarr_that_cannot_be_read(tmp_path):
    zarr_group(tmp_path / "g.zarr")
    with pytest.raises(ValueError, match=r"no array 'y'.*\n  x: \(4, 7\) float32"):
        load_features(tmp_path / "g.zarr", "y")
    zarr_array(tmp_path / "x.zarr")
    with pytest.raises(ValueError, match="one array without a name"):
        load_features(tmp_path / "x.zarr", "x")
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(ValueError, match=r"empty.zarr could not be read as .zarr"):
        load_features(tmp_path / "empty.zarr")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load_features(tmp_path / "no.zarr")


def test_zarr_is_an_extra(tmp_path, monkeypatch):
    (tmp_path / "x.zarr").mkdir()
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ImportError, match="pip install zarr"):
        load_features(tmp_path / "x.zarr")

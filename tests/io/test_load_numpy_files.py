import numpy as np
import pytest

from jaxprune.io import load_features, load_target, numpy_files

X = np.random.default_rng(0).random((4, 7))


def test_npy_round_trip(tmp_path):
    file = tmp_path / "x.npy"
    np.save(file, X.astype(np.float32))
    found = load_features(file)
    np.testing.assert_array_equal(found.values, X.astype(np.float32))
    assert found.values.dtype == np.float32
    assert found.labels is None
    assert found.source == str(file)
    assert load_features(str(file)).values.shape == X.shape


def test_large_npy_is_mapped(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", X)
    assert not isinstance(load_features(tmp_path / "x.npy").values, np.memmap)
    monkeypatch.setattr(numpy_files, "MAP_FROM_BYTES", 1)
    found = load_features(tmp_path / "x.npy").values
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, X)


def test_npy_takes_no_key(tmp_path):
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(ValueError, match=r"key 'a' .* leave the key out"):
        load_features(tmp_path / "x.npy", "a")


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_pickled_objects_are_refused(tmp_path, name):
    ragged = np.array([[1], [1, 2]], dtype=object)
    save = np.save if name.endswith("npy") else np.savez
    save(tmp_path / name, ragged)
    key = "arr_0" if name.endswith("npz") else None
    with pytest.raises(ValueError, match="Python objects"):
        load_features(tmp_path / name, key)


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_damaged_files(tmp_path, name):
    (tmp_path / name).write_bytes(b"not an array at all")
    with pytest.raises(ValueError, match=r"could not be read as .np."):
        load_features(tmp_path / name)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match=r"could not be read as .np."):
        load_features(tmp_path / name)


def test_truncated_npy(tmp_path):
    np.save(tmp_path / "x.npy", X)
    data = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(data[:-8])
    with pytest.raises(ValueError, match="could not be read"):
        load_features(tmp_path / "x.npy")


def test_truncated_npz(tmp_path):
    np.savez(tmp_path / "x.npz", x=X)
    data = (tmp_path / "x.npz").read_bytes()
    (tmp_path / "x.npz").write_bytes(data[:100])
    with pytest.raises(ValueError, match="could not be read"):
        load_features(tmp_path / "x.npz")


def test_npy_named_npz(tmp_path):
    np.save(tmp_path / "x.npy", X)
    (tmp_path / "x.npy").rename(tmp_path / "x.npz")
    with pytest.raises(ValueError, match="single array"):
        load_features(tmp_path / "x.npz")


@pytest.mark.parametrize("name", ["labels", "conditions", "condition_labels", "Labels"])
def test_npz_labels_are_no_choice(tmp_path, name):
    np.savez(tmp_path / "x.npz", x=X, **{name: ["a", "b", "c", "d"]})
    found = load_features(tmp_path / "x.npz")
    np.testing.assert_array_equal(found.values, X)
    assert found.labels == ("a", "b", "c", "d")
    assert found.source.endswith("x.npz [x]")


def test_npz_key_and_listing(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", a=X, b=X[:, :2], words=["a"], scalar=1.0)
    assert load_features(tmp_path / "x.npz", "b").values.shape == (4, 2)
    with pytest.raises(ValueError, match=r"2 arrays:\n  a: \(4, 7\) float64\n  b: "):
        load_features(tmp_path / "x.npz")
    with pytest.raises(ValueError, match=r"no array 'c'; .*\n  a: \(4, 7\)"):
        load_features(tmp_path / "x.npz", "c")


def test_npz_without_arrays(tmp_path):
    np.savez(tmp_path / "x.npz", words=["a", "b"])
    with pytest.raises(ValueError, match="no numeric array.*'words'"):
        load_features(tmp_path / "x.npz")


def test_npz_label_problems(tmp_path):
    np.savez(tmp_path / "x.npz", x=X, labels=["a", "b"])
    with pytest.raises(ValueError, match=r"2 labels, 'a', 'b', for 4 conditions"):
        load_features(tmp_path / "x.npz")
    np.savez(tmp_path / "x.npz", x=X, labels=np.array(["a", "b", "c", 1], object))
    with pytest.raises(ValueError, match=r"labels.*Python objects"):
        load_features(tmp_path / "x.npz")


def test_numbers_as_labels(tmp_path):
    np.savez(tmp_path / "x.npz", x=X, labels=[1.0, 2.0, 3.5, 10.0])
    assert load_features(tmp_path / "x.npz").labels == ("1", "2", "3.5", "10")


def test_a_matrix_called_conditions_is_an_array(tmp_path):
    np.savez(tmp_path / "x.npz", conditions=X)
    np.testing.assert_array_equal(load_features(tmp_path / "x.npz").values, X)


def test_labels_of_a_target(tmp_path):
    np.savez(tmp_path / "x.npz", rdm=np.arange(6.0), labels=list("abcd"))
    assert load_target(tmp_path / "x.npz").labels == ("a", "b", "c", "d")

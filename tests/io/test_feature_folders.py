"""Files as thingsvision and Net2Brain write them."""

import numpy as np
import pytest

from jaxprune.io import load_features, load_target

X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
FILES = ["things/dog_01.jpg", "things/cat_01.jpg", "things/owl.b.png", "things/ant.JPG"]
NAMES = ("dog_01", "cat_01", "owl.b", "ant")


def store(folder, kind, values=X, names=FILES):
    """What thingsvision.utils.storing.save_features writes."""
    if names is not None:
        (folder / "file_names.txt").write_text("\n".join(names) + "\n")
    if kind == "npy":
        np.save(folder / "features.npy", values)
    elif kind == "txt":
        np.savetxt(folder / "features.txt", values)
    elif kind == "hdf5":
        with pytest.importorskip("h5py").File(folder / "features.hdf5", "w") as file:
            file.create_dataset("features", data=values)
    elif kind == "pt":
        torch = pytest.importorskip("torch")
        torch.save(torch.from_numpy(values), folder / "features.pt")
    else:
        savemat = pytest.importorskip("scipy.io").savemat
        content = {"features": values}
        if names is not None:
            bare = [name.rpartition(".")[0] for name in names]
            content = dict(zip(bare, values, strict=True))
        savemat(folder / "features.mat", content)


@pytest.mark.parametrize("kind", ["npy", "txt", "hdf5", "pt", "mat"])
def test_thingsvision(tmp_path, kind):
    store(tmp_path, kind)
    found = load_features(tmp_path)
    np.testing.assert_allclose(found.values, X, rtol=0 if kind != "txt" else 1e-7)
    assert found.labels == NAMES
    assert load_features(tmp_path, labels="none").labels is None


@pytest.mark.parametrize("kind", ["npy", "mat"])
def test_thingsvision_without_names(tmp_path, kind):
    store(tmp_path, kind, names=None)
    found = load_features(tmp_path)
    np.testing.assert_array_equal(found.values, X)
    assert found.labels is None


def test_maps_are_flattened(tmp_path):
    maps = np.arange(4 * 24.0).reshape(4, 2, 3, 4)
    store(tmp_path, "npy", maps)
    found = load_features(tmp_path)
    np.testing.assert_array_equal(found.values, maps.reshape(4, -1))
    assert (found.shape, found.labels) == ((2, 3, 4), NAMES)


def test_folders_that_will_not_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="is a folder with no features.npy"):
        load_features(tmp_path)
    store(tmp_path, "npy", names=FILES[:3])
    with pytest.raises(ValueError, match="3 names for 4 rows of features.npy"):
        load_features(tmp_path)
    store(tmp_path, "txt")
    with pytest.raises(
        ValueError, match="a folder with 'features.npy', 'features.txt'"
    ):
        load_features(tmp_path)
    with pytest.raises(ValueError, match="has the suffix 'nothing'"):
        load_target(tmp_path)


@pytest.mark.parametrize("shape", [(6,), (1, 6), (1, 2, 3, 1), (2, 3, 1)])
def test_net2brain_layer(tmp_path, shape):
    arrays = {
        name.rpartition("/")[2]: row.reshape(shape)
        for name, row in zip(FILES, X, strict=True)
    }
    np.savez(tmp_path / "consolidated_features.0.npz", **arrays)
    found = load_features(tmp_path / "consolidated_features.0.npz")
    np.testing.assert_array_equal(found.values, X)
    assert found.labels == NAMES
    assert found.shape == ((2, 3, 1) if len(shape) > 2 else (6,))
    # One of several features, or of several RDMs, is not guessed.
    with pytest.raises(ValueError, match="holds 4 arrays"):
        load_target(tmp_path / "consolidated_features.0.npz")


def test_net2brain_file_an_image(tmp_path):
    for name, row in zip(NAMES, X, strict=True):
        np.savez(tmp_path / f"{name}.npz", layer1=row[None], layer2=row[None, :3])
    with pytest.raises(
        ValueError, match="with the layers 'layer1', 'layer2'; name one"
    ):
        load_features(tmp_path)
    found = load_features(tmp_path, "layer2")
    order = [NAMES.index(name) for name in found.labels]
    np.testing.assert_array_equal(found.values, X[order, :3])
    np.savez(tmp_path / "zebra.npz", layer2=X[:1, :2])
    with pytest.raises(ValueError, match=r"arrays of the shapes \(1, 3\), \(1, 2\)"):
        load_features(tmp_path, "layer2")


@pytest.mark.parametrize("kind", ["npz", "pt"])
def test_net2brain_rdm(tmp_path, kind):
    rdm, path = np.arange(6.0), tmp_path / f"RDM_features_0.{kind}"
    about = {"stimuli_name": list(NAMES), "layer_name": "f", "meta": {"distance": "p"}}
    if kind == "npz":
        np.savez(path, rdm=rdm, **about)
    else:
        torch = pytest.importorskip("torch")
        torch.save({"rdm": torch.from_numpy(rdm), **about}, path)
    found = load_target(path)
    np.testing.assert_array_equal(found.values, rdm)
    assert found.labels == NAMES


def test_what_torch_would_have_to_run(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"x": pytest.raises}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"could not be read as \.pt"):
        load_features(tmp_path / "x.pt")
    torch.save(torch.ones(3, 2, dtype=torch.bfloat16), tmp_path / "x.pt")
    assert load_features(tmp_path / "x.pt").values.dtype == np.float32
    with pytest.raises(ValueError, match="leave the key out"):
        load_features(tmp_path / "x.pt", "key")

"""Labels of files are used, or refused with a reason: never passed over."""

import numpy as np
import pytest

from jaxprune.io import align, how_matched, load_features, load_target

N = 5
NAMES = [f"c{i}" for i in range(N)]
X = np.random.default_rng(0).normal(size=(N, 8))
RDM = np.abs(np.subtract.outer(np.arange(N), np.arange(N))) ** 1.5
CALLED = pytest.mark.parametrize("name", ["labels", "Conditions", "condition_labels"])


def write(path, **arrays):
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".mat":
        pytest.importorskip("scipy.io").savemat(path, arrays)
    else:
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                text = np.asarray(array).dtype.kind in "OU"
                file.create_dataset(
                    name,
                    data=np.asarray(array, object) if text else array,
                    dtype=h5py.string_dtype() if text else None,
                )
    return path


@CALLED
@pytest.mark.parametrize(
    ("suffix", "labels", "message"),
    [
        (".npz", ["a", "b", "", "d", "e"], "label 2 .* is empty"),
        (".npz", [1.0, 2.0, np.nan, 4.0, 5.0], "label 2 .* is NaN"),
        (".npz", [["a", "b"]] * N, r"shape \(5, 2\)"),
        (".npz", ["a", "b", "c"], "3 labels, .* for 5 conditions"),
        (".mat", ["a", "b", "", "d", "e"], "label 2 .* is empty"),
        (".mat", ["a", "b", 3.0, "d", "e"], "label 2 .* mixed"),
        (".mat", ["a", "b", ["c", "d"], "d", "e"], "nothing in common"),
        (".mat", ["a", "b"], "2 labels, .* for 5 conditions"),
        (".h5", ["a", "b", "", "d", "e"], "label 2 .* is empty"),
        (".h5", [[1.0, 2.0]] * N, r"shape \(5, 2\)"),
    ],
)
@pytest.mark.parametrize("key", [None, "RDM"])
def test_unusable_labels_are_refused(tmp_path, name, suffix, labels, message, key):
    if suffix == ".mat":
        cells = np.empty(len(labels), object)
        cells[:] = labels
        labels = cells
    path = write(tmp_path / f"x{suffix}", RDM=RDM, **{name: labels})
    if key is None and np.ndim(labels) == 2 and suffix == ".h5":
        key = "RDM"
    with pytest.raises(ValueError, match=message) as caught:
        load_target(path, key)
    assert "labels='none'" in str(caught.value) or "cell array" in str(caught.value)
    found = load_target(path, "RDM", labels="none")
    assert found.labels is None
    np.testing.assert_array_equal(found.values, RDM)


@pytest.mark.parametrize("suffix", [".npz", ".mat", ".h5"])
def test_texts_of_another_name_are_named(tmp_path, suffix):
    path = write(tmp_path / f"x{suffix}", RDM=RDM, stimuli=np.array(NAMES, object))
    if suffix == ".npz":
        path = write(path, RDM=RDM, stimuli=NAMES)
    found = load_target(path)
    assert found.labels is None
    assert dict(found.texts) == {"stimuli": N}
    features = load_target(path, labels="stimuli")
    assert features.labels == tuple(NAMES)
    bare = load_features(write(tmp_path / "f.npz", x=X))
    how = how_matched(*align(bare, found))
    assert how.startswith("assumed to be in the same order; ")
    assert "5 texts in 'stimuli'" in how
    assert "--target-labels" in how
    with pytest.raises(ValueError, match="no array 'names' to take labels from"):
        load_target(path, labels="names")


def test_nested_texts(tmp_path):
    """CoSMoMVPA keeps labels in sa.labels, Meadows in stimuli beside rdmutv."""
    savemat = pytest.importorskip("scipy.io").savemat
    cells = np.array(NAMES, object)[:, None]
    savemat(tmp_path / "c.mat", {"ds": {"samples": X, "sa": {"labels": cells}}})
    assert load_features(tmp_path / "c.mat", "ds.samples").texts == {}
    found = load_features(tmp_path / "c.mat", "ds.samples", labels="ds.sa.labels")
    assert found.labels == tuple(NAMES)


def test_labels_that_contradict_each_other(tmp_path):
    path = write(tmp_path / "x.npz", RDM=RDM, labels=NAMES, conditions=np.arange(N))
    with pytest.raises(ValueError, match="labels in several arrays, which differ"):
        load_target(path, "RDM")
    assert load_target(path, "RDM", labels="labels").labels == tuple(NAMES)
    write(path, RDM=RDM, labels=NAMES, conditions=NAMES)
    assert load_target(path, "RDM").labels == tuple(NAMES)


def test_no_labels_in_one_array(tmp_path):
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(ValueError, match="labels='names' was given, but this is one"):
        load_features(tmp_path / "x.npy", labels="names")
    assert load_features(tmp_path / "x.npy", labels="none").labels is None

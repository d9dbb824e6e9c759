import pickle

import numpy as np
import pytest

from jaxprune.io import align, load_features, load_target

rsatoolbox = pytest.importorskip("rsatoolbox")

VECTORS = np.arange(12.0).reshape(2, 6)
CONDS = ["c1", "c10", "c2", "c3"]


def make_rdms(**descriptors):
    return rsatoolbox.rdm.RDMs(VECTORS, "made up", pattern_descriptors=descriptors)


@pytest.mark.parametrize("as_file", [False, True])
def test_object_and_file(tmp_path, as_file):
    target = make_rdms(category=["x", "x", "y", "y"], number=[1, 2, 3, 4], conds=CONDS)
    if as_file:
        target.save(str(tmp_path / "rdms.h5"))
        target = tmp_path / "rdms.h5"
    found = load_target(target)
    np.testing.assert_array_equal(found.values, VECTORS)
    assert found.labels == tuple(CONDS)
    assert "'conds'" in found.source
    assert load_target(target, "number").labels == ("1", "2", "3", "4")
    with pytest.raises(ValueError, match=r"no descriptor 'words'.*'category'"):
        load_target(target, "words")


@pytest.mark.parametrize("as_file", [False, True])
def test_without_labels(tmp_path, as_file):
    target = make_rdms()
    if as_file:
        target.save(str(tmp_path / "rdms.hdf5"))
        target = tmp_path / "rdms.hdf5"
    found = load_target(target)
    assert found.labels is None
    assert "no descriptor with labels" in found.source


def test_single_rdm_is_no_stack():
    rdms = rsatoolbox.rdm.RDMs(VECTORS[:1])
    np.testing.assert_array_equal(load_target(rdms).values, VECTORS[0])


def test_reordering_of_calc_rdm_is_undone(tmp_path):
    conds = ["c10", "c2", "c1", "c3"]
    x = np.random.default_rng(0).random((4, 9))
    data = rsatoolbox.data.Dataset(x, obs_descriptors={"c": conds})
    target = rsatoolbox.rdm.calc_rdm(data, method="correlation", descriptor="c")
    np.savez(tmp_path / "x.npz", x=x, labels=conds)
    features, aligned = align(load_features(tmp_path / "x.npz"), load_target(target))
    assert target.pattern_descriptors["c"] != conds
    assert aligned.labels == features.labels
    expected = 1 - np.corrcoef(x)[np.triu_indices(4, 1)]
    np.testing.assert_allclose(aligned.values, expected, rtol=0, atol=1e-14)


def test_dataset_file(tmp_path):
    x = np.random.default_rng(0).random((4, 9))
    rsatoolbox.data.Dataset(x, obs_descriptors={"c": CONDS}).save(
        str(tmp_path / "data.h5"), file_type="hdf5"
    )
    found = load_features(tmp_path / "data.h5")
    np.testing.assert_array_equal(found.values, x)
    assert found.labels == tuple(CONDS)


def test_pickle_is_refused(tmp_path):
    (tmp_path / "rdms.pkl").write_bytes(pickle.dumps(make_rdms().to_dict()))
    with pytest.raises(ValueError, match="pickle from a stranger runs"):
        load_target(tmp_path / "rdms.pkl")

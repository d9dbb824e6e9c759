import struct

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from jaxprune.io import load_features, load_target

RNG = np.random.default_rng(0)
X = RNG.random((4, 7))
RDM = RNG.random((4, 4))
RDM = RDM + RDM.T


def write_mat73(path, fill):
    with h5py.File(path, "w", userblock_size=512) as file:
        fill(file)
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512))


def put_text(file, name, text):
    codes = np.array([[ord(c)] for c in text], np.uint16)
    file[name] = codes
    file[name].attrs["MATLAB_class"] = np.bytes_("char")
    return file[name].ref


def put_cells(file, name, references):
    kind = h5py.special_dtype(ref=h5py.Reference)
    cells = file.create_dataset(name, (1, len(references)), dtype=kind)
    for i, reference in enumerate(references):
        cells[0, i] = reference
    return cells


def test_v5_nested_key_and_cellstr_labels(tmp_path):
    file = tmp_path / "x.mat"
    labels = np.array(["a", "bb", "c", "d"], dtype=object)
    areas = {"VO1": RDM * 2, "VO2": RDM, "labels": labels}
    savemat(file, {"RDM": areas, "n": 3.0})
    found = load_target(file, "RDM.VO2")
    np.testing.assert_array_equal(found.values, RDM)
    assert found.labels == ("a", "bb", "c", "d")
    np.testing.assert_array_equal(load_target(file, "RDM/VO1").values, RDM * 2)
    with pytest.raises(ValueError, match=r"RDM\.VO1: \(4, 4\) float64\n  RDM\.VO2"):
        load_target(file)
    with pytest.raises(ValueError, match=r"no array 'RDM\.V1'"):
        load_target(file, "RDM.V1")


def test_v5_padded_character_labels(tmp_path):
    savemat(tmp_path / "x.mat", {"x": X, "labels": ["a", "bbb", "cc", "d"]})
    assert load_features(tmp_path / "x.mat").labels == ("a", "bbb", "cc", "d")


def test_v5_array_of_structs_is_stacked(tmp_path):
    structs = np.array(
        [[(RDM, "s1"), (RDM + 2, "s1b")], [(RDM + 1, "s2"), (RDM + 3, "s2b")]],
        dtype=[("RDM", object), ("name", object)],
    )
    savemat(tmp_path / "x.mat", {"RDMs": structs})
    found = load_target(tmp_path / "x.mat", "RDMs.RDM").values
    np.testing.assert_allclose(found, RDM + np.arange(4)[:, None, None])


def test_v5_row_vector(tmp_path):
    savemat(tmp_path / "x.mat", {"pdist": np.arange(6.0)[None]})
    np.testing.assert_array_equal(load_target(tmp_path / "x.mat").values, np.arange(6))


def test_stack_with_targets_last(tmp_path):
    stack = np.stack([RDM, RDM + 1, RDM + 2])
    savemat(tmp_path / "x.mat", {"rdms": np.moveaxis(stack, 0, 2)})
    np.testing.assert_array_equal(load_target(tmp_path / "x.mat").values, stack)


@pytest.mark.parametrize("missing", [0.0, np.nan])
def test_as_many_targets_as_conditions(tmp_path, missing):
    stack = RDM + np.arange(4.0)[:, None, None] ** 2
    stack[0, 1, 2] = stack[0, 2, 1] = missing
    savemat(tmp_path / "last.mat", {"rdms": np.moveaxis(stack, 0, 2)})
    savemat(tmp_path / "first.mat", {"rdms": stack})
    for name in ("last.mat", "first.mat"):
        np.testing.assert_array_equal(load_target(tmp_path / name).values, stack)


def test_v5_complex_and_damaged(tmp_path):
    savemat(tmp_path / "x.mat", {"x": X + 1j})
    with pytest.raises(ValueError, match=r"complex128.*real part"):
        load_features(tmp_path / "x.mat")
    (tmp_path / "x.mat").write_bytes(b"nothing" * 100)
    with pytest.raises(ValueError, match=r"could not be read as \.mat"):
        load_features(tmp_path / "x.mat")


def test_v73_orientation_nested_key_and_labels(tmp_path):
    def fill(file):
        file["RDM/VO2"] = RDM.T
        file["RDM/x"] = X.T
        names = [put_text(file, f"#refs#/{t}", t) for t in ("a", "bb", "c", "d")]
        put_cells(file, "RDM/labels", names).attrs["MATLAB_class"] = np.bytes_("cell")

    file = tmp_path / "x.mat"
    write_mat73(file, fill)
    found = load_features(file, "RDM.x")
    np.testing.assert_array_equal(found.values, X)
    assert found.labels == ("a", "bb", "c", "d")
    np.testing.assert_array_equal(load_target(file, "RDM.VO2").values, RDM)
    with pytest.raises(ValueError, match=r"RDM\.VO2: \(4, 4\).*\n  RDM\.x: \(4, 7\)"):
        load_features(file)


def test_v73_struct_array_complex_and_padded_text(tmp_path):
    def fill(file):
        for i in range(3):
            file[f"#refs#/{i}"] = RDM.T + i
        put_cells(file, "RDMs/RDM", [file[f"#refs#/{i}"].ref for i in range(3)])
        pair = np.dtype([("real", float), ("imag", float)])
        file["z"] = np.zeros((7, 4), pair)
        rows = np.array([[ord(c) for c in row] for row in ("a  ", "bbb", "c  ", "d  ")])
        file["labels"] = rows.T.astype(np.uint16)
        file["labels"].attrs["MATLAB_class"] = np.bytes_("char")

    write_mat73(tmp_path / "x.mat", fill)
    found = load_target(tmp_path / "x.mat", "RDMs.RDM")
    np.testing.assert_array_equal(found.values, RDM + np.arange(3)[:, None, None])
    assert found.labels == ("a", "bbb", "c", "d")
    with pytest.raises(ValueError, match="complex128"):
        load_features(tmp_path / "x.mat", "z")


def test_v73_row_of_pairs(tmp_path):
    write_mat73(
        tmp_path / "x.mat",
        lambda file: file.create_dataset("d", data=np.arange(6.0)[:, None]),
    )
    np.testing.assert_array_equal(load_target(tmp_path / "x.mat").values, np.arange(6))


def mat5(kind, body):
    return struct.pack("<II", kind, len(body)) + body + b"\0" * (-len(body) % 8)


def test_v5_labels_of_class_string(tmp_path):
    """What MATLAB writes for ``labels = ["a" "b"]``; SciPy cannot write it."""
    numbers = mat5(6, struct.pack("<6I", 0xDD000000, 2, 1, 1, 1, 1))
    shape = mat5(5, struct.pack("<ii", 1, 6))
    content = mat5(6, struct.pack("<II", 13, 0)) + shape + mat5(1, b"") + numbers
    names = b"".join(mat5(1, name) for name in (b"labels", b"MCOS", b"string"))
    flags = mat5(6, struct.pack("<II", 17, 0))
    path = tmp_path / "x.mat"
    savemat(path, {"RDMs": RDM})
    with path.open("ab") as file:
        file.write(mat5(14, flags + names + mat5(14, content)))
    with pytest.raises(ValueError, match=r"class string.* labels = cellstr\(labels\)"):
        load_target(path)


def test_v73_labels_of_class_string(tmp_path):
    def fill(file):
        file["RDMs"] = RDM
        file["labels"] = np.array([[0xDD000000, 2, 1, 1, 1, 1]], np.uint32)
        file["labels"].attrs["MATLAB_class"] = np.bytes_("string")
        file["labels"].attrs["MATLAB_object_decode"] = np.int32(3)

    write_mat73(tmp_path / "x.mat", fill)
    with pytest.raises(ValueError, match=r"class string.* labels = cellstr\(labels\)"):
        load_target(tmp_path / "x.mat")

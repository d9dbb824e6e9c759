"""Files taken for weights: what is read of them, and what is said of others."""

import gzip
import json
import struct
from argparse import Namespace

import numpy as np
import pytest
from safetensors.numpy import save_file

import jaxprune_ports as jpp
from jaxprune.cli import main
from jaxprune_ports.weights.files import read

SHAPES = {
    "conv1": (5, 3, 3, 3),
    "conv2": (7, 5, 3, 3),
    "conv3": (12, 7, 3, 3),
    "fc": (10, 108),
}
UNREAD = "could not be read; is it complete"


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    kernels = {f"{k}.weight": rng.normal(size=shape) for k, shape in SHAPES.items()}
    biases = {f"{k}.bias": rng.normal(size=shape[0]) for k, shape in SHAPES.items()}
    return {k: v.astype(np.float32) for k, v in {**kernels, **biases}.items()}


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="writes .pth files")


@pytest.fixture
def tensors(torch, arrays):
    return {k: torch.from_numpy(v) for k, v in arrays.items()}


def bias(net):
    return np.asarray(net.fc.bias[...])


def refused(path, match):
    with pytest.raises(ValueError, match=match) as error:
        jpp.from_torch("student108", path)
    assert "\x1b" not in str(error.value)


@pytest.mark.parametrize("zipped", [True, False])
def test_numbers_of_numpy_beside_the_weights(tmp_path, torch, tensors, zipped):
    path = tmp_path / "x.pth"
    beside = {
        "best": np.float64(0.7),
        "epoch": np.int64(3),
        "done": np.bool_(True),
        "name": np.str_("é"),
    }
    content = {"state_dict": tensors, **beside}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert {k: read(path)[k] for k in beside} == beside
    np.testing.assert_array_equal(
        bias(jpp.from_torch("student108", path)), tensors["fc.bias"]
    )


@pytest.mark.parametrize(
    ("beside", "named"),
    [
        (Namespace(lr=1), r"\(argparse.Namespace\)"),
        (np.array([None], object), r"\(arrays of NumPy\)"),
    ],
)
def test_objects_beside_the_weights(tmp_path, torch, tensors, beside, named):
    torch.save({"state_dict": tensors, "beside": beside}, tmp_path / "x.pth")
    refused(tmp_path / "x.pth", f"x.pth .*{named}")


def test_whole_networks_and_programs(tmp_path, torch, capsys):
    torch.save({"model": torch.nn.Linear(2, 2)}, tmp_path / "x.pth")
    refused(tmp_path / "x.pth", r"torch.nn.modules.linear.Linear\) .* its state_dict")
    assert main(["convert", "student108", str(tmp_path / "x.pth"), "--out", "c"]) == 2
    assert "\x1b" not in capsys.readouterr().err
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        torch.jit.script(torch.nn.Linear(2, 2)).save(tmp_path / "x.pt")
    refused(tmp_path / "x.pt", r"TorchScript program.*torch.jit.load\(FILE\)")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda t: t.bfloat16(), None),
        (lambda t: t.half(), None),
        (lambda t: t.double(), None),
        (lambda t: t.to_sparse(), None),
        (lambda t: t * 1j, "fc.bias is complex"),
        (lambda t: t.to("meta"), "fc.bias has a shape and no values"),
        (
            lambda t: t.to(dtype=t.int().dtype),
            "type: fc.bias is int32, expected floats",
        ),
        (lambda t: t > 0, "type: fc.bias is bool, expected floats"),
        (lambda t: t * float("nan"), "not finite: fc.bias holds NaN"),
        (lambda t: t.double() * 1e300, "not finite: fc.bias holds NaN or infinite"),
    ],
)
def test_kinds_of_tensors(tmp_path, torch, tensors, change, match):
    changed = change(tensors["fc.bias"])
    torch.save({**tensors, "fc.bias": changed}, tmp_path / "x.pth")
    if match:
        refused(tmp_path / "x.pth", match)
    else:
        net = jpp.from_torch("student108", tmp_path / "x.pth")
        np.testing.assert_array_equal(bias(net), changed.float().to_dense())


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_quantised_tensors_are_named(torch, tensors):
    small = torch.quantize_per_tensor(tensors["fc.weight"], 0.1, 0, torch.qint8)
    refused({**tensors, "fc.weight": small}, "fc.weight is quantised .torch.qint8")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda a: a * 1j, "fc.bias is complex"),
        (lambda a: a.astype(np.int8), "type: fc.bias is int8"),
        (lambda a: np.ma.masked_less(a, 0), "fc.bias is masked"),
        (lambda a: a.astype(object), "fc.bias is a ndarray, expected an array of num"),
        (lambda a: a.astype(str), "fc.bias is a ndarray, expected an array of numbers"),
    ],
)
def test_kinds_of_arrays(arrays, change, match):
    refused({**arrays, "fc.bias": change(arrays["fc.bias"])}, match)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", f"{UNREAD}. It is empty"),
        (b"\0" * 999, UNREAD),
        (b"\n<!DOCTYPE html><html>login</html>", "is a web page"),
        (b"<html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "is a pointer of git-lfs"),
        (gzip.compress(b"x", mtime=0), r"is compressed \(gzip\); unpack"),
        (b"\x89HDF\r\n\x1a\n", "is an HDF5 file"),
    ],
)
def test_what_is_no_file_of_weights(tmp_path, torch, content, match):
    for suffix in ("pth", "safetensors"):
        path = tmp_path / f"x.{suffix}"
        path.write_bytes(content)
        refused(path, f"weights: .*x.{suffix} {match}")


def test_files_cut_anywhere(tmp_path, torch, tensors, arrays):
    torch.save(tensors, tmp_path / "x.pth")
    save_file(arrays, tmp_path / "x.safetensors")
    for path in (tmp_path / "x.pth", tmp_path / "x.safetensors"):
        whole = path.read_bytes()
        for share in (0.01, 0.5, 0.99):
            path.write_bytes(whole[: int(share * len(whole))])
            refused(path, UNREAD)


def test_suffixes_that_are_mistaken(tmp_path, torch, tensors, arrays):
    torch.save(tensors, tmp_path / "x.safetensors")
    refused(tmp_path / "x.safetensors", "file of PyTorch by its content; rename it to")
    save_file(arrays, tmp_path / "y.safetensors")
    (tmp_path / "y.safetensors").rename(tmp_path / "y.pth")
    refused(tmp_path / "y.pth", "a safetensors file by its content; rename it to")


@pytest.mark.parametrize(
    ("kind", "size", "match"),
    [
        ("F8_E4M3", 1, r"fc.bias of .* has values of type F8_E4M3, which cannot"),
        ("C64", 8, "fc.bias is complex"),
        ("Q9", 1, UNREAD),
    ],
)
def test_types_of_safetensors(tmp_path, kind, size, match):
    entry = {"dtype": kind, "shape": [4], "data_offsets": [0, 4 * size]}
    header = json.dumps({"fc.bias": entry}).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\1" * 4 * size)
    refused(path, match)


def test_long_lists_are_counted(arrays):
    others = {f"features.{i}": np.zeros(3, np.float32) for i in range(1000)}
    with pytest.raises(ValueError, match="does not fit") as error:
        jpp.from_torch("student108", arrays | others)
    lines = str(error.value).splitlines()
    assert len(lines) == 12
    assert lines[1] == "  unexpected: features.0 (3,)"
    assert lines[-1] == "  unexpected: 990 more"

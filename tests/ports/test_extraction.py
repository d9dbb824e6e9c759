import json
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from dataclasses import replace

import h5py
import numpy as np
import pytest
from PIL import Image

import jaxprune_ports as jpp
from jaxprune.base.machine import machine_memory
from jaxprune.io import load_features
from jaxprune_ports.extraction import state

PLAIN = jpp.Preprocessing(None, None)
LAYERS = ("V4", "IT", "logits")
CONDITION = ["c", "a", "b", "b", "c", "a", "a", "d", "b", "a", "c"]


@pytest.fixture(scope="module")
def net():
    return jpp.create("cornet_z", seed=3)


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (11, 64, 64, 3), np.uint8)


@pytest.fixture(scope="module")
def every(net, pixels):
    """Activations of every image."""
    return jpp.activations(net, pixels, LAYERS, preprocessing=PLAIN)


@pytest.fixture
def folder(tmp_path, pixels):
    """The images as files, in folders."""
    for i, (image, label) in enumerate(zip(pixels, CONDITION, strict=True)):
        path = tmp_path / "images" / label / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return tmp_path / "images"


@pytest.fixture
def extract(net):
    def run(images, conditions=CONDITION, **options):
        options = {"layers": LAYERS, "preprocessing": PLAIN, "batch_size": 4} | options
        return jpp.extract(net, images, conditions, **options)

    return run


def expect_means_of(found, every, condition, m2=False):
    groups = [np.equal(condition, label) for label in found.conditions.labels]
    for layer, value in found.features.items():
        assert value.dtype == np.float64
        rows = [every[layer][group].astype(float) for group in groups]
        means = np.stack([row.mean(0) for row in rows])
        np.testing.assert_allclose(value, means, rtol=1e-4, atol=1e-6)
        if m2:
            squares = np.stack([((row - row.mean(0)) ** 2).sum(0) for row in rows])
            np.testing.assert_allclose(found.m2[layer], squares, rtol=1e-3, atol=1e-6)


def same(one, other):
    assert one.conditions.labels == other.conditions.labels
    np.testing.assert_array_equal(one.count, other.count)
    for layer, value in one.features.items():
        np.testing.assert_array_equal(value, other.features[layer])
        if one.m2:
            np.testing.assert_array_equal(one.m2[layer], other.m2[layer])


@pytest.mark.parametrize("batch_size", [1, 4, 11, 32])
def test_means_and_squares_are_those_of_activations(extract, pixels, every, batch_size):
    found = extract(pixels, moments=True, batch_size=batch_size)
    assert found.conditions.labels == ("c", "a", "b", "d")
    assert found.count.tolist() == [3, 4, 3, 1]
    assert found.n_images == 11
    assert tuple(found.features) == LAYERS
    assert found.shapes == {"V4": (256, 4, 4), "IT": (512, 2, 2), "logits": (1000,)}
    expect_means_of(found, every, CONDITION, m2=True)


def test_folders(extract, folder, every):
    found = extract(folder, None)
    assert found.conditions.labels == ("a", "b", "c", "d")
    assert found.conditions.origin == "folder names"
    assert found.images == str(folder)
    assert found.m2 is None
    expect_means_of(found, every, CONDITION)


def test_units_are_where_they_are_in_the_network(net, extract, pixels):
    found = extract(pixels[:1], ["x"], layers=["V4", "logits"])
    table = found.units("V4")
    assert table.shape == (4096, 3)
    assert table[:2].tolist() == [[0, 0, 0], [0, 0, 1]]
    raw = np.asarray(net(PLAIN(pixels[:1]))[1]["V4"])
    channel, y, x = table[1234]
    assert (channel * 4 + y) * 4 + x == 1234
    np.testing.assert_allclose(found.features["V4"][0, 1234], raw[0, y, x, channel])
    assert found.units("logits")[-1].tolist() == [999, 0, 0]
    with pytest.raises(ValueError, match="'IT' was not extracted; expected one of V4"):
        found.units("IT")


def test_file_of_features(tmp_path, extract, pixels):
    out = tmp_path / "new" / "features.h5"
    found = extract(pixels, moments=True, out=out)
    assert os.listdir(out.parent) == ["features.h5"]
    loaded = load_features(out, "V4")
    assert loaded.labels == ("c", "a", "b", "d")
    np.testing.assert_array_equal(loaded.values, found.features["V4"])
    with h5py.File(out) as file:
        np.testing.assert_array_equal(file["count"], found.count)
        np.testing.assert_array_equal(file["moments/IT"], found.m2["IT"])
        assert file["IT"].attrs["shape"].tolist() == [512, 2, 2]
        assert file["IT"].attrs["network"] == file.attrs["network"] == "cornet_z"
        assert file.attrs["weights"] == "untrained, seed 3"
        assert file.attrs["weights_seed"] == 3
        assert json.loads(file.attrs["preprocessing"])["size"] is None
        assert json.loads(file.attrs["skipped"]) == []
    assert found.save(tmp_path / "again.hdf5").read_bytes() == out.read_bytes()


def test_whole_activations(tmp_path, extract, folder, every):
    out = tmp_path / "features.h5"
    (folder / "b" / "8.png").write_bytes(b"nonsense")
    with pytest.warns(UserWarning, match="1 of 11 images could not be read.*'b/8.png'"):
        extract(folder, None, out=out, whole=True, on_error="skip")
    assert sorted(os.listdir(tmp_path)) == ["features.h5", "images"]
    with h5py.File(out) as file:
        names = file["images"].asstr()[()]
        assert len(names) == 10
        for layer in LAYERS:
            rows = file[f"activations/{layer}"]
            assert rows.chunks is not None
            assert rows.dtype == np.float32
            expected = [every[layer][int(name[2:-4])] for name in names]
            np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-6)


def test_units_that_are_not_finite_are_said(pixels):
    net = jpp.create("student108")
    net.fc.bias[...] = net.fc.bias[...].at[3].set(np.nan)
    small = jpp.Preprocessing(32, None)
    with pytest.warns(UserWarning, match="units of 'logits' respond with NaN or inf"):
        found = jpp.extract(net, pixels, CONDITION, ["logits"], preprocessing=small)
    assert np.isnan(found.features["logits"]).sum() == 4


def test_broken_images_stop_or_are_skipped(extract, folder, every):
    path = folder / "a" / "5.png"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r'5.png could not be read.*on_error="skip"'):
        extract(folder, None)
    with pytest.warns(UserWarning, match="1 of 11 images could not be read"):
        found = extract(folder, None, on_error="skip", moments=True)
    ((name, reason),) = found.skipped
    assert name == "a/5.png"
    assert "could not be read" in reason
    assert found.n_images == len(found.conditions.index) == 10
    assert found.count.tolist() == [3, 3, 3, 1]
    rest = np.arange(11) != 5
    kept = {layer: rows[rest] for layer, rows in every.items()}
    expect_means_of(found, kept, np.array(CONDITION)[rest], m2=True)


def test_conditions_do_not_lose_all_their_images(extract, folder):
    (folder / "d" / "7.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"no image can be read of 'd' .*7.png could"):
        extract(folder, None, on_error="skip")


def test_images_of_several_sizes(extract, folder):
    Image.new("RGB", (64, 80)).save(folder / "b" / "8.png")
    with pytest.raises(ValueError, match=r"b/8.png .* has 64 x 80 .* before have 64 x"):
        extract(folder, None, on_error="skip")


def stop_at(images, row, error=KeyboardInterrupt):
    def read(i):
        if i == row:
            raise error
        return images.reader(i)

    return replace(images, reader=read)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_runs_go_on(tmp_path, extract, folder, every, whole, error):
    images = jpp.open_images(folder)
    options = {"conditions": None, "moments": True, "whole": whole}
    expected = extract(images, **(options | {"whole": False}))
    out = tmp_path / "features.h5"
    with pytest.raises(error):
        extract(stop_at(images, 9, error), out=out, **options)
    assert not out.exists()
    assert (tmp_path / "features.h5.part").exists()
    assert not [t for t in threading.enumerate() if t.name.startswith("decode")]
    read = []
    watched = replace(images, reader=lambda i: read.append(i) or images.reader(i))
    found = extract(watched, out=out, **options)
    assert found.resumed == 4
    assert sorted(read) == [*range(4, 11)]
    same(found, expected)
    assert sorted(os.listdir(tmp_path)) == ["features.h5", "images"]
    if whole:
        with h5py.File(out) as file:
            order = [int(name[2:-4]) for name in images.names]
            rows = file["activations/V4"]
            np.testing.assert_allclose(rows, every["V4"][order], 1e-4, 1e-6)


def test_what_is_skipped_stays_skipped(tmp_path, extract, folder):
    (folder / "a" / "5.png").write_bytes(b"")
    images = jpp.open_images(folder)
    out = tmp_path / "features.h5"
    with pytest.raises(KeyboardInterrupt):
        extract(stop_at(images, 10), None, out=out, on_error="skip")
    with pytest.warns(UserWarning, match="1 of 11"):
        found = extract(images, None, out=out, on_error="skip")
    assert found.resumed == 4
    assert [name for name, _ in found.skipped] == ["a/5.png"]
    with pytest.warns(UserWarning, match="1 of 11"):
        same(found, extract(images, None, on_error="skip"))


def test_a_repaired_image_does_not_start_again(tmp_path, extract, folder, pixels):
    out, path = tmp_path / "features.h5", folder / "d" / "7.png"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"7.png could not be read"):
        extract(folder, None, out=out)
    Image.fromarray(pixels[7]).save(path)
    found = extract(folder, None, out=out)
    assert found.resumed == 4
    same(found, extract(folder, None))


CHANGES = {
    "layers": {"layers": ["IT"]},
    "preprocessing": {"preprocessing": jpp.CAFFE},
    "labels": {"conditions": "image"},
    "moments": {"moments": True},
    "whole": {"whole": True},
}


@pytest.mark.parametrize("name", CHANGES)
def test_other_settings_start_again(tmp_path, extract, pixels, name):
    out = tmp_path / "features.h5"
    with pytest.raises(KeyboardInterrupt):
        extract(stop_at(jpp.open_images(pixels), 9), layers=["V4"], out=out)
    options = {"layers": ["V4"], "out": out} | CHANGES[name]
    with pytest.warns(UserWarning, match=rf"made with other settings \({name}\)"):
        found = extract(pixels, **options)
    assert found.resumed == 0
    # Hours of work may be in it.
    assert len(list((tmp_path / "features.h5.part").iterdir())) == 1


def test_other_images_or_weights_start_again(tmp_path, extract, pixels):
    out = tmp_path / "features.h5"

    def interrupt():
        with pytest.raises(KeyboardInterrupt):
            extract(stop_at(jpp.open_images(pixels), 9), out=out, layers=["IT"])

    interrupt()
    with pytest.warns(UserWarning, match="other images or conditions; starting from"):
        found = extract(255 - pixels, out=out, layers=["IT"])
    same(found, extract(255 - pixels, layers=["IT"]))
    interrupt()
    other = jpp.create("cornet_z", seed=4)
    with pytest.warns(UserWarning, match=r"other settings \(weights\)"):
        jpp.extract(other, pixels, CONDITION, ["IT"], preprocessing=PLAIN, out=out)
    interrupt()
    (kept,) = (tmp_path / "features.h5.part").iterdir()
    kept.write_bytes(b"nonsense")
    with pytest.warns(UserWarning, match="features.h5.part.* is damaged"):
        extract(pixels, out=out, layers=["IT"])


KILLED = """
import os, signal, sys
import numpy as np
import jaxprune_ports as jpp
from dataclasses import replace
from jaxprune_ports.extraction import rows, state
state.EVERY = 0
images = jpp.open_images(sys.argv[1])
write = rows.Rows.write

def die(self, first, values):
    write(self, first, values)
    if first == 8:
        os.kill(os.getpid(), signal.SIGKILL)

rows.Rows.write = die
jpp.extract(
    jpp.create("cornet_z", seed=3), images, None, ("V4", "IT", "logits"), whole=True,
    preprocessing=jpp.Preprocessing(None, None), batch_size=4, out=sys.argv[2],
)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_runs_go_on(tmp_path, extract, folder, every):
    out = tmp_path / "features.h5"
    command = [sys.executable, "-c", KILLED, str(folder), str(out)]
    run = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert run.returncode == -signal.SIGKILL
    found = extract(folder, None, whole=True, out=out)
    assert found.resumed in (4, 8)  # saving takes a tenth of the time at most
    # Not bit-equal: the tests fake several devices, the other process has one.
    expect_means_of(found, every, CONDITION)
    with h5py.File(out) as file:
        order = [int(name[2:-4]) for name in file["images"].asstr()]
        rows = file["activations/V4"]
        np.testing.assert_allclose(rows, every["V4"][order], 1e-4, 1e-6)


def test_work_is_saved_from_time_to_time(tmp_path, extract, pixels, monkeypatch):
    saved = []
    monkeypatch.setattr(state, "EVERY", 0)
    monkeypatch.setattr(
        state.KeptState, "save", lambda _, found: saved.append(found.done)
    )
    extract(pixels, out=tmp_path / "x.h5")
    assert saved == [4, 8, 11]


def test_memory_does_not_grow_with_the_images(extract):
    n = 300
    images = jpp.open_images(np.zeros((1, 64, 64, 3), np.uint8))
    many = replace(
        images, names=tuple(map(str, range(n))), reader=lambda i: images.reader(0)
    )
    options = {"layers": ["V1"], "batch_size": 4}
    extract(images, ["x"], **options)
    tracemalloc.start()
    found = extract(many, [i % 2 for i in range(n)], **options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.count.tolist() == [150, 150]
    assert peak < n * found.features["V1"].shape[1] * 4 / 3


def test_means_have_to_fit_in_memory(extract, pixels, monkeypatch):
    assert machine_memory() > 2**28
    monkeypatch.setattr(
        "jaxprune_ports.extraction.extract.machine_memory", lambda: 1000
    )
    with pytest.raises(
        ValueError, match="means of 4 conditions take 0.0 GiB in IT, and"
    ):
        extract(pixels, layers="IT")


def test_progress_counts_images(extract, pixels, capsys):
    extract(pixels, layers="IT", progress=True)
    assert "11/11" in capsys.readouterr().err


def test_options_are_checked(tmp_path, net, extract, pixels):
    with pytest.raises(
        ValueError, match="on_error: expected 'stop' or 'skip', got 'x'"
    ):
        extract(pixels, on_error="x")
    with pytest.raises(ValueError, match="whole: .* give out"):
        extract(pixels, whole=True)
    with pytest.raises(ValueError, match=r"out: .*x.npz ends in '.npz'; expected .h5"):
        extract(pixels, out=tmp_path / "x.npz")
    with pytest.raises(ValueError, match=r"layers: .*'V3'"):
        extract(pixels, layers=["V3"])
    with pytest.raises(ValueError, match="batch_size: expected at least 1"):
        extract(pixels, batch_size=0)
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file["x"] = pixels
    with pytest.raises(ValueError, match=r"images.h5 holds the images; give another"):
        extract(tmp_path / "images.h5", out=tmp_path / "images.h5")


def test_files_of_others_are_never_replaced(tmp_path, extract, pixels):
    out = tmp_path / "mine.h5"
    with h5py.File(out, "w") as file:
        file["precious"] = [1, 2]
    before = out.read_bytes()
    with pytest.raises(FileExistsError, match=r"mine\.h5 exists, and is no file of fe"):
        extract(pixels, out=out)
    assert out.read_bytes() == before
    out.write_text("not even HDF5")
    with pytest.raises(FileExistsError, match=r"mine\.h5 exists"):
        extract(pixels, out=out)
    out.unlink()
    for layer in ("IT", "V4"):
        extract(pixels, layers=[layer], out=out)
        assert load_features(out).source.endswith(f"[{layer}]")


def test_places_that_cannot_be_written_cost_no_time(
    tmp_path, extract, pixels, monkeypatch
):
    def denied(dir):
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr("tempfile.TemporaryFile", denied)
    monkeypatch.setattr("jaxprune_ports.extraction.extract.stream", pytest.fail)
    with pytest.raises(PermissionError, match=r"cannot be written \(Permission denied"):
        extract(pixels, out=tmp_path / "x.h5")


@pytest.mark.parametrize("whole", [False, True])
def test_a_run_that_begins_with_an_error_leaves_nothing(
    tmp_path, extract, folder, whole
):
    (folder / "a" / "1.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match="1.png could not be read"):
        extract(folder, None, out=tmp_path / "new" / "deep" / "x.h5", whole=whole)
    assert not (tmp_path / "new").exists()

"""What is kept of long work: found again, or made again, and never mixed up."""

import numpy as np
import pytest

from jaxprune.io.checkpoints import Checkpoints, discard


@pytest.fixture
def kept(tmp_path):
    return Checkpoints(tmp_path / "parts", {"seed": 0})


def test_numbers_and_arrays_come_back_as_they_were(kept):
    content = {"x": 1.5, "nan": float("nan"), "names": ["a", "b"], "y": np.arange(3)}
    kept.save("step", content)
    found = kept.load("step")
    assert found["x"] == 1.5
    assert np.isnan(found["nan"])
    assert found["names"] == ["a", "b"]
    np.testing.assert_array_equal(found["y"], np.arange(3))
    assert found["y"].dtype == int


def test_what_was_computed_is_not_computed_again(kept):
    calls = []

    def compute():
        calls.append(1)
        return {"y": np.ones(2)}

    for _ in range(2):
        np.testing.assert_array_equal(kept.get("step", compute)["y"], 1)
    kept.get("step", compute, fold=1)
    kept.get("other", compute)
    assert len(calls) == 3


def test_settings_and_versions_do_not_mix(kept, monkeypatch):
    kept.save("step", {"x": 1}, fold=0)
    assert kept.load("step", fold=1) is None
    assert kept.load("step") is None
    assert Checkpoints(kept.folder, {"seed": 1}).load("step", fold=0) is None
    monkeypatch.setattr("jaxprune.io.checkpoints.__version__", "99")
    assert kept.load("step", fold=0) is None
    assert kept.differing("step", fold=0) == ["jaxprune"]


def test_tuples_are_settings_like_lists(kept):
    kept.save("step", {"x": 1}, layers=("V1", "IT"))
    assert kept.load("step", layers=["V1", "IT"]) == {"x": 1}


def test_why_something_is_not_found(kept):
    assert kept.differing("step") is None
    kept.save("step", {"x": 1}, lr=0.1, epochs=3)
    assert kept.differing("step", lr=0.2, epochs=3) == ["lr"]
    assert kept.differing("ste", lr=0.1) is None
    (file,) = kept.folder.iterdir()
    file.write_bytes(file.read_bytes()[:-30])
    assert kept.load("step", lr=0.1, epochs=3) is None
    assert kept.differing("step", lr=0.1, epochs=3) == []


def test_a_step_is_written_at_once_or_not_at_all(kept, monkeypatch):
    kept.save("step", {"y": np.zeros(3)})

    def full(stream, **arrays):
        stream.write(b"some of it")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        kept.save("step", {"y": np.ones(3)})
    np.testing.assert_array_equal(kept.load("step")["y"], 0)
    assert len(list(kept.folder.iterdir())) == 1


def test_what_is_forgotten(kept):
    kept.save("step", {"x": 1})
    kept.save("step", {"x": 2}, fold=1)
    kept.remove("step")
    assert kept.load("step") is None
    assert kept.load("step", fold=1) == {"x": 2}
    (kept.folder / "of_the_user").touch()
    discard(kept.folder, "step")
    assert [path.name for path in kept.folder.iterdir()] == ["of_the_user"]
    (kept.folder / "of_the_user").unlink()
    discard(kept.folder, "step")
    assert not kept.folder.exists()


def test_without_a_folder_nothing_is_kept_or_asked():
    def settings():
        raise AssertionError("asked")

    nowhere = Checkpoints.of(None, settings)
    assert nowhere.get("step", lambda: {"x": 1}) == {"x": 1}
    assert nowhere.load("step") is None
    assert nowhere.waiting("step") is None
    assert nowhere.differing("step") is None
    nowhere.remove("step")


def test_where_unfinished_things_wait(kept):
    one, other = (kept.waiting("rows", ".h5", whole=w) for w in (True, False))
    assert one.parent == kept.folder
    assert one.suffix == ".h5"
    assert one != other

"""`jaxprune stimuli`: the design asked for, as its function draws it."""

import numpy as np
import pytest
from PIL import Image

from jaxprune.cli import main
from jaxprune.stimuli import DESIGNS, karami32, load_stimuli


def test_file_holds_what_the_design_draws(tmp_path, capsys):
    out, sheet = tmp_path / "dots.npz", tmp_path / "dots.png"
    words = ["stimuli", "karami32", "--out", str(out), "--sheet", str(sheet)]
    assert main([*words, "--instances", "1", "--seed", "3", "--size", "112"]) == 0
    saved, drawn = load_stimuli(out), karami32(1, 3, 112)
    np.testing.assert_array_equal(saved.images, drawn.images)
    assert saved.labels == drawn.labels
    with Image.open(sheet) as image:
        assert min(image.size) > 100
    text = capsys.readouterr().out
    assert "32 of 112 x 112 pixels" in text
    assert "6 10 17 29" in text
    assert max(map(len, text.splitlines())) <= 80 + len(str(tmp_path)) * 2


def test_folder_has_a_folder_for_each_condition(tmp_path):
    out = tmp_path / "dots"
    words = ["stimuli", "dot_arrays", "--out", str(out), "--instances", "2", "-q"]
    axes = ["--numerosities", "5", "10", "--sizes", "65536", "--spacings", "8388608"]
    assert main([*words, *axes]) == 0
    assert len(list(out.rglob("*.png"))) == 4
    assert len([place for place in out.iterdir() if place.is_dir()]) == 2


def test_every_design_is_offered_and_explained(capsys):
    with pytest.raises(SystemExit):
        main(["stimuli", "--help"])
    text = capsys.readouterr().out
    assert [name for name in DESIGNS if name not in text] == []


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--out", "dots.txt"], "dots.txt ends in '.txt'; expected .npz, or a folder"),
        (["--out", "file"], "file is a file; expected the name of a folder, or one"),
        (["--out", "full"], "the folder full holds files"),
        (["--out", "file/dots.npz"], "file cannot be written (Not a directory)"),
        (["--out", ""], "a path is empty"),
        (["--out", "~nobodyx/dots"], "the home directory of ~nobodyx is not known"),
        (["--out", "dots", "--sheet", "full"], "--sheet: full is a folder; expected"),
        (["--out", "dots", "--sheet", "a.txt"], "--sheet: a.txt is no picture; exp"),
        (["--out", "dots", "--sheet", ""], "a path is empty"),
        (["--out", "dots", "--sheet", "file/a.png"], "file cannot be written"),
    ],
)
def test_places_are_checked_before_anything_is_drawn(
    tmp_path, monkeypatch, capsys, words, match
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    monkeypatch.setattr("jaxprune.cli.commands.stimuli._draw", pytest.fail)
    assert main(["stimuli", "karami32", *words]) == 2
    error = capsys.readouterr().err
    assert match in error
    assert error.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"file", "full"}


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["karami32", "--sizes", "3"], "expected --sizes with dot_arrays only"),
        (["karami32", "--instances", "0"], "n_instances"),
        (["dot_arrays", "--sizes", "1e9", "--instances", "1"], "dots"),
    ],
)
def test_user_errors(tmp_path, capsys, words, match):
    out = tmp_path / "dots.npz"
    assert main(["stimuli", *words, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert match in error
    assert error.count("\n") == 1
    assert not out.exists()

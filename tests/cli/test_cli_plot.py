"""`jaxprune plot`: files for a paper, of one result or of several."""

import numpy as np
import pytest
from PIL import Image

import jaxprune as jp
from jaxprune.cli import main
from jaxprune.cli.commands import plot
from jaxprune.results.figures import PARTS


@pytest.fixture(scope="module")
def results(tmp_path_factory, features, targets):
    """Folder of two layers, as `prune --network` writes it."""
    folder = tmp_path_factory.mktemp("plot") / "pruned"
    result = jp.prune(features(), targets())
    labels = [f"c{i}" for i in range(result.n_conditions)]
    y, x = np.divmod(np.arange(result.n_units), 6)
    for layer in ("V4", "IT"):
        result.save(folder / layer, labels=labels, units={"y": y, "x": x})
    return folder


def run(*argv):
    return main(["plot", *map(str, argv)])


def test_names_of_parts():
    assert {name: part.shows for name, part in PARTS.items()} == plot.PARTS


@pytest.mark.slow
def test_every_part(results, tmp_path, capsys):
    pictures = tmp_path / "pictures"
    for i in range(9):
        (pictures / f"c{i}").mkdir(parents=True)
        Image.new("RGB", (20, 10), (20 * i, 0, 0)).save(pictures / f"c{i}" / "a.png")
    out = tmp_path / "figures"
    table = "condition,kind\n" + "".join(f"c{i},{'ab'[i % 2]}\n" for i in range(9))
    (tmp_path / "kinds.csv").write_text(table)
    given = ("--what", "all", "--images", pictures, "--out", out)
    given += ("--factors", tmp_path / "kinds.csv")
    assert run(results / "IT", *given) == 0
    text = capsys.readouterr().out
    assert "curve         89 x 64 mm, style column\n" in text
    for part in PARTS:
        assert (out / f"{part}.pdf").read_bytes().startswith(b"%PDF")
        assert f"{part}.pdf" in text
    assert "note          kind of the conditions: by label.\n" in text


def test_text_in_svg_stays_text(results, tmp_path, capsys):
    given = ("--what", "importance", "--format", "svg", "--out", tmp_path, "-q")
    assert run(results / "IT", *given) == 0
    assert capsys.readouterr().out == ""
    assert ">importance</text>" in (tmp_path / "importance.svg").read_text("utf-8")


def test_into_the_folder_of_the_result(results, capsys):
    assert run(results / "V4", "--format", "png") == 0
    assert (results / "V4" / "curve.png").exists()
    assert run(results / "V4", "--format", "png") == 0
    assert "(some were replaced)" in capsys.readouterr().out


def test_several_results_are_overlaid(results, tmp_path):
    given = ("--format", "svg", "--out", tmp_path, "--share")
    assert run(results, *given) == 0
    text = (tmp_path / "curve.svg").read_text("utf-8")
    assert ">IT: " in text
    assert ">V4: " in text
    assert run(f"seeds={results / 'IT'}", f"seeds={results / 'V4'}", *given) == 0
    assert "(n = 2)" in (tmp_path / "curve.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--what", "tree"], "'tree' is no part; choose from curve"),
        (["--share"], "--share was given with one result"),
        (["--images", "x"], "--images was given without mds"),
        (["--factors", "x"], "--factors was given without mds or dendrogram"),
        (["--width", "2"], "expected a width in mm"),
        (["--target-index", "4"], "expected 0 to 0"),
        (["../V4"], "--out: none given"),
        (["../V4", "--what", "rdms"], "--what rdms with several results"),
        (["../V4", "--out", "o", "--images", "x"], "--images was given with several"),
        (["--what", "mds", "--images", "nowhere"], "nowhere does not exist"),
        (["none"], "none is not a folder"),
    ],
)
def test_what_cannot_be_drawn(results, monkeypatch, capsys, argv, said):
    monkeypatch.chdir(results / "IT")
    try:
        status = run(".", *argv)
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_conditions_without_an_image(results, tmp_path, capsys):
    for i in range(8):
        (tmp_path / f"c{i}").mkdir()
        Image.new("L", (4, 4)).save(tmp_path / f"c{i}" / "a.png")
    given = ("--what", "mds", "--images", tmp_path, "--out", tmp_path)
    assert run(results / "IT", *given) == 0
    assert "note          No image of 1 conditions: 'c8'." in capsys.readouterr().out

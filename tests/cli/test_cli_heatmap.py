"""`jaxprune heatmap`: a pruned layer, its network, and images seen square by square."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import jaxprune as jp
import jaxprune.heatmaps
import jaxprune_ports as jpp
from jaxprune.cli import main

STEPS = ["--size", "64", "--crop", "none"]
SQUARES = ["--sizes", "16,24", "--stride", "16"]
UNITS = ("retained units", "all units")


def prune(*options, out="pruned"):
    argv = ["prune", "--network", "cornet_z", "--images", "pictures", "--layers", "IT"]
    argv += ["--weights", "cornet_z", "--target", "subjects.mat", *STEPS]
    assert main([*argv, "--out", out, "--no-figure", "--quiet", *options]) == 0


@pytest.fixture
def pruned(here):
    prune("--objective", "r2")
    return "pruned"


def heatmap(*options, image="dog/1.png", out="heat", pruned="pruned"):
    argv = ["heatmap", pruned, "--images", "pictures", "--image", image, *STEPS]
    weights = [] if "--untrained" in options else ["--weights", "cornet_z"]
    squares = [] if "--sizes" in options else SQUARES
    return main([*argv, "--out", out, *weights, *squares, *options])


def maps(file="heat/heatmaps.npz"):
    with np.load(file, allow_pickle=False) as found:
        return dict(found)


def expected(name, condition, result, target, **options):
    """Maps as the functions of the two packages make them."""
    steps = jpp.Preprocessing(64, None)
    net = jpp.load("cornet_z")
    found = jpp.extract(net, "pictures", layers=["IT"], preprocessing=steps)
    with Image.open(f"pictures/{name}") as image:
        (pixels,) = steps([image])

    def respond(x):
        return jpp.activations(net, np.asarray(x), ["IT"], batch_size=8)["IT"]

    return jaxprune.heatmaps.occlusion_maps(
        respond,
        pixels,
        np.delete(found.features["IT"], condition, 0),
        np.delete(target[condition], condition),
        dict(zip(UNITS, (result, None), strict=True)),
        sizes=(16, 24),
        stride=16,
        **options,
    )


def check(found, image, wanted):
    for k, heatmap in enumerate(wanted.values()):
        np.testing.assert_allclose(found["maps"][image, k], heatmap.maps, atol=1e-6)
        np.testing.assert_allclose(found["heat"][image, k], heatmap.heat, atol=1e-6)
        assert found["baseline"][image, k] == pytest.approx(heatmap.baseline, abs=1e-6)


def test_files(pruned, capsys):
    assert heatmap() == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80
    assert {path.name for path in Path("heat").iterdir()} == {
        *("dog_1.png", "heatmaps.npz", "summary.json", "parts")
    }
    result = jp.Pruning.load("pruned")
    target = np.load("in_order.npy")[0]
    found = maps()
    check(found, 0, expected("dog/1.png", 3, result.retained[0], target))
    assert found["images"].tolist() == ["dog/1.png"]
    assert found["conditions"].tolist() == ["dog"]
    assert found["units"].tolist() == [*UNITS]
    assert found["positions"].shape == (4, 4, 2)
    summary = json.loads(Path("heat/summary.json").read_text())
    assert summary["target"] == "target 0 of 2"
    assert summary["conditions_matched"] == "by label"
    assert summary["rdm_correlation"] == pytest.approx(1)
    assert summary["inputs"]["layer"] == "IT"
    image = summary["images"]["dog/1.png"]
    heat = found["heat"][0, 0]
    assert image["retained units"]["peak"] == heat.max()
    y, x = found["positions"][np.unravel_index(heat.argmax(), heat.shape)]
    assert image["retained units"]["peak_at"] == {"x": x, "y": y}
    with Image.open("heat/dog_1.png") as picture:
        assert picture.width > 1000


@pytest.mark.slow
def test_one_of_several_targets(pruned):
    target = np.load("in_order.npy")[1]
    assert heatmap("--target-index", "1", "--quiet") == 0
    retained = jp.Pruning.load("pruned").retained[1]
    check(maps(), 0, expected("dog/1.png", 3, retained, target))


@pytest.mark.slow
def test_pooled_targets_and_the_objective_of_the_pruning(here):
    prune("--pool", "mean")
    target = np.load("in_order.npy").mean(0)
    assert heatmap("--quiet") == 0
    retained = jp.Pruning.load("pruned").retained
    check(maps(), 0, expected("dog/1.png", 3, retained, target, objective="r"))


@pytest.mark.slow
def test_conditions_in_another_order(pruned):
    assert heatmap("--quiet", image="bear") == 0
    assert maps()["images"].tolist() == ["bear/1.png", "bear/2.png"]
    net, steps = jpp.load("cornet_z"), jpp.Preprocessing(64, None)
    found = jpp.extract(net, "pictures", layers=["IT"], preprocessing=steps)
    labels = found.conditions.labels[::-1]
    np.savez("features.npz", x=found.features["IT"][::-1], labels=labels)
    argv = ["prune", "features.npz", "subjects.mat", "--out", "other", "--quiet"]
    assert main([*argv, "--objective", "r2", "--no-figure"]) == 0
    named = ["--network", "cornet_z", "--layers", "IT", "--quiet"]
    assert heatmap(*named, image="bear", pruned="other", out="again") == 0
    first, second = maps(), maps("again/heatmaps.npz")
    np.testing.assert_allclose(first["baseline"], second["baseline"])
    np.testing.assert_allclose(first["maps"], second["maps"], atol=1e-9)


def test_interrupted(pruned, monkeypatch, capsys):
    mapped = []
    real = jaxprune.heatmaps.occlusion_maps

    def counted(*args, **options):
        if len(mapped) == 1:
            raise KeyboardInterrupt
        mapped.append(options["title"])
        return real(*args, **options)

    monkeypatch.setattr(jaxprune.heatmaps, "occlusion_maps", counted)
    both = {"image": "cup/2.png, dog/1.png"}
    assert heatmap(**both) == 130
    assert {path.name for path in Path("heat").iterdir()} == {"parts"}
    assert capsys.readouterr().err == "jaxprune: interrupted\n"
    mapped.clear()
    assert heatmap(**both) == 0
    assert mapped == ["dog/1.png (2 of 2)"]
    found = maps()
    assert found["images"].tolist() == ["cup/2.png", "dog/1.png"]
    monkeypatch.setattr(jaxprune.heatmaps, "occlusion_maps", real)
    assert heatmap(out="alone") == 0
    assert heatmap("--quiet", image="cup/2.png", out="other") == 0
    for k, folder in enumerate(("other", "alone")):
        alone = maps(f"{folder}/heatmaps.npz")["maps"][0]
        np.testing.assert_array_equal(found["maps"][k], alone)


@pytest.mark.slow
def test_other_settings_are_mapped_again(pruned, monkeypatch):
    assert heatmap("--quiet") == 0
    assert heatmap("--quiet", "--sizes", "8", "--stride", "16") == 0
    assert maps()["maps"].shape == (1, 2, 1, 4, 4)


def test_another_network(pruned, capsys):
    assert heatmap("--untrained", "--quiet") == 0
    err = capsys.readouterr().err
    assert err.startswith("jaxprune: warning: the RDM of IT correlates only r = ")
    assert json.loads(Path("heat/summary.json").read_text())["rdm_correlation"] < 0.999


def test_names_of_figures_and_many_images(pruned, monkeypatch, capsys):
    def mapped(respond, image, others, row, subsets, **options):
        map_ = np.full((2, 4, 4), np.nan)
        one = jaxprune.heatmaps.HeatMap(map_, 0.5, np.zeros((4, 4, 2)), (16, 24), 16)
        return dict.fromkeys(subsets, one)

    monkeypatch.setattr(jaxprune.heatmaps, "occlusion_maps", mapped)
    monkeypatch.setattr(
        "jaxprune.heatmaps.figure.heatmap_figure", lambda *_: Figure((1, 1))
    )
    monkeypatch.setattr("jaxprune.cli.commands._heatmap_files.ROWS", 3)
    assert heatmap(image="all") == 0
    out = capsys.readouterr().out
    assert "and 5 more in summary.json" in out
    assert "undefined" in out
    assert len(list(Path("heat").glob("*.png"))) == 8
    image = json.loads(Path("heat/summary.json").read_text())["images"]["dog/2.png"]
    assert image["figure"] == "dog_2.png"
    assert image["all units"] == {
        "baseline": 0.5,
        "peak": None,
        "peak_at": None,
        "n_undefined": 32,
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--image", "cat"], "image: 'cat' is neither an image nor a condition"),
        (["--layers", "V4,IT"], "layers: V4, IT given; expected the one"),
        (["--layers", "V4"], "V4 of cornet_z has 4,096 units for images of 64 x 64, "),
        (["--size", "96"], "IT of cornet_z has 4,608 units for images of 96 x 96"),
        (["--sizes", "64"], "a square of 64 pixels is as wide or high as the image"),
        (["--stride", "0"], "stride=0: expected whole numbers"),
        (["--target-index", "2"], "--target-index 2: there are 2 targets"),
        (["--network", "lenet5"], "weights: cornet_z holds cornet_z"),
    ],
)
def test_errors_come_before_anything_is_computed(
    pruned, monkeypatch, capsys, options, said
):
    def never(*_, **__):
        raise AssertionError("computed before everything was checked")

    monkeypatch.setattr("jaxprune_ports.extract", never)
    assert heatmap(*SQUARES, *options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert said in err
    assert not Path("heat").exists()


def test_no_network_is_known(pruned, capsys):
    summary = json.loads(Path("pruned/summary.json").read_text())
    Path("pruned/summary.json").write_text(json.dumps(summary | {"inputs": {}}))
    assert heatmap() == 2
    said = "network: none given, and pruned was pruned from a file of features"
    assert said in capsys.readouterr().err
    assert heatmap(pruned="nowhere") == 2
    assert "nowhere is not a folder" in capsys.readouterr().err


def test_metrics_without_rows(pruned, capsys):
    result = jp.Pruning.load("pruned")
    settings = dataclasses.replace(result.settings, metric="poisson")
    dataclasses.replace(result, settings=settings).save("pruned", figure=False)
    assert heatmap() == 2
    assert "--metric poisson is not known; choose from" in capsys.readouterr().err

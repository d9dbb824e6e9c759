"""`jaxprune prune --readout` and `heatmap --by maps`, on a small network."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jaxprune as jp
import jaxprune_ports as jpp
from jaxprune.cli import main
from jaxprune.heatmaps import in_pixels, top_pixels, weighted_maps

STEPS = ["--size", "64", "--crop", "none"]
NETWORK = ["--weights", "cornet_z", "--images", "pictures", *STEPS]


@pytest.fixture
def pruned(here):
    """IT of CORnet-Z by channel, read at the logits."""
    argv = ["prune", "--network", "cornet_z", "--layers", "IT", "--readout", "logits"]
    argv += ["--groups", "channel", "--target", "subjects.mat", "--out", "pruned"]
    options = ["--sizes", "4", "--pool", "mean", "--precision", "float32"]
    assert main([*argv, *NETWORK, *options, "--no-figure", "--quiet"]) == 0
    return jp.Pruning.load("pruned")


def heatmap(*options, out="heat", image="dog/1.png"):
    argv = ["heatmap", "pruned", *NETWORK, "--image", image, "--out", out]
    return main([*argv, "--by", "maps", *options])


def network():
    net, steps = jpp.load("cornet_z"), jpp.Preprocessing(64, None)
    found = jpp.extract(net, "pictures", layers=["IT"], preprocessing=steps)
    readout = jpp.from_layer(net, "IT", to="logits", shape=(512, 2, 2))
    return net, steps, found.features["IT"], readout


def test_prune_and_map(pruned, capsys):
    net, steps, features, readout = network()
    target = np.load("in_order.npy")
    options = {"groups": np.arange(2048) // 4, "precision": "float32"}
    again = jp.prune(features, target, readout=readout, sizes=4, pool="mean", **options)
    np.testing.assert_allclose(pruned.importance, again.importance, atol=1e-6)
    assert pruned.settings.readout == "cornet_z from IT to logits"
    summary = json.loads(Path("pruned/summary.json").read_text())
    assert summary["inputs"]["readout"] == "logits"

    Path("second").mkdir()
    (Path("second") / "dog").mkdir()
    second = np.zeros((64, 64))
    second[:16, :16] = 1
    np.save("second/dog/1.npy", second)
    assert heatmap("--beside", "second") == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "shared with the second map" in out
    with np.load("heat/heatmaps.npz") as found:
        found = dict(found)
    with Image.open("pictures/dog/1.png") as image:
        (pixels,) = steps([image])
    units = jpp.activations(net, pixels[None], ["IT"])["IT"][0]
    wanted = weighted_maps(
        units,
        np.asarray(readout(features))[:3],
        target.mean(0)[3, :3],
        (512, 2, 2),
        (64, 64),
        readout=readout,
    )
    np.testing.assert_allclose(found["weights"][0], wanted.weights, atol=1e-5)
    np.testing.assert_allclose(found["heat"][0, 1], wanted.heat, atol=1e-5)
    assert found["units"].tolist() == ["retained maps", "all maps"]
    summary = json.loads(Path("heat/summary.json").read_text())
    assert summary["by"] == "maps"
    assert summary["rdm_correlation"] == pytest.approx(1)
    shares = summary["images"]["dog/1.png"]["all maps"]["overlap"]
    assert [*shares] == ["0.05", "0.10", "0.15"]
    assert shares["0.05"]["chance"] == pytest.approx(205 / 4096)
    common = top_pixels(in_pixels(wanted.heat, (64, 64)), 0.1)
    common &= top_pixels(second, 0.1)
    assert shares["0.10"]["overlap"] == pytest.approx(common.sum() / 410, abs=0.01)

    # Done before, beside the maps of this run: the same pixels.
    assert heatmap("--beside", "heat", out="again") == 0
    summary = json.loads(Path("again/summary.json").read_text())
    shares = summary["images"]["dog/1.png"]["retained maps"]["overlap"]
    assert {one["overlap"] for one in shares.values()} == {1}


ERRORS = {
    ("--sizes", "24"): "--sizes was given with --by maps",
    ("--readout", "IT"): "'IT' does not come after 'IT'",
    ("--by", "occlusion"): "the RDM is read at logits, and squares are scored by",
    ("--beside", "nowhere"): "beside: there is no",
    ("--beside", "two"): "two has 2 maps of dog/1.png; expected one",
    ("--beside", "pictures/dog/1.png", "--image", "dog"): "is one map, and 2 images",
}


def test_errors_come_before_anything_is_computed(pruned, monkeypatch, capsys):
    Path("two/dog").mkdir(parents=True)
    for suffix in (".npy", ".png"):
        Path(f"two/dog/1{suffix}").touch()
    monkeypatch.setattr("jaxprune_ports.extract", None)
    for options, said in ERRORS.items():
        assert heatmap(*options) == 2
        assert said in capsys.readouterr().err


def test_readout_needs_a_network(here, capsys):
    assert main(["prune", "x.npy", "t.npy", "--readout", "IT", "--out", "out"]) == 2
    assert "--readout was given without --network" in capsys.readouterr().err

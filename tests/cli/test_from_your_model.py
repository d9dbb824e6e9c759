"""The commands of the page "Networks of PyTorch", in a process of their own."""

import csv
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jaxprune as jp
from jaxprune.io import load_features, load_target

for package in ("torch", "torchvision", "transformers"):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"needs {package}", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
SECTION = (ROOT / "docs" / "guide" / "torch.md").read_text(encoding="utf-8")
NAMES = [f"word{k}" for k in range(9)]  # as everywhere: kernels are compiled once
MODULE = """
import torch
import jaxprune_ports

class Patches(torch.nn.Module):
    def forward(self, x):
        return x.reshape(len(x), -1, 24)

def build():
    net = torch.nn.Sequential()
    net.blocks = torch.nn.Sequential(Patches(), torch.nn.Linear(24, 24))
    net.preprocessing = jaxprune_ports.Preprocessing(8, None)
    return net
"""
# Most of the time of a process are imports: one runs all commands.
PROGRAM = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from jaxprune.cli import main
from tests import tiny_models

commands, names = json.load(sys.stdin)
tiny_models.resnet18("resnet18.pth")
tiny_models.bert("bert", names)
said = []
for argv in commands:
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            status = main(argv)
        except SystemExit as end:
            status = end.code
    said.append((status, out.getvalue(), err.getvalue()))
print(json.dumps(said))
"""
READ = "--images pictures --layers"
# What cannot be asked for, and the message.
REFUSED = {
    f"extract torchvision:resnet81 --untrained {READ} fc": "expected one of 'resnet1",
    f"extract torchvision:resnet18 {READ} fc": "neither of --weights and --untrained",
    f"extract torchvision:resnet18 --untrained {READ} fk": "expected one of 'fc'",
    f"extract module:mymodel:bild {READ} fc": "no function 'bild'; expected",
    f"extract module:mymodel:build {READ} blocks.1": "expected token: one of cls, mean",
    f"extract module:mymodel:build {READ} blocks.*.x": "no layer is called 'blocks.*",
    f"extract module:mymodel:build {READ} blocks.1 --token cls --size 9": (
        "cannot be run on images of shape (9, 9, 3)"
    ),
    f"extract module:mymodel:build {READ} all --token cls --relu": "name the ReLU",
    f"extract module:mymodel:build {READ} all --partial": "needs all of its weights",
    f"extract hf:bert --token cls {READ} all": "reads texts; expected --texts FILE",
    "extract hf:bert --token cls --texts words.txt --seed 3 --layers all": (
        "--seed was given with hf:bert, which has its own weights"
    ),
    "extract module:mymodel:build --texts words.txt --layers all": (
        "which reads images; expected --images"
    ),
    f"extract cornet_z --untrained {READ} IT --token cls": "which is no network of PyT",
    "heatmap images/blocks.1 --images pictures --image all": (
        "heat maps are made of those that `jaxprune networks` lists"
    ),
}


def commands():
    (block,) = re.findall(r"^```bash\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
    lines = [shlex.split(line) for line in block.replace("\\\n", " ").splitlines()]
    assert all(line[0] == "jaxprune" for line in lines)
    return [line[1:] for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What a user has, under the names in the text."""

    folder, rng = tmp_path_factory.mktemp("user"), np.random.default_rng(0)
    for name in NAMES:
        (folder / "pictures" / name).mkdir(parents=True)
        pixels = rng.integers(0, 256, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / name / "1.png")
    (folder / "mymodel.py").write_text(MODULE)
    (folder / "words.txt").write_text("\n".join(NAMES))
    points = rng.normal(size=(9, 3))
    rdm = np.linalg.norm(points[:, None] - points, axis=-1).round(1)
    table = [",".join([n, *map(str, row)]) for n, row in zip(NAMES, rdm, strict=True)]
    (folder / "rdm.csv").write_text("\n".join([",".join(["", *NAMES]), *table]))
    pairs = [
        f"{NAMES[i]},{NAMES[j]},{9 - rdm[i, j]}" for i in range(9) for j in range(i)
    ]
    (folder / "pairs.csv").write_text("\n".join(pairs))
    return folder


@pytest.fixture(scope="module")
def said(folder):
    """Status, output and messages: of the page's commands, and of those refused."""
    refused = [shlex.split(line) for line in REFUSED]
    for line in refused:
        line += ["--out", "no.h5" if line[0] == "extract" else "no"]
    images = [*commands()[2], "--no-figure"], [*commands()[3], "--no-figure"]
    again = ["extract", "module:mymodel:build", *shlex.split(f"{READ} blocks.1")]
    again += shlex.split("--token mean --torch-dtype bfloat16 --out half.h5")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([[*commands()[:2], *images, again, *refused], NAMES]),
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "ports")])},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_commands_of_the_page(folder, said):
    assert len(commands()) == 4
    for status, out, err in said[:5]:
        assert (status, err) == (0, "")
        assert all(line.isascii() and len(line) <= 80 for line in out.splitlines())
    networks, extract, images, words, half = (out for _, out, _ in said[:5])
    assert "layer1.0.relu@2          64 x 56 x 56" in networks
    assert (
        "shorter side 256, centre 224 x 224, 0..1, mean and std of ImageNet" in networks
    )
    assert "computed      float32 on cpu" in extract
    assert re.search(
        r"network       torchvision:resnet18, resnet18.pth, sha256 ", extract
    )
    assert "token         cls" in images
    assert "preprocessing BertTokenizer, at most 12 tokens" in words
    assert "computed      bfloat16 on cpu" in half


def test_images_to_a_file_and_to_retained_units(folder, said):
    for k in range(1, 5):
        found = load_features(folder / "features.h5", f"layer{k}")
        assert found.labels == tuple(NAMES)
        assert found.shape == (
            2 ** (k + 5),
            2 ** (7 - k) * 7 // 8,
            2 ** (7 - k) * 7 // 8,
        )
    with open(folder / "images/layers.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["layer"] for row in rows] == ["blocks.0", "blocks.1"]
    result = jp.Pruning.load(folder / "images/blocks.1")
    assert result.conditions == tuple(NAMES)
    assert result.n_units == 24
    summary = json.loads((folder / "images/summary.json").read_text())["inputs"]
    assert summary["network"] == "module:mymodel:build"
    assert summary["weights"] == "made by mymodel:build, seed 0"
    assert summary["token"] == "cls"
    assert summary["computed"] == "float32 on cpu"


def test_texts_to_retained_units(folder, said):
    names = [path.name for path in (folder / "words").iterdir() if path.is_dir()]
    assert sorted(names) == ["block.0", "block.1", "embeddings"]
    result = jp.Pruning.load(folder / "words/block.1")
    target = load_target(folder / "pairs.csv")
    assert set(result.conditions) == set(target.labels)
    summary = json.loads((folder / "words/summary.json").read_text())["inputs"]
    assert summary["n_texts"] == 9
    assert summary["token"] == "mean"
    assert len(summary["weights_sha256"]) == 64


def test_refused(folder, said):
    for (line, message), (status, out, err) in zip(
        REFUSED.items(), said[5:], strict=True
    ):
        assert (status, out) == (2, ""), line
        assert message in err, line
        assert err.count("\n") == 1, line
    assert not list(folder.glob("no*"))
